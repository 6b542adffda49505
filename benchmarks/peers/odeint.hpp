#pragma once

#include <algorithm>
#include <array>
#include <boost/numeric/odeint.hpp>
#include <cstddef>
#include <vector>

namespace peers {

/// A model problem in Boost.odeint's terms: std::array as the state, the right-hand side inlined.
template <class M>
class OdeintModel {
 public:
  static constexpr std::size_t states = M::u0.size();
  using State = std::array<double, states>;

  OdeintModel(std::vector<double> times, double tolerance)
      : tolerance_(tolerance), times_(std::move(times)), saved_(states * times_.size()) {
    std::copy(M::p.begin(), M::p.end(), p_.begin());
    std::copy(M::u0.begin(), M::u0.end(), u0_.begin());
  }
  const std::vector<double>& saved() const { return saved_; }
  long rhs_evaluations() const { return evaluations_; }

 protected:
  template <class Stepper>
  void integrate(const Stepper& stepper) {
    asm volatile("" : "+m"(p_), "+m"(u0_) : : "memory");  // nothing is known of them
    long evaluations = 0;
    const auto rhs = [&](const State& u, State& du, double t) {
      ++evaluations;
      M::f(du, u, p_, t);
    };
    double* out = saved_.data();
    State u = u0_;
    boost::numeric::odeint::integrate_times(
        stepper, rhs, u, times_.begin(), times_.end(), 1e-3,
        [&out](const State& at, double /*t*/) { out = std::copy(at.begin(), at.end(), out); });
    evaluations_ = evaluations;
  }
  double tolerance_;

 private:
  std::vector<double> times_, saved_;
  std::array<double, M::p.size()> p_{};
  State u0_{};
  long evaluations_ = 0;
};

/// Dormand–Prince 5(4), saved points read off its dense output.
template <class M>
class OdeintDense : public OdeintModel<M> {
 public:
  using OdeintModel<M>::OdeintModel;
  void solve() {
    using namespace boost::numeric::odeint;
    this->integrate(make_dense_output(this->tolerance_, this->tolerance_,
                                      runge_kutta_dopri5<typename OdeintModel<M>::State>()));
  }
};

/// Fehlberg 7(8), which has no dense output: steps end on the saved points.
template <class M>
class OdeintControlled : public OdeintModel<M> {
 public:
  using OdeintModel<M>::OdeintModel;
  void solve() {
    using namespace boost::numeric::odeint;
    this->integrate(make_controlled(this->tolerance_, this->tolerance_,
                                    runge_kutta_fehlberg78<typename OdeintModel<M>::State>()));
  }
};

}  // namespace peers
