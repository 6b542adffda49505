#pragma once

#include <costate/core/solve_options.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace costate::detail {

/// What a continuous adjoint was told about accuracy and memory; what it has no field for is unset.
struct AdjointSettings {
  std::string_view name;
  std::optional<double> abstol{}, reltol{}, quadrature_abstol{}, quadrature_reltol{};
  std::optional<std::size_t> checkpoints{};
};

/// Tolerances of a backward solve whose largest cotangent is 1.
struct AdjointTolerances {
  double abstol, reltol, quadrature_abstol, quadrature_reltol;
};

/// The settings completed by those of the solve. abstol of the solve is in units of the state, so λ takes the
/// smaller one of it and reltol. Throws std::invalid_argument for what no backward solve could honour.
AdjointTolerances resolve_tolerances(const AdjointSettings& settings, const SolveOptions& options);

/// The options of the backward solve from t_first to t0, with tolerances for λ [states], q [parameters] and,
/// where `steps_states`, u [states].
SolveOptions backward_options(const AdjointTolerances& tolerances, const SolveOptions& options,
                              std::size_t states, std::size_t parameters, bool steps_states);

/// abstol and reltol of component i of the state.
double abstol_of(const SolveOptions& options, std::size_t i);
double reltol_of(const SolveOptions& options, std::size_t i);

}  // namespace costate::detail
