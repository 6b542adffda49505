#pragma once

#include <array>
#include <cvodes/cvodes.h>
#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>

#include "sundials_check.hpp"

/// SUNDIALS on u₁' = p₀u₁ − p₁u₁u₂, u₂' = −p₂u₂ + p₃u₁u₂ over [0, 10], saved every 0.1. Memory is set up once
/// and every solve re-initializes it.
namespace peers {

inline constexpr int saved_points = 101;
inline constexpr double save_spacing = 0.1;

namespace sundials_lotka_volterra {

using Parameters = std::array<double, 4>;

inline int rhs(sunrealtype, N_Vector u, N_Vector du, void* data) {
  const auto& p = *static_cast<const Parameters*>(data);
  const double* v = N_VGetArrayPointer(u);
  double* d = N_VGetArrayPointer(du);
  d[0] = p[0] * v[0] - p[1] * v[0] * v[1];
  d[1] = -p[2] * v[1] + p[3] * v[0] * v[1];
  return 0;
}

inline int jacobian(sunrealtype, N_Vector u, N_Vector, SUNMatrix j, void* data, N_Vector, N_Vector,
                    N_Vector) {
  const auto& p = *static_cast<const Parameters*>(data);
  const double* v = N_VGetArrayPointer(u);
  double* m = SM_DATA_D(j);  // column by column
  m[0] = p[0] - p[1] * v[1];
  m[1] = p[3] * v[1];
  m[2] = -p[1] * v[0];
  m[3] = p[3] * v[0] - p[2];
  return 0;
}

/// λ' = −(∂f/∂u)ᵀ λ
inline int adjoint_rhs(sunrealtype, N_Vector u, N_Vector lambda, N_Vector dlambda, void* data) {
  const auto& p = *static_cast<const Parameters*>(data);
  const double *v = N_VGetArrayPointer(u), *l = N_VGetArrayPointer(lambda);
  double* d = N_VGetArrayPointer(dlambda);
  d[0] = -((p[0] - p[1] * v[1]) * l[0] + p[3] * v[1] * l[1]);
  d[1] = -(-p[1] * v[0] * l[0] + (p[3] * v[0] - p[2]) * l[1]);
  return 0;
}

inline int adjoint_jacobian(sunrealtype, N_Vector u, N_Vector, N_Vector, SUNMatrix j, void* data, N_Vector,
                            N_Vector, N_Vector) {
  const auto& p = *static_cast<const Parameters*>(data);
  const double* v = N_VGetArrayPointer(u);
  double* m = SM_DATA_D(j);
  m[0] = -(p[0] - p[1] * v[1]);
  m[1] = p[1] * v[0];
  m[2] = -p[3] * v[1];
  m[3] = -(p[3] * v[0] - p[2]);
  return 0;
}

/// −(∂f/∂p)ᵀ λ
inline int adjoint_quadrature(sunrealtype, N_Vector u, N_Vector lambda, N_Vector dq, void*) {
  const double *v = N_VGetArrayPointer(u), *l = N_VGetArrayPointer(lambda);
  double* d = N_VGetArrayPointer(dq);
  d[0] = -l[0] * v[0];
  d[1] = l[0] * v[0] * v[1];
  d[2] = l[1] * v[1];
  d[3] = -l[1] * v[0] * v[1];
  return 0;
}

}  // namespace sundials_lotka_volterra

/// CVODES' adjoint of the sum of the saved values: Adams with Newton forward and back, quadratures under
/// error control, a restart at every saved point, where λ jumps.
class CvodesAdjointLotkaVolterra {
 public:
  struct Gradient {
    double value = 0;
    std::array<double, 6> gradient{};  ///< du0[0], du0[1], dp[0] … dp[3]
  };

  CvodesAdjointLotkaVolterra(const std::array<double, 4>& p, double tolerance)
      : p_(p), tolerance_(tolerance) {
    u_ = N_VNew_Serial(2, context_);
    value_ = N_VGetArrayPointer(u_);
    value_[0] = value_[1] = 0;
    forward_matrix_ = SUNDenseMatrix(2, 2, context_);
    backward_matrix_ = SUNDenseMatrix(2, 2, context_);
    forward_solver_ = SUNLinSol_Dense(u_, forward_matrix_, context_);
    backward_solver_ = SUNLinSol_Dense(u_, backward_matrix_, context_);
    lambda_ = N_VClone(u_);
    quadrature_ = N_VNew_Serial(4, context_);
    memory_ = CVodeCreate(CV_ADAMS, context_);
    require_success(CVodeInit(memory_, sundials_lotka_volterra::rhs, 0, u_), "CVodeInit");
    require_success(CVodeSStolerances(memory_, tolerance, tolerance), "CVodeSStolerances");
    require_success(CVodeSetUserData(memory_, &p_), "CVodeSetUserData");
    require_success(CVodeSetMaxNumSteps(memory_, 100000), "CVodeSetMaxNumSteps");
    require_success(CVodeSetLinearSolver(memory_, forward_solver_, forward_matrix_), "CVodeSetLinearSolver");
    require_success(CVodeSetJacFn(memory_, sundials_lotka_volterra::jacobian), "CVodeSetJacFn");
    require_success(CVodeAdjInit(memory_, 500, CV_HERMITE), "CVodeAdjInit");
  }
  ~CvodesAdjointLotkaVolterra() {
    CVodeFree(&memory_);
    N_VDestroy(u_);
    N_VDestroy(lambda_);
    N_VDestroy(quadrature_);
    SUNLinSolFree(forward_solver_);
    SUNLinSolFree(backward_solver_);
    SUNMatDestroy(forward_matrix_);
    SUNMatDestroy(backward_matrix_);
    SUNContext_Free(&context_);
  }
  CvodesAdjointLotkaVolterra(const CvodesAdjointLotkaVolterra&) = delete;
  CvodesAdjointLotkaVolterra& operator=(const CvodesAdjointLotkaVolterra&) = delete;

  Gradient value_and_gradient(const std::array<double, 2>& u0) {
    Gradient result;
    value_[0] = u0[0];
    value_[1] = u0[1];
    require_success(CVodeReInit(memory_, 0, u_), "CVodeReInit");
    if (backward_ >= 0) require_success(CVodeAdjReInit(memory_), "CVodeAdjReInit");
    result.value = u0[0] + u0[1];
    double reached = 0;
    int checkpoints = 0;
    for (int i = 1; i < saved_points; ++i) {
      require_success(CVodeF(memory_, save_spacing * i, u_, &reached, CV_NORMAL, &checkpoints), "CVodeF");
      result.value += value_[0] + value_[1];
    }
    double *lambda = N_VGetArrayPointer(lambda_), *q = N_VGetArrayPointer(quadrature_);
    lambda[0] = lambda[1] = 1;
    for (int i = 0; i < 4; ++i) q[i] = 0;
    if (backward_ < 0) create_backward();
    for (int i = saved_points - 1; i > 0; --i) {
      require_success(CVodeReInitB(memory_, backward_, save_spacing * i, lambda_), "CVodeReInitB");
      require_success(CVodeQuadReInitB(memory_, backward_, quadrature_), "CVodeQuadReInitB");
      require_success(CVodeB(memory_, save_spacing * (i - 1), CV_NORMAL), "CVodeB");
      require_success(CVodeGetB(memory_, backward_, &reached, lambda_), "CVodeGetB");
      require_success(CVodeGetQuadB(memory_, backward_, &reached, quadrature_), "CVodeGetQuadB");
      lambda[0] += 1;
      lambda[1] += 1;
    }
    result.gradient = {lambda[0], lambda[1], q[0], q[1], q[2], q[3]};
    return result;
  }
  long rhs_evaluations() const {
    long n = 0;
    CVodeGetNumRhsEvals(memory_, &n);
    return n;
  }

 private:
  void create_backward() {
    require_success(CVodeCreateB(memory_, CV_ADAMS, &backward_), "CVodeCreateB");
    require_success(CVodeInitB(memory_, backward_, sundials_lotka_volterra::adjoint_rhs,
                               save_spacing * (saved_points - 1), lambda_),
                    "CVodeInitB");
    require_success(CVodeSStolerancesB(memory_, backward_, tolerance_, tolerance_), "CVodeSStolerancesB");
    require_success(CVodeSetUserDataB(memory_, backward_, &p_), "CVodeSetUserDataB");
    require_success(CVodeSetMaxNumStepsB(memory_, backward_, 100000), "CVodeSetMaxNumStepsB");
    require_success(CVodeSetLinearSolverB(memory_, backward_, backward_solver_, backward_matrix_),
                    "CVodeSetLinearSolverB");
    require_success(CVodeSetJacFnB(memory_, backward_, sundials_lotka_volterra::adjoint_jacobian),
                    "CVodeSetJacFnB");
    require_success(
        CVodeQuadInitB(memory_, backward_, sundials_lotka_volterra::adjoint_quadrature, quadrature_),
        "CVodeQuadInitB");
    require_success(CVodeSetQuadErrConB(memory_, backward_, SUNTRUE), "CVodeSetQuadErrConB");
    require_success(CVodeQuadSStolerancesB(memory_, backward_, tolerance_, tolerance_),
                    "CVodeQuadSStolerancesB");
  }

  std::array<double, 4> p_;
  double tolerance_;
  SUNContext context_ = make_context();
  N_Vector u_ = nullptr;
  double* value_ = nullptr;
  void* memory_ = nullptr;
  int backward_ = -1;
  N_Vector lambda_ = nullptr, quadrature_ = nullptr;
  SUNMatrix forward_matrix_ = nullptr, backward_matrix_ = nullptr;
  SUNLinearSolver forward_solver_ = nullptr, backward_solver_ = nullptr;
};

}  // namespace peers
