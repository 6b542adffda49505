#include <costate/core/errors.hpp>
#include <costate/optimizers/detail/quasi_newton.hpp>

#include <string>

namespace costate::detail {

void check(const char* optimizer, const QuasiNewtonOptions& options) {
  const auto require = [&](bool holds, const char* field, const char* wanted, double got) {
    if (!holds) reject(std::string(optimizer) + "." + field, wanted, got);
  };
  const LineSearch& search = options.line_search;
  require(options.initial_step_norm >= 0 && std::isfinite(options.initial_step_norm), "initial_step_norm",
          "a finite number >= 0", options.initial_step_norm);
  require(options.gradient_tolerance >= 0, "gradient_tolerance", "a number >= 0", options.gradient_tolerance);
  require(search.sufficient_decrease > 0 && search.sufficient_decrease < 0.5,
          "line_search.sufficient_decrease", "a number in (0, 0.5)", search.sufficient_decrease);
  require(search.curvature > search.sufficient_decrease && search.curvature < 1, "line_search.curvature",
          "a number in (sufficient_decrease, 1)", search.curvature);
  require(search.flatness >= 0 && search.flatness < 1, "line_search.flatness", "a number in [0, 1)",
          search.flatness);
  require(search.max_evaluations >= 1, "line_search.max_evaluations", "a number >= 1",
          static_cast<double>(search.max_evaluations));
}

}  // namespace costate::detail
