// wanted: this loss returns a plain number, so its gradient would be zero
#include <costate/ad/gradient.hpp>

int main() {
  costate::gradient([](const auto& x) { return costate::plain(x[0]); }, costate::Vector{1.0});
}
