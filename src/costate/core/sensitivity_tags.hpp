#pragma once

#include <cstddef>
#include <optional>

namespace costate {

// DiscreteAdjoint, ForwardSensitivity and FiniteDifference differentiate along the mesh of the solve. Where
// the state hardly moves (an equilibrium, a network whose last layer is zero) its error says nothing of that
// of the derivative; with control_derivative such steps are held to the tolerance on their derivative too
// (two pullbacks, only there), and stiff ones to where they damp. Values differ from those of a plain solve
// by less than the tolerance.

/// The exact gradient of the discrete map: the recorded steps are pulled back one by one, from the last to
/// the first, on the mesh that the controller chose. This is what a gradient through `solve` is without
/// asking. One vjp of the right-hand side per stage. Memory: the stage inputs of all steps, or with
/// `checkpoints` = c only c states, the mesh (40 bytes a step) and the stages of one of c segments at a time,
/// at the price of one more forward solve; the bits are the same for every c.
struct DiscreteAdjoint {
  std::optional<std::size_t> checkpoints{};  ///< states kept; unset: every stage of every step is kept
  bool control_derivative = true;            ///< false: the mesh follows the state alone
};

/// The exact gradient of the same discrete map carried forward: tangents of all inputs, eight at a time,
/// along the recorded mesh. Cost grows with the number of inputs; the choice for few inputs and many outputs.
struct ForwardSensitivity {
  bool control_derivative = true;  ///< false: the mesh follows the state alone
};

/// Central differences along the recorded mesh, h = step · max(1, |x|) for each input. The oracle for the
/// others, not a tool.
struct FiniteDifference {
  double step = 0;                 ///< relative step; 0: the cube root of the rounding unit
  bool control_derivative = true;  ///< false: the mesh follows the state alone
};

// The continuous adjoints solve λ' = −(∂f/∂u)ᵀ λ backwards, with λ(tᵢ⁻) = λ(tᵢ⁺) + ∂L/∂u(tᵢ) where the loss
// read the solution, by the method of the solve. Since λ is linear in ∂L/∂u, their absolute tolerances are
// relative to the largest entry of it: c L has c times the gradient of L, whatever c. Tolerances that are not
// given are those of the solve. The gradient agrees with that of the discrete map as far as the tolerances of
// both solves reach, no further. A backward solve that fails makes the loss +∞ and its gradient zero, with
// Status::adjoint_failed.

/// Continuous adjoint against the interpolated forward solution, dL/dp beside λ as m more components:
///
///     λ' = −(∂f/∂u)ᵀ λ,   q' = −(∂f/∂p)ᵀ λ,   dL/du₀ = λ(t₀),   dL/dp = q(t₀)           λ: [states], q:
///     [parameters]
///
/// Memory: the interpolant of every step, or with `checkpoints` = c only c states and the mesh (40 bytes a
/// step), of which a segment is solved again when the backward solve arrives there; the bits are the same for
/// every c. C. Rackauckas et al., arXiv:1812.01892, §2.2; R. Serban & A. Hindmarsh, CVODES (2005), §2.
struct InterpolatingAdjoint {
  std::optional<double> abstol{};             ///< of λ, for a largest |∂L/∂u| of 1
  std::optional<double> reltol{};             ///< of λ
  std::optional<double> quadrature_abstol{};  ///< of q; unset: abstol
  std::optional<double> quadrature_reltol{};  ///< of q; unset: reltol
  std::optional<std::size_t> checkpoints{};   ///< states kept; unset: the interpolant of every step is kept
};

/// Continuous adjoint whose λ is kept as an interpolant, then integrated over by adaptive Gauss–Kronrod
/// quadrature (7, 15 nodes) of (∂f/∂p)ᵀ λ, step by step of λ, halving while the error is too large. The
/// choice for few states and many parameters where the backward solve is expensive. Memory: the interpolants
/// of u and of λ.
struct QuadratureAdjoint {
  std::optional<double> abstol{};
  std::optional<double> reltol{};
  std::optional<double> quadrature_abstol{};  ///< of dL/dp; unset: abstol
  std::optional<double> quadrature_reltol{};  ///< of dL/dp; unset: reltol
};

/// Continuous adjoint with Gauss–Legendre quadrature of (∂f/∂p)ᵀ λ inside each accepted backward step, with
/// as many nodes as the order of the method asks for: λ alone is stepped, nothing of it is kept, and ∂f/∂p is
/// needed at the nodes only. Memory as for InterpolatingAdjoint.
struct GaussAdjoint {
  std::optional<double> abstol{};
  std::optional<double> reltol{};
  std::optional<std::size_t> checkpoints{};
  bool control_derivative = true;  ///< of the forward mesh, as for DiscreteAdjoint: the nodes stand in it
};

/// GaussAdjoint with the error of the quadrature controlled too: Gauss–Kronrod (7, 15 nodes) in each accepted
/// backward step, halved while the two differ by more than the tolerance.
struct GaussKronrodAdjoint {
  std::optional<double> abstol{};
  std::optional<double> reltol{};
  std::optional<double> quadrature_abstol{};  ///< of dL/dp; unset: abstol
  std::optional<double> quadrature_reltol{};  ///< of dL/dp; unset: reltol
  std::optional<std::size_t> checkpoints{};
};

/// Continuous adjoint that solves u itself backwards, beside λ and q, and so keeps no step. Solving backwards
/// turns decay into growth: on a dissipative, stiff or chaotic equation u leaves the trajectory. With
/// `checkpointing`, u is set to the saved state wherever one is. At each saved state and at t₀ it is compared
/// with what was saved: where more than half of the digits that the tolerance asks for are lost, relative to
/// the largest saved value of a component, the gradient is refused (Status::adjoint_failed). R. T. Q. Chen et
/// al., arXiv:1806.07366, algorithm 1; A. Gholami et al., arXiv:1902.10298, §3.
struct BacksolveAdjoint {
  std::optional<double> abstol{};
  std::optional<double> reltol{};
  std::optional<double> quadrature_abstol{};  ///< of q; unset: abstol
  std::optional<double> quadrature_reltol{};  ///< of q; unset: reltol
  bool checkpointing = true;                  ///< false: u is only compared with the saved states
};

}  // namespace costate
