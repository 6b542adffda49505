#pragma once

#include <costate/core/detail/simd.hpp>

#include <type_traits>
#include <utility>

/// Lanes moved within and between packs, and sums over lanes.
namespace costate::detail::simd {
inline namespace COSTATE_SIMD_NAMESPACE {

/// Rules for `shuffle`: the source of lane i, out of two packs of w lanes one after the other.
struct Identical {
  static constexpr int source(int i, int) { return i; }
};
struct LowerHalf {
  static constexpr int source(int i, int) { return i; }
};
struct UpperHalf {
  static constexpr int source(int i, int w) { return w / 2 + i; }
};
struct DuplicateLower {
  static constexpr int source(int i, int) { return i / 2; }
};
struct DuplicateUpper {
  static constexpr int source(int i, int w) { return w / 2 + i / 2; }
};
/// (a₀, b₀, a₁, b₁, …), and the same of the upper halves.
struct InterleaveLower {
  static constexpr int source(int i, int w) { return i % 2 * w + i / 2; }
};
struct InterleaveUpper {
  static constexpr int source(int i, int w) { return i % 2 * w + w / 2 + i / 2; }
};
struct Alternate {
  static constexpr int source(int i, int w) { return i % 2 * w; }
};
struct Even {
  static constexpr int source(int i, int) { return 2 * i; }
};
struct Odd {
  static constexpr int source(int i, int) { return 2 * i + 1; }
};
/// Lanes of a and b alternating, in the order that costs one instruction: the sum of First and Second holds
/// partial sums of a in its even lanes and of b in its odd lanes.
template <int Second>
struct Pair {
  static constexpr int source(int i, int w, int size) {
    const int group = 16 / size;
    return (i % 2) * w + i / group * group + (i % group) / 2 + Second * group / 2;
  }
};
/// Lanes (0, 1) of every four of a, then those of b; Second: lanes (2, 3).
template <int Second>
struct Quad {
  static constexpr int source(int i, int w) { return (i % 4 / 2) * w + i / 4 * 4 + i % 2 + 2 * Second; }
};
using PairFirst = Pair<0>;
using PairSecond = Pair<1>;
using QuadFirst = Quad<0>;
using QuadSecond = Quad<1>;

template <class Rule, class T, int W, int... I>
COSTATE_INLINE auto shuffle(Pack<T, W> a, Pack<T, W> b, std::integer_sequence<int, I...>) {
  using Result = Pack<T, int{sizeof...(I)}>;
  if constexpr (requires { Rule::source(0, 0, 0); }) {
    return Result(
        typename Result::Vector(__builtin_shufflevector(a.v, b.v, Rule::source(I, W, int{sizeof(T)})...)));
  } else {
    return Result(typename Result::Vector(__builtin_shufflevector(a.v, b.v, Rule::source(I, W)...)));
  }
}
template <class Rule, class T, int W>
COSTATE_INLINE Pack<T, W> shuffle(Pack<T, W> a, Pack<T, W> b) {
  return shuffle<Rule>(a, b, std::make_integer_sequence<int, W>{});
}
template <class T, int W>
COSTATE_INLINE Pack<T, W / 2> lower_half(Pack<T, W> a) {
  return shuffle<LowerHalf>(a, a, std::make_integer_sequence<int, W / 2>{});
}
template <class T, int W>
COSTATE_INLINE Pack<T, W / 2> upper_half(Pack<T, W> a) {
  return shuffle<UpperHalf>(a, a, std::make_integer_sequence<int, W / 2>{});
}
template <class T, int W>
COSTATE_INLINE Pack<T, 4> fold_to_four(Pack<T, W> a) {
  if constexpr (W == 4) {
    return a;
  } else {
    return fold_to_four(lower_half(a) + upper_half(a));
  }
}

template <int V, class T, int W>
COSTATE_INLINE Pack<T, V> first_lanes(Pack<T, W> a) {
  if constexpr (V == W) {
    return a;
  } else if constexpr (V == 1) {
    return Pack<T, 1>(a[0]);
  } else {
    return shuffle<Identical>(a, a, std::make_integer_sequence<int, V>{});
  }
}

/// Zeros behind.
template <int Wide, class T, int W>
COSTATE_INLINE Pack<T, Wide> widen(Pack<T, W> a) {
  if constexpr (W == Wide) {
    return a;
  } else if constexpr (W == 1) {
    typename Pack<T, Wide>::Vector r{};
    r[0] = a.v;
    return r;
  } else {
    return widen<Wide>(shuffle<Identical>(a, Pack<T, W>(T(0)), std::make_integer_sequence<int, 2 * W>{}));
  }
}

/// (a₀, a₀, a₁, a₁, …).
template <class T, int W>
COSTATE_INLINE Pack<T, 2 * W> duplicate(Pack<T, W> a) {
  if constexpr (W == 1) {
    return Pack<T, 2>(a.v);
  } else {
    return shuffle<DuplicateLower>(a, a, std::make_integer_sequence<int, 2 * W>{});
  }
}

/// (a₀ + a₁, a₂ + a₃, …).
template <class T, int W>
COSTATE_INLINE Pack<T, W / 2> sum_neighbors(Pack<T, W> a) {
  if constexpr (W == 2) {
    return Pack<T, 1>(a[0] + a[1]);
  } else {
    return shuffle<Even>(a, a, std::make_integer_sequence<int, W / 2>{}) +
           shuffle<Odd>(a, a, std::make_integer_sequence<int, W / 2>{});
  }
}

/// Horizontal sum.
template <class T, int W>
COSTATE_INLINE T sum(Pack<T, W> a) {
  if constexpr (W == 2) {
    return a.v[0] + a.v[1];
  } else {
    return sum(lower_half(a) + upper_half(a));
  }
}

/// Sums over the lanes whose index has the same remainder by 2: (even, odd).
template <class T, int W>
COSTATE_INLINE Pack<T, 2> sum_even_odd(Pack<T, W> a) {
  if constexpr (W == 2) {
    return a;
  } else {
    return sum_even_odd(lower_half(a) + upper_half(a));
  }
}

/// The sums of the lanes of a[c], c < C ≤ 4, by a tree that adds and transposes at once: C lanes, or four for
/// C = 3.
template <int C, class T, int W>
COSTATE_INLINE auto lane_sums(const Pack<T, W> (&a)[C]) {
  static_assert(C <= 4);
  if constexpr (C == 1) {
    return Pack<T, 1>(sum(a[0]));
  } else {
    const Pack<T, W> ab = shuffle<PairFirst>(a[0], a[1]) + shuffle<PairSecond>(a[0], a[1]);
    if constexpr (C == 2) {
      return sum_even_odd(ab);
    } else {
      const Pack<T, W> last = C == 3 ? Pack<T, W>(T(0)) : a[C - 1];
      const Pack<T, W> cd = shuffle<PairFirst>(a[2], last) + shuffle<PairSecond>(a[2], last);
      if constexpr (W == 2) {
        return shuffle<Identical>(ab, cd, std::make_integer_sequence<int, 4>{});
      } else {
        return fold_to_four(shuffle<QuadFirst>(ab, cd) + shuffle<QuadSecond>(ab, cd));
      }
    }
  }
}

/// x[c] += sum of the lanes of a[c], c < C ≤ 4.
template <int C, class T, int W>
COSTATE_INLINE void add_sums(const Pack<T, W> (&a)[C], T* x) {
  const auto s = lane_sums(a);
  if constexpr (C == 1) {
    x[0] += s.v;
  } else if constexpr (C == 4) {
    (Pack<T, 4>::load(x) + s).store(x);
  } else {
    for (int c = 0; c < C; ++c) x[c] += s[c];
  }
}

}  // namespace COSTATE_SIMD_NAMESPACE
}  // namespace costate::detail::simd
