#include <costate/core/errors.hpp>
#include <costate/methods/taylor.hpp>

#include <string>

namespace costate::detail {

void check_taylor_order(int order) {
  if (order < 2 || order > static_cast<int>(largest_order))
    reject("Taylor.order", "an order from 2 to " + std::to_string(largest_order), std::to_string(order));
}

}  // namespace costate::detail
