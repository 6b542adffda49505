#pragma once

#include <costate/ad/jacobian.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/optimizers/residual_objective.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// The plain numbers of a vector of residuals.
template <class R, class T>
void keep_residuals(const R& r, std::vector<T>& out) {
  static_assert(VectorLike<R>, "costate: residuals are a Vector, one number each");
  if (r.size() == 0) reject("residuals", "at least 1 number", "0");
  out.resize(r.size());
  for (std::size_t i = 0; i < r.size(); ++i) out[i] = static_cast<T>(plain(r[i]));
}

/// Jacobian by passes of Dual numbers: a solve inside carries eight sensitivities at once.
template <class F, class T, std::size_t M>
void forward_columns(const F& residuals, const Vector<T, M>& x, Linearization<T>& out) {
  constexpr std::size_t chunk = chunk_of<Vector<T, M>>;
  for (std::size_t first = 0; first < x.size(); first += chunk) {
    const auto r = residuals(seed_directions<chunk>(x, first));
    static_assert(!PlainScalar<scalar_of<decltype(r)>>,
                  "costate: these residuals are plain numbers, so their derivative would be zero: return the "
                  "numbers that were computed from the argument");
    if (first == 0) {
      keep_residuals(r, out.residuals);
      out.jacobian.resize(r.size() * x.size());
    }
    for (std::size_t i = 0; i < r.size(); ++i)
      for (std::size_t j = first; j < std::min(first + chunk, x.size()); ++j)
        out.jacobian[i + j * r.size()] = r[i].partial[j - first];
  }
}

/// Jacobian by one reverse sweep a residual over one recording.
template <class F, class T, std::size_t M>
void reverse_rows(const F& residuals, const Vector<T, M>& x, Linearization<T>& out) {
  const BorrowedTape<T> tape;
  const TapeScope<T> scope(tape.get());
  const auto variables = make_variables<T>(*tape, x);
  const auto r = residuals(variables);
  keep_residuals(r, out.residuals);
  const std::size_t m = r.size();
  out.jacobian.assign(m * x.size(), T(0));
  for (std::size_t i = 0; i < m; ++i) {
    if (r[i].index() < 0) continue;
    tape->forget_adjoints();
    tape->adjoints()[r[i].index()] = T(1);
    tape->sweep();
    const auto row = read_gradient<T>(*tape, variables, true);
    for (std::size_t j = 0; j < x.size(); ++j) out.jacobian[i + j * m] = row[j];
  }
  // the zeros that a failed solve pulls back are no derivative
  if (tape->failure_used())
    std::fill(out.residuals.begin(), out.residuals.end(), std::numeric_limits<T>::infinity());
}

/// Residuals and Jacobian at x: forward by eight parameters a pass, or reverse where the residuals are fewer
/// than the passes.
template <class F, class T, std::size_t M>
void linearize(const F& residuals, const Vector<T, M>& x, Linearization<T>& out) {
  out.x.assign(x.begin(), x.end());
  if constexpr (M == dynamic) {
    if (x.size() > 8) {
      if (out.residuals.empty()) keep_residuals(residuals(x), out.residuals);
      if (8 * out.residuals.size() < x.size()) return reverse_rows(residuals, x, out);
    }
  }
  forward_columns(residuals, x, out);
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
