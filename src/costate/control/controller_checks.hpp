#pragma once

#include <string_view>

namespace costate::detail {

/// What every controller checks before the first step: std::invalid_argument("<controller><field>: want …,
/// got …") unless `holds`.
void check_controller(std::string_view controller, std::string_view field, std::string_view wanted,
                      double got, bool holds);

/// 0 < gamma < 1, 0 < qmin < 1 (or a rejected step would be tried again as it was) and qmax ≥ 1.
void check_factor_bounds(std::string_view controller, double gamma, double qmin, double qmax);

/// Finite weights of the errors, that of this step positive and their sum too: an error that stays as it is
/// must be answered.
void check_weights(std::string_view controller, double beta1, double beta2, double beta3, double sum);

}  // namespace costate::detail
