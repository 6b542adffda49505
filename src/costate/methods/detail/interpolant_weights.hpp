#pragma once

#include <costate/ad/partials.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/methods/explicit_tableau.hpp>
#include <costate/methods/table_unrolling.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// The dense output of a table at one place θ as weights of what it is made of,
///
///     u(t + θh) = u + w₀(θ) (u₊ − u) + h Σⱼ wⱼ(θ) kⱼ,      w_place(θ) = Σ_q θ^(q+1) powers[q][place]
///
/// where w₀ stands only where the table has an increment (see DenseWeights) and j runs over the slopes that
/// enter. A read costs a weight and a multiply-add for each of them; coefficients of the polynomial cost that
/// for each of its powers.
template <class Method, class Real>
struct InterpolantWeights {
  static constexpr auto split = dense_weights(Method::tableau);
  static constexpr std::size_t degree = std::remove_cvref_t<decltype(Method::tableau)>::degree;
  static constexpr std::size_t increments = split.has_increment ? 1 : 0;
  static constexpr bool enters(std::size_t slope) { return nonzero(split.rest[slope]) != 0; }
  /// A bit for each slope that enters.
  static constexpr std::uint64_t slopes = [] {
    std::uint64_t bits = 0;
    for (std::size_t j = 0; j < split.rest.size(); ++j) bits |= std::uint64_t{enters(j)} << j;
    return bits;
  }();
  static constexpr std::size_t count = increments + std::popcount(slopes);
  /// Which weight is that of a slope that enters.
  static constexpr std::size_t place(std::size_t slope) {
    return increments + std::popcount(slopes & ((std::uint64_t{1} << slope) - 1));
  }

  explicit InterpolantWeights(Real theta) {
    for (std::size_t l = 0; l < padded; l += lanes) {
      Pack w = load(degree - 1, l) * theta;
      for (std::size_t q = degree - 1; q-- > 0;) w = (w + load(q, l)) * theta;
      std::memcpy(weights_ + l, &w, sizeof w);
    }
  }
  Real operator[](std::size_t i) const { return weights_[i]; }
  Real increment() const { return weights_[0]; }
  Real of(std::size_t slope) const { return weights_[place(slope)]; }

 private:
  static constexpr std::size_t lanes = register_bytes / sizeof(Real),
                               padded = count == 0 ? lanes : (count + lanes - 1) / lanes * lanes;
  typedef Real Pack __attribute__((vector_size(register_bytes)));
  struct alignas(64) Powers {
    Real of[degree][padded];
  };
  static constexpr Powers powers = [] {
    Powers result{};
    for (std::size_t q = 0; q < degree; ++q) {
      if (split.has_increment) result.of[q][0] = static_cast<Real>(split.increment[q]);
      for (std::size_t j = 0; j < split.rest.size(); ++j)
        if (enters(j)) result.of[q][place(j)] = static_cast<Real>(split.rest[j][q]);
    }
    return result;
  }();
  [[gnu::always_inline]] static Pack load(std::size_t q, std::size_t l) {
    Pack pack;
    std::memcpy(&pack, powers.of[q] + l, sizeof pack);
    return pack;
  }

  alignas(64) Real weights_[padded];
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
