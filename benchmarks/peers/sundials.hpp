#pragma once

#include <costate/ad/dual.hpp>

#include <algorithm>
#include <arkode/arkode_erkstep.h>
#include <array>
#include <cstddef>
#include <cvodes/cvodes.h>
#include <nvector/nvector_serial.h>
#include <sundials/sundials_version.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>
#include <utility>
#include <vector>

#include "sundials_check.hpp"

namespace peers {

/// A model problem in SUNDIALS' terms. Memory is set up once and every solve re-initializes it, as its manual
/// advises for repeated solves. Saved points are read off the solver's own dense output.
template <class M>
class SundialsModel {
 public:
  static constexpr std::size_t states = M::u0.size();
  using Parameters = std::array<double, M::p.size()>;

  explicit SundialsModel(std::vector<double> times) : times_(std::move(times)) {
    std::copy(M::p.begin(), M::p.end(), p_.begin());
    context_ = make_context();
    u_ = N_VNew_Serial(static_cast<sunindextype>(states), context_);
    value_ = N_VGetArrayPointer(u_);
    start();
  }
  ~SundialsModel() {
    N_VDestroy(u_);
    SUNContext_Free(&context_);
  }
  SundialsModel(const SundialsModel&) = delete;
  SundialsModel& operator=(const SundialsModel&) = delete;
  const std::vector<double>& saved() const { return saved_; }

 protected:
  static int rhs(sunrealtype t, N_Vector u, N_Vector du, void* data) {
    const double* const v = N_VGetArrayPointer(u);
    double* d = N_VGetArrayPointer(du);
    M::f(d, v, *static_cast<const Parameters*>(data), t);
    return 0;
  }
  void start() { std::copy(M::u0.begin(), M::u0.end(), value_); }
  /// evolve(t) brings the state to t.
  template <class Evolve>
  void save_all(Evolve&& evolve) {
    saved_.clear();
    for (const double t : times_) {
      if (t != times_.front() || times_.size() == 1) evolve(t);
      saved_.insert(saved_.end(), value_, value_ + states);
    }
  }

  std::vector<double> times_, saved_;
  Parameters p_{};
  SUNContext context_ = nullptr;
  N_Vector u_ = nullptr;
  double* value_ = nullptr;
};

/// ARKODE's explicit Runge–Kutta with one of its tables.
template <class M>
class ArkodeModel : public SundialsModel<M> {
  using Base = SundialsModel<M>;

 public:
  ArkodeModel(const std::vector<double>& times, double tolerance, ARKODE_ERKTableID table) : Base(times) {
    memory_ = ERKStepCreate(Base::rhs, M::tspan.start, this->u_, this->context_);
    require_success(ERKStepSStolerances(memory_, tolerance, tolerance), "ERKStepSStolerances");
    require_success(ERKStepSetUserData(memory_, &this->p_), "ERKStepSetUserData");
    require_success(ERKStepSetTableNum(memory_, table), "ERKStepSetTableNum");
    require_success(ERKStepSetMaxNumSteps(memory_, 100000), "ERKStepSetMaxNumSteps");
#if SUNDIALS_VERSION_MAJOR < 7
    require_success(ERKStepSetErrFile(memory_, nullptr), "ERKStepSetErrFile");  // the flag says it
#endif
  }
  ~ArkodeModel() {
    ERKStepFree(&memory_);
  }

  void solve() {
    this->start();
    require_success(ERKStepReInit(memory_, Base::rhs, M::tspan.start, this->u_), "ERKStepReInit");
    this->save_all([&](double t) {
      double reached = 0;
      require_success(ERKStepEvolve(memory_, t, this->u_, &reached, ARK_NORMAL), "ERKStepEvolve");
    });
  }
  long rhs_evaluations() const {
    long n = 0;
    ERKStepGetNumRhsEvals(memory_, &n);
    return n;
  }

 private:
  void* memory_ = nullptr;
};

/// CVODE (through the CVODES library, since the two define the same names): Adams–Moulton with the
/// fixed-point iteration, or BDF with Newton's and the exact Jacobian.
template <class M>
class CvodeModel : public SundialsModel<M> {
  using Base = SundialsModel<M>;

 public:
  CvodeModel(const std::vector<double>& times, double tolerance, int method) : Base(times) {
    memory_ = CVodeCreate(method, this->context_);
    require_success(CVodeInit(memory_, Base::rhs, M::tspan.start, this->u_), "CVodeInit");
    require_success(CVodeSStolerances(memory_, tolerance, tolerance), "CVodeSStolerances");
    require_success(CVodeSetUserData(memory_, &this->p_), "CVodeSetUserData");
    require_success(CVodeSetMaxNumSteps(memory_, 100000), "CVodeSetMaxNumSteps");
#if SUNDIALS_VERSION_MAJOR < 7
    require_success(CVodeSetErrFile(memory_, nullptr), "CVodeSetErrFile");  // the flag says it
#endif
    if (method == CV_ADAMS) {
      iteration_ = SUNNonlinSol_FixedPoint(this->u_, 0, this->context_);
      require_success(CVodeSetNonlinearSolver(memory_, iteration_), "CVodeSetNonlinearSolver");
    } else {
      constexpr auto n = static_cast<sunindextype>(Base::states);
      matrix_ = SUNDenseMatrix(n, n, this->context_);
      linear_ = SUNLinSol_Dense(this->u_, matrix_, this->context_);
      require_success(CVodeSetLinearSolver(memory_, linear_, matrix_), "CVodeSetLinearSolver");
      require_success(CVodeSetJacFn(memory_, jacobian), "CVodeSetJacFn");
    }
  }
  ~CvodeModel() {
    CVodeFree(&memory_);
    if (iteration_) SUNNonlinSolFree(iteration_);
    if (linear_) SUNLinSolFree(linear_);
    if (matrix_) SUNMatDestroy(matrix_);
  }

  void solve() {
    this->start();
    require_success(CVodeReInit(memory_, M::tspan.start, this->u_), "CVodeReInit");
    this->save_all([&](double t) {
      double reached = 0;
      require_success(CVode(memory_, t, this->u_, &reached, CV_NORMAL), "CVode");
    });
  }
  long rhs_evaluations() const {
    long n = 0;
    CVodeGetNumRhsEvals(memory_, &n);
    return n;
  }

 private:
  /// Column by column, by dual numbers.
  static int jacobian(sunrealtype t, N_Vector u, N_Vector, SUNMatrix j, void* data, N_Vector, N_Vector,
                      N_Vector) {
    constexpr std::size_t n = Base::states;
    using Dual = costate::Dual<double, 4>;
    const double* const v = N_VGetArrayPointer(u);
    const auto& p = *static_cast<const typename Base::Parameters*>(data);
    double* const columns = SM_DATA_D(j);
    for (std::size_t first = 0; first < n; first += 4) {
      std::array<Dual, n> at, slope;
      for (std::size_t i = 0; i < n; ++i) {
        at[i] = i >= first && i < first + 4 ? Dual::variable(v[i], i - first) : Dual(v[i]);
      }
      M::f(slope, at, p, t);
      for (std::size_t k = first; k < first + 4 && k < n; ++k)
        for (std::size_t i = 0; i < n; ++i) columns[k * n + i] = slope[i].partial[k - first];
    }
    return 0;
  }

  void* memory_ = nullptr;
  SUNNonlinearSolver iteration_ = nullptr;
  SUNLinearSolver linear_ = nullptr;
  SUNMatrix matrix_ = nullptr;
};

}  // namespace peers
