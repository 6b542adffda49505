#include <costate/control/controller_checks.hpp>
#include <costate/core/errors.hpp>

#include <cmath>
#include <string>

namespace costate::detail {

void check_controller(std::string_view controller_and_field, std::string_view wanted, double got,
                      bool holds) {
  if (!holds) reject(controller_and_field, wanted, got);
}

void check_factor_bounds(std::string_view controller, double gamma, double qmin, double qmax) {
  const std::string name(controller);
  check_controller(name + ".gamma", "a number in (0, 1)", gamma, gamma > 0 && gamma < 1);
  check_controller(name + ".qmin", "a number in (0, 1)", qmin, qmin > 0 && qmin < 1);
  check_controller(name + ".qmax", "a finite number >= 1", qmax, qmax >= 1 && std::isfinite(qmax));
}

void check_weights(std::string_view controller, double beta1, double beta2, double beta3, double sum) {
  const std::string name(controller);
  check_controller(name + ".beta1", "a finite number > 0", beta1, beta1 > 0 && std::isfinite(beta1));
  check_controller(name + ".beta2", "a finite number", beta2, std::isfinite(beta2));
  check_controller(name + ".beta3", "a finite number", beta3, std::isfinite(beta3));
  check_controller(name + ": the weight of an error that stays", "a number > 0", sum, sum > 0);
}

}  // namespace costate::detail
