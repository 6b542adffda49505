#pragma once

#include <cstddef>

namespace costate::detail {

/// The compiled loops over states of run-time size: every pass reads each of its vectors once and writes its
/// result once, whatever the number of terms. T is float or double; no alignment is assumed; out may be the
/// base or one of the terms.

/// From this many numbers on they are worth the call.
inline constexpr std::size_t weighted_sum_from = 16;
/// weighted_error takes no more terms.
inline constexpr std::size_t most_terms = 64;

/// out = base + Σⱼ weights[j] terms[j], summed in this order; base null: from zero.     [n] each
template <class T>
void weighted_sum(T* out, const T* base, const T* const* terms, const T* weights, std::size_t count,
                  std::size_t n);

/// Σₘ (eₘ / (abstolₘ + reltolₘ max(|beforeₘ|, |afterₘ|)))²,   e = Σⱼ weights[j] terms[j]
///
/// abstols and reltols, where not null, have a number for every component.
template <class T>
struct ScaledErrorOf {
  const T* before;
  const T* after;
  T abstol, reltol;
  const T* abstols;
  const T* reltols;
};
template <class T>
double weighted_error(const ScaledErrorOf<T>& scale, const T* const* terms, const T* weights,
                      std::size_t count, std::size_t n);

/// Terms of a sum as they are found; of no more than Most.
template <class T, std::size_t Most>
class TermList {
 public:
  [[gnu::always_inline]] inline void operator()(T weight, const T* term) {
    weights_[count_] = weight;
    terms_[count_++] = term;
  }
  void add_to(T* out, const T* base, std::size_t n) const {
    weighted_sum(out, base, terms_, weights_, count_, n);
  }
  double error(const ScaledErrorOf<T>& scale, std::size_t n) const {
    return weighted_error(scale, terms_, weights_, count_, n);
  }

 private:
  const T* terms_[Most];
  T weights_[Most];
  std::size_t count_ = 0;
};

}  // namespace costate::detail
