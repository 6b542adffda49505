// wanted: this function returns plain numbers, so its derivative would be zero
#include <costate/ad/jacobian.hpp>

int main() {
  costate::jacobian([](const auto& x) { return costate::Vector{costate::plain(x[0])}; },
                    costate::Vector{1.0});
}
