#pragma once

#include <costate/ad/partials.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/unroll.hpp>
#include <costate/core/vector.hpp>
#include <costate/methods/table_unrolling.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

namespace costate::detail {

/// Numbers in memory as a pack is read from it; one layout, whatever the flags of a file.
template <class T, std::size_t Lanes>
struct alignas(Lanes * sizeof(T) < 64 ? Lanes * sizeof(T) : 64) PaddedNumbers {
  T numbers[Lanes]{};
  T* data() { return numbers; }
  const T* data() const { return numbers; }
  const T& operator[](std::size_t m) const { return numbers[m]; }
};

}  // namespace costate::detail

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// Of its own, since g++ 12 drops the size where the number's type is not a template's argument.
template <class Number, std::size_t Bytes>
struct RegisterOf {
  typedef Number type __attribute__((vector_size(Bytes)));
};

/// The N numbers of a small state side by side in one register, zeros behind them. A sum over stages is an
/// instruction a term on it, where it takes N on the numbers; the term that the next evaluation of f waits
/// for is better added to the numbers, since f wants numbers and moving them out and in takes time.
///
/// In memory a pack is written and read as a whole: a register read from numbers that were just written one
/// by one waits until they have reached the cache.
template <class T, std::size_t N>
struct StatePack {
  static constexpr std::size_t lanes = padded<T>(N) * sizeof(T) < 16 ? 16 / sizeof(T) : padded<T>(N);
  static constexpr std::size_t bytes = lanes * sizeof(T);
  typedef T Pack __attribute__((vector_size(bytes)));

  using Stored = PaddedNumbers<T, lanes>;
  [[gnu::always_inline]] static Pack load(const Stored& from) {
    Pack pack;
    std::memcpy(&pack, from.numbers, sizeof pack);
    return pack;
  }
  [[gnu::always_inline]] static void store(Stored& to, const Pack& pack) {
    std::memcpy(to.numbers, &pack, sizeof pack);
  }
  // A copy of a part of a register is made in memory, and read back before it is there; words of 8 bytes are
  // moved by themselves.
  static constexpr std::size_t words = N * sizeof(T) / 8;
  static constexpr bool in_words = N < lanes && N * sizeof(T) % 8 == 0;
  using Words = typename RegisterOf<std::uint64_t, bytes>::type;
  /// To N numbers with others behind them.
  [[gnu::always_inline]] static void write(T* to, const Pack& pack) {
    if constexpr (in_words) {
      const Words from = (Words)pack;
      for (std::size_t i = 0; i < words; ++i) {
        const std::uint64_t word = from[i];
        std::memcpy(to + i * (8 / sizeof(T)), &word, sizeof word);
      }
    } else {
      std::memcpy(to, &pack, N * sizeof(T));
    }
  }
  [[gnu::always_inline]] static Pack read(const T* from) {
    if constexpr (in_words) {
      Words to{};
      for (std::size_t i = 0; i < words; ++i) {
        std::uint64_t word;
        std::memcpy(&word, from + i * (8 / sizeof(T)), sizeof word);
        to[i] = word;
      }
      return (Pack)to;
    } else if constexpr (N < lanes) {
      return of(from);
    } else {
      Pack pack;
      std::memcpy(&pack, from, sizeof pack);
      return pack;
    }
  }
  [[gnu::always_inline]] static Pack of(const T* numbers) {
    return [&]<std::size_t... M>(std::index_sequence<M...>) __attribute__((always_inline)) {
      return Pack{numbers[M]...};
    }
    (std::make_index_sequence<N>{});
  }
};

/// The slopes of a step of size h as packs, for sums over them (backwards: their cotangents).
template <class T, std::size_t N, std::size_t Count>
class PackedSlopes {
  using P = StatePack<T, N>;

 public:
  using Pack = typename P::Pack;

  explicit PackedSlopes(T h) : h_(h) {}
  template <std::size_t I>
  [[gnu::always_inline]] inline void load(const typename P::Stored& k) {
    scaled_[I] = h_ * P::load(k);
    for_components<N>(
        N, [&](std::size_t m) __attribute__((always_inline)) { numbers_[I][m] = k[m]; });
  }
  /// Takes the slope of stage I and gives it back as a pack.
  template <std::size_t I>
  [[gnu::always_inline]] inline Pack set(const T* k) {
    const Pack pack = P::of(k);
    scaled_[I] = h_ * pack;
    for_components<N>(
        N, [&](std::size_t m) __attribute__((always_inline)) { numbers_[I][m] = k[m]; });
    return pack;
  }
  /// base + h Σ row[j] kⱼ over the bits of Bits.
  template <std::uint64_t Bits, class Row>
  [[gnu::always_inline]] inline Pack sum(Pack base, [[maybe_unused]] const Row& row) const {
    [&]<std::size_t... J>(std::index_sequence<J...>) __attribute__((always_inline)) {
      ((base = base + static_cast<T>(row[J]) * scaled_[J]), ...);
    }
    (places<Bits>());
    return base;
  }
  /// The same as numbers, the newest last.
  template <std::uint64_t Bits, std::size_t Newest = std::bit_width(Bits) - 1, class Row>
  [[gnu::always_inline]] inline void sum(T* out, Pack base, const Row& row) const {
    if constexpr (Bits == 0) {
      for_components<N>(
          N, [&](std::size_t m) __attribute__((always_inline)) { out[m] = base[m]; });
    } else {
      base = sum<Bits & ~(std::uint64_t{1} << Newest)>(base, row);
      const T weight = static_cast<T>(h_ * row[Newest]);
      for_components<N>(
          N, [&](std::size_t m)
                 __attribute__((always_inline)) { out[m] = base[m] + weight * numbers_[Newest][m]; });
    }
  }

 private:
  T h_;
  Pack scaled_[Count];
  T numbers_[Count][N];
};

/// Whether numbers like these have a pack at all, and one of one register.
template <class T, std::size_t N>
constexpr bool may_have_pack() {
  return std::is_floating_point_v<T> && N >= 1 && N <= 16;
}
template <class T, std::size_t N>
constexpr bool fits_pack() {
  if constexpr (may_have_pack<T, N>())
    return StatePack<T, N>::bytes <= register_bytes;
  else
    return false;
}

/// How a slope is kept.
template <class T, std::size_t N, bool AsPack>
struct SlopeOf {
  using type = Vector<T, N>;
};
template <class T, std::size_t N>
struct SlopeOf<T, N, true> {
  using type = typename StatePack<T, N>::Stored;
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
