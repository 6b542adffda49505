// The seam that later families stand on: a Rosenbrock step with its pullback, a step with noise and an event
// go through the same loop and the same record as the explicit methods, with nothing in the library knowing
// them.
#include <costate/losses/reductions.hpp>
#include <costate/random/philox.hpp>
#include <costate/sensitivity/check_gradient.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>

#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numbers>

namespace costate {
namespace {

/// (I − hJ) k = f(u), u₊ = u + h k: the linearly implicit Euler step for two components.
struct LinearlyImplicitEuler {
  static constexpr std::string_view name = "LinearlyImplicitEuler";
  PIController controller{.beta1 = 0.7, .beta2 = 0.4};
};

/// u₊ = u + h f(u) + sigma u √h ξ, ξ a normal number that is a function of (seed, t).
struct SeededEulerMaruyama {
  static constexpr std::string_view name = "SeededEulerMaruyama";
  std::uint64_t seed = 0;
  double sigma = 0.2;
  PIController controller{.beta1 = 0.7, .beta2 = 0.4};

  double normal(double t) const {
    const auto index = std::bit_cast<std::uint64_t>(t);
    return std::sqrt(-2 * std::log(uniform(seed, 0, index))) *
           std::cos(2 * std::numbers::pi * uniform(seed, 1, index));
  }
};

template <class T>
void solve_2x2(const T (&a)[2][2], const T* b, T* x) {
  const T determinant = a[0][0] * a[1][1] - a[0][1] * a[1][0];
  x[0] = (b[0] * a[1][1] - b[1] * a[0][1]) / determinant;
  x[1] = (b[1] * a[0][0] - b[0] * a[1][0]) / determinant;
}

/// I − hJ at u, by one pass of two directions.
template <class Rhs, class T, class Time>
void shifted_jacobian(const Rhs& rhs, const T* u, const Time& t, const T& h, T (&matrix)[2][2]) {
  using D = Dual<T, 2>;
  using F = std::remove_cvref_t<decltype(*rhs.f)>;
  using PT = scalar_of<decltype(rhs.p)>;
  const D x[2] = {D::variable(u[0], 0), D::variable(u[1], 1)};
  D dx[2];
  detail::BoundRhs<F, D, 2, PT, extent_of<decltype(rhs.p)>>{rhs.f, rhs.p, 2}(x, t, dx);
  for (int i = 0; i < 2; ++i)
    for (int k = 0; k < 2; ++k) matrix[i][k] = (i == k ? T(1) : T(0)) - h * dx[i].partial[k];
}

/// What both steps of this file share: no error estimate, a straight line between the ends.
template <class Rhs, class T, std::size_t N>
class OneStage {
 public:
  using StateScalar = T;
  using TimeScalar = double;
  static constexpr std::size_t slot_vectors = 2, degree = 1, evaluations_in_step = 1,
                               evaluations_for_dense = 0;
  static constexpr int order = 1, error_order = 1;
  static constexpr bool has_error_estimate = false, evaluates_at_accept = false;

  OneStage(Rhs rhs, std::size_t n) : rhs_(rhs), n_(n) {}
  std::size_t size() const { return n_; }
  const Rhs& rhs() const { return rhs_; }
  void restart(const T* u, double t) { rhs_(u, t, slope_.data()); }
  const T* slope() const { return slope_.data(); }
  T* slope() { return slope_.data(); }
  const T* next_state() const { return next_.data(); }
  double error(const T*, double, const detail::ErrorScale<base_t<T>>&) const { return 0; }
  void dense_output(T* slot, double, double, T* c) const {
    for (std::size_t m = 0; m < n_; ++m) c[m] = slot[m], c[n_ + m] = next_[m] - slot[m];
  }
  void accept(const T*, double) {}

 protected:
  Rhs rhs_;
  std::size_t n_;
  Vector<T, N> slope_{}, next_{};
};

template <class Rhs, class T, std::size_t N>
class RosenbrockStep : public OneStage<Rhs, T, N> {
 public:
  RosenbrockStep(const LinearlyImplicitEuler&, Rhs rhs, std::size_t n) : OneStage<Rhs, T, N>(rhs, n) {}
  void step(T* slot, double t, double h) {
    this->rhs_(slot, t, this->slope_.data());
    T matrix[2][2];
    shifted_jacobian(this->rhs_, slot, t, T(h), matrix);
    T* k = slot + 2;
    solve_2x2(matrix, this->slope_.data(), k);
    for (int i = 0; i < 2; ++i) this->next_[i] = slot[i] + h * k[i];
  }
};

/// With w = (I − hJ)⁻ᵀ h λ:  λ₋ = λ + Jᵀw + h ∂(wᵀJk)/∂u,  p̂ += (∂f/∂p)ᵀw + h ∂(wᵀJk)/∂p. The derivative of
/// the directional derivative comes from one vjp in Dual numbers along k.
template <class Vjp, class T, std::size_t N>
class RosenbrockPullback {
  using D = Dual<T, 1>;
  using F = std::remove_cvref_t<decltype(std::declval<Vjp&>().function())>;
  using P = decltype(std::declval<Vjp&>().parameters());
  static constexpr std::size_t M = extent_of<P>;

 public:
  RosenbrockPullback(const LinearlyImplicitEuler&, Vjp& vjp, std::size_t) : vjp_(vjp) {}
  void step(const T* slot, double t, double h, T* lambda, const T* dense, bool) {
    const T* k = slot + 2;
    // dense output is c₀ + c₁ θ with c₀ = u and c₁ = h k
    T kbar[2], w[2], matrix[2][2], transposed[2][2];
    for (int i = 0; i < 2; ++i) kbar[i] = h * (lambda[i] + (dense ? dense[2 + i] : T(0)));
    const JacobianRhs rhs{&vjp_.function(), vjp_.parameters()};
    shifted_jacobian_of(rhs, slot, t, h, matrix);
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 2; ++j) transposed[i][j] = matrix[j][i];
    solve_2x2(transposed, kbar, w);
    D u[2], seed[2], ubar[2];
    for (int i = 0; i < 2; ++i) u[i].value = slot[i], u[i].partial[0] = k[i], seed[i].value = w[i];
    detail::DualVjp<F, D, N, M, scalar_of<P>, true> second(vjp_.function(), vjp_.parameters(), 2);
    second.start();
    second(u, t, seed, ubar);
    D pbar[M];
    second.finish(pbar);
    for (std::size_t i = 0; i < M; ++i) pbar_[i] += pbar[i].value + h * pbar[i].partial[0];
    for (int i = 0; i < 2; ++i)
      lambda[i] += ubar[i].value + h * ubar[i].partial[0] + (dense ? dense[i] : T(0));
  }
  void finish(T* pbar) const {
    for (std::size_t i = 0; i < M; ++i) pbar[i] += pbar_[i];
  }
  const T* carry() const { return nullptr; }

 private:
  struct JacobianRhs {
    const F* f;
    P p;
  };
  static void shifted_jacobian_of(const JacobianRhs& rhs, const T* u, double t, double h, T (&matrix)[2][2]) {
    using E = Dual<T, 2>;
    Vector<E, 2> x{E::variable(u[0], 0), E::variable(u[1], 1)}, dx;
    auto dx_view = dx.view();
    (*rhs.f)(dx_view, VectorView<const E, 2>(x.data()), rhs.p, t);
    for (int i = 0; i < 2; ++i)
      for (int k = 0; k < 2; ++k) matrix[i][k] = (i == k ? T(1) : T(0)) - h * dx[i].partial[k];
  }

  Vjp& vjp_;
  Vector<T, M> pbar_{};
};

template <class Rhs, class T, std::size_t N>
class NoiseStep : public OneStage<Rhs, T, N> {
 public:
  NoiseStep(const SeededEulerMaruyama& method, Rhs rhs, std::size_t n)
      : OneStage<Rhs, T, N>(rhs, n), method_(method) {}
  void step(T* slot, double t, double h) {
    this->rhs_(slot, t, this->slope_.data());
    const double kick = method_.sigma * std::sqrt(h) * method_.normal(t);
    for (std::size_t i = 0; i < this->n_; ++i)
      this->next_[i] = slot[i] + h * this->slope_[i] + kick * slot[i];
  }

 private:
  SeededEulerMaruyama method_;
};

template <class Vjp, class T, std::size_t N>
class NoisePullback {
 public:
  NoisePullback(const SeededEulerMaruyama& method, Vjp& vjp, std::size_t n)
      : method_(method), vjp_(vjp), n_(n) {
    vjp.start();
  }
  void step(const T* slot, double t, double h, T* lambda, const T* dense, bool) {
    const double kick = method_.sigma * std::sqrt(h) * method_.normal(t);
    Vector<T, N> g, v, scaled;
    for (std::size_t i = 0; i < n_; ++i)
      g[i] = lambda[i] + (dense ? dense[n_ + i] : T(0)), scaled[i] = h * g[i];
    vjp_(slot, t, scaled.data(), v.data());
    for (std::size_t i = 0; i < n_; ++i) lambda[i] += v[i] + kick * g[i] + (dense ? dense[i] : T(0));
  }
  void finish(T* pbar) const { vjp_.finish(pbar); }
  const T* carry() const { return nullptr; }

 private:
  SeededEulerMaruyama method_;
  Vjp& vjp_;
  std::size_t n_;
};

}  // namespace

namespace detail {
template <>
struct MethodFamily<LinearlyImplicitEuler> {
  template <class Rhs, class T, std::size_t N, class>
  using Step = RosenbrockStep<Rhs, T, N>;
  template <class Vjp, class T, std::size_t N>
  using Pullback = RosenbrockPullback<Vjp, T, N>;
};
template <>
struct MethodFamily<SeededEulerMaruyama> {
  template <class Rhs, class T, std::size_t N, class>
  using Step = NoiseStep<Rhs, T, N>;
  template <class Vjp, class T, std::size_t N>
  using Pullback = NoisePullback<Vjp, T, N>;
};
}  // namespace detail

namespace {

constexpr auto lotka_volterra = [](auto& du, const auto& u, const auto& p, auto) {
  du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
  du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
};
const ODEProblem populations(lotka_volterra, {1.0, 1.0}, {0.0, 3.0}, {1.5, 1.0, 3.0, 1.0});
const SolveOptions fixed{.dt = 0.01, .adaptive = false, .saveat = 0.125};

TEST(Seam, RosenbrockStepStaysBoundedWhereEulerWouldNot) {
  const auto stiff = [](auto& du, const auto& u, const auto&, auto) {
    du[0] = -1e4 * u[0];
    du[1] = u[0] - u[1];
  };
  const auto solution = solve(ODEProblem(stiff, {1.0, 1.0}, {0.0, 1.0}), LinearlyImplicitEuler{},
                              {.dt = 0.1, .adaptive = false});
  EXPECT_LT(std::abs(solution.back()[0]), 1e-20);
  // (1 + h)⁻¹⁰ is the same method on u' = −u, up to the 1e-4 that the fast component gives the slow one
  EXPECT_NEAR(solution.back()[1], std::pow(1.1, -10), 2e-4);
}

TEST(Seam, RosenbrockPullbackIsTheGradientOfItsSteps) {
  const auto loss = [](const auto& x) {
    const Vector u0{x[0], x[1]};
    const Vector p{x[2], x[3], x[4], x[5]};
    const auto solution = solve(populations.with_u0(u0).with_p(p), LinearlyImplicitEuler{}, fixed);
    return squared_error(solution, 0.7) + 3.0 * solution(1.003)[0] * solution(2.0)[1];
  };
  const auto routes = check_gradient(loss, Vector{1.0, 1.0, 1.5, 1.0, 3.0, 1.0});
  EXPECT_LT(routes.max_relative_difference, 1e-7);  // what finite differences leave
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_NEAR(routes.reverse[i], routes.forward[i], 1e-10 * std::abs(routes.forward[i]) + 1e-10);
}

TEST(Seam, NoiseIsAFunctionOfSeedAndTimeSoThatStepsCanBeMadeAgain) {
  const auto gradient_with = [&](std::uint64_t seed, DiscreteAdjoint sensitivity) {
    const auto loss = [&](const auto& p) {
      return sum(solve(populations.with_p(p), SeededEulerMaruyama{.seed = seed}, fixed, sensitivity));
    };
    return value_and_gradient(loss, populations.p());
  };
  const auto [value, all] = gradient_with(5, DiscreteAdjoint{});
  const auto [again, few] = gradient_with(5, DiscreteAdjoint{.checkpoints = 4});
  EXPECT_EQ(value, again);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(all[i], few[i]);
  EXPECT_NE(value, std::get<0>(gradient_with(6, DiscreteAdjoint{})));
}

TEST(Seam, NoisyPathHasItsClosedForm) {
  // u₊ = u (1 + a h + σ√h ξ): the derivative of u(1) by a is u(1) Σ h / (1 + a h + σ√h ξ)
  const auto growth = [](auto& du, const auto& u, const auto& p, auto) { du[0] = p[0] * u[0]; };
  const SeededEulerMaruyama method{.seed = 3, .sigma = 0.4};
  const ODEProblem problem(growth, {0.5}, {0.0, 1.0}, {1.01});
  const double h = 1.0 / 64;
  const auto [end, slope] = value_and_gradient(
      [&](const auto& p) { return solve(problem.with_p(p), method, {.dt = h, .adaptive = false}).back()[0]; },
      problem.p());
  double u = 0.5, total = 0;
  for (int i = 0; i < 64; ++i) {
    const double factor = 1 + 1.01 * h + 0.4 * std::sqrt(h) * method.normal(i * h);
    u *= factor;
    total += h / factor;
  }
  EXPECT_NEAR(end, u, 1e-13);
  EXPECT_NEAR(slope[0], u * total, 1e-12);
}

/// u₁ += 2 at t = 2.03.
struct Dose {
  static constexpr bool active = true;
  template <class Integrator, class T>
  detail::AfterEvent after_step(const Integrator& it, const T*) const {
    return it.t_next() == 2.03 ? detail::AfterEvent::restart : detail::AfterEvent::go_on;
  }
  template <class Integrator, class T>
  void apply(const Integrator&, T* u) const {
    u[0] = u[0] + 2;
  }
};

TEST(Seam, AnEventGoesThroughTheLoopAndTheRecord) {
  // the dosed Lotka–Volterra cost Σ (u − 1)²/2 at 0:0.5:10 and its gradient, computed elsewhere to 13 digits
  const ODEProblem problem = populations.with_tspan({0.0, 10.0});
  const SolveOptions options{.abstol = 1e-11, .reltol = 1e-11, .saveat = 0.5, .tstops = {2.03}};
  using F = std::remove_cvref_t<decltype(lotka_volterra)>;
  using Rhs = detail::BoundRhs<F, double, 2, double, 4>;
  using Family = detail::ExplicitRungeKutta<Tsit5, Rhs, double, 2>;
  detail::Integrator<Family, PIController> it(Family(Tsit5{}, Rhs{&problem.f(), problem.p().view(), 2}, 2),
                                              Tsit5::controller, options, 0.0, 10.0);
  Solution<double, 2> solution;
  detail::Buffer<detail::SavedRead> reads;
  detail::Saver<double, 2> saver(solution, options, 2, Family::degree, 0.0, 10.0, &reads);
  detail::StepRecord<double> record;
  record.start(2, Family::slot_vectors, std::nullopt);
  Dose dose;
  double* slot = record.first_slot();
  slot[0] = slot[1] = 1;
  saver.begin(0, slot);
  it.start(slot, std::nullopt);
  ASSERT_EQ(detail::run_loop(it, slot, saver, record, dose, std::numeric_limits<std::size_t>::max()),
            Status::success);
  ASSERT_EQ(solution.size(), 21u);
  EXPECT_NEAR(squared_error(solution, 1.0) / 2, 146.030913766516, 1e-7);

  using Vjp = detail::VjpFor<F, double, 2, 4, double, true>;
  const detail::InPlace<F> f{problem.f()};
  Vjp vjp(f, problem.p().view(), 2);
  detail::ExplicitRungeKuttaPullback<Tsit5, Vjp, double, 2> pullback(Tsit5{}, vjp, 2);
  double lambda[2] = {0, 0}, dense[2 * decltype(pullback)::read_vectors], dp[4] = {};
  std::size_t read = reads.size();
  for (std::size_t i = record.size(); i-- > 0;) {
    // the dose adds a constant: its own pullback is the identity
    bool inside = false;
    for (; read > 0 && reads[read - 1].step == static_cast<std::int32_t>(i); --read) {
      const auto& at = reads[read - 1];
      const double cotangent[2] = {solution[read - 1][0] - 1, solution[read - 1][1] - 1};
      if (at.theta == 1)
        for (std::size_t m = 0; m < 2; ++m) lambda[m] += cotangent[m];
      else
        pullback.add_read(dense, at.theta, cotangent, !std::exchange(inside, true));
    }
    pullback.step(record.slot(i), record.entry(i).t, record.entry(i).h, lambda, inside ? dense : nullptr,
                  record.entry(i).fresh);
  }
  for (std::size_t m = 0; m < 2; ++m) lambda[m] += solution[0][m] - 1;
  pullback.finish(dp);
  const double expected[6] = {-73.49619321722,   -22.0864147122033, 97.902186807565,
                              -120.256946842133, 118.052386435421,  -292.574350039847};
  for (int m = 0; m < 2; ++m) EXPECT_NEAR(lambda[m], expected[m], 1e-6);
  for (int m = 0; m < 4; ++m) EXPECT_NEAR(dp[m], expected[2 + m], 1e-6);
}

}  // namespace
}  // namespace costate
