#include <costate/control/controller_checks.hpp>
#include <costate/core/errors.hpp>

#include <cmath>
#include <string>

namespace costate::detail {

// The text is made only for a refusal: a solve of a few microseconds passes here.
void check_controller(std::string_view controller, std::string_view field, std::string_view wanted,
                      double got, bool holds) {
  if (!holds) reject(std::string(controller) + std::string(field), wanted, got);
}

void check_factor_bounds(std::string_view controller, double gamma, double qmin, double qmax) {
  check_controller(controller, ".gamma", "a number in (0, 1)", gamma, gamma > 0 && gamma < 1);
  check_controller(controller, ".qmin", "a number in (0, 1)", qmin, qmin > 0 && qmin < 1);
  check_controller(controller, ".qmax", "a finite number >= 1", qmax, qmax >= 1 && std::isfinite(qmax));
}

void check_weights(std::string_view controller, double beta1, double beta2, double beta3, double sum) {
  check_controller(controller, ".beta1", "a finite number > 0", beta1, beta1 > 0 && std::isfinite(beta1));
  check_controller(controller, ".beta2", "a finite number", beta2, std::isfinite(beta2));
  check_controller(controller, ".beta3", "a finite number", beta3, std::isfinite(beta3));
  check_controller(controller, ": the weight of an error that stays", "a number > 0", sum, sum > 0);
}

}  // namespace costate::detail
