#pragma once

#include <costate/ad/dual.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/solve/dense_output.hpp>
#include <costate/solve/setup.hpp>

#include <cstddef>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// One step whose start or end is a variable: the derivative of all that leaves it by the two ends, from one
/// pass with two directions, dotted with the cotangents. Only the first and the last step of a solve need it.
template <class Method, class F, class T, std::size_t N, class PT, std::size_t M>
class MovingStep {
  using D = Dual<T, 2>;
  using Rhs = BoundRhs<F, D, N, PT, M>;
  using Family = typename MethodFamily<Method>::template Step<Rhs, D, N, D>;

 public:
  MovingStep(const Method& method, const F& f, VectorView<const PT, M> p, std::size_t n)
      : family_(method, Rhs{&f, p, n}, n),
        n_(n),
        slot_(n * slot_vectors_of(family_)),
        dense_((degree_of(family_) + 1) * n) {}

  void run(const T* u, double t, double h, bool starts, bool ends) {
    for (std::size_t m = 0; m < n_; ++m) slot_[m] = D(u[m]);
    start_ = starts ? D::variable(T(t), 0) : D(T(t));
    D end(T(t + h));
    if (ends) end.partial[1] = T(1);
    size_ = end - start_;
    family_.restart(slot_.data(), start_);
    family_.step(slot_.data(), start_, size_);
    family_.dense_output(slot_.data(), start_, size_, dense_.data());
  }
  /// lambda: of the state at the end; carry: of the slope there, which the next step took over.
  void pull_state(const T* lambda, const T* carry) {
    add(family_.next_state(), lambda, n_);
    if constexpr (requires { family_.stage_slope(0); } && !Family::evaluates_at_accept)
      add(family_.stage_slope(Family::stages - 1), carry, n_);
  }
  /// Of a state read at theta: the interpolant changes, and theta itself while its time stands still (or
  /// moves with the start).
  void pull_read(double theta, const T* cotangent, bool moves_with_start) {
    D place = size_ * static_cast<base_t<T>>(theta) + start_;  // only its value is the time of the read
    for (auto& d : place.partial) d = T(0);
    if (moves_with_start) place.partial[0] = T(1);
    D moving = (place - start_) / size_;
    moving.value = static_cast<base_t<T>>(theta);
    for (std::size_t m = 0; m < n_; ++m) {
      const D value = evaluate_polynomial(dense_.data(), degree_of(family_), n_, m, moving);
      by_start_ = by_start_ + cotangent[m] * value.partial[0];
      by_end_ = by_end_ + cotangent[m] * value.partial[1];
    }
  }
  const T& by_start() const { return by_start_; }
  const T& by_end() const { return by_end_; }

 private:
  void add(const D* x, const T* cotangent, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      by_start_ = by_start_ + cotangent[i] * x[i].partial[0];
      by_end_ = by_end_ + cotangent[i] * x[i].partial[1];
    }
  }

  Family family_;
  std::size_t n_;
  Buffer<D> slot_, dense_;
  D start_{}, size_{};
  T by_start_{}, by_end_{};
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
