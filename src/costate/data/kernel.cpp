#include <costate/data/kernel.hpp>

#include <cmath>
#include <cstddef>
#include <numbers>

namespace costate {

namespace {

constexpr double pi = std::numbers::pi, root_half = 1 / std::numbers::sqrt2;

constexpr double cube(double x) {
  return x * x * x;
}

struct Row {
  std::string_view name;
  bool is_compact;
  double (*value)(double x);  // of x >= 0
};

// in the order of KernelShape
constexpr Row rows[] = {
    {"Epanechnikov", true, [](double x) { return 0.75 * (1 - x * x); }},
    {"uniform", true, [](double) { return 0.5; }},
    {"triangular", true, [](double x) { return 1 - x; }},
    {"quartic", true, [](double x) { return 15.0 / 16 * (1 - x * x) * (1 - x * x); }},
    {"triweight", true, [](double x) { return 35.0 / 32 * cube(1 - x * x); }},
    {"tricube", true, [](double x) { return 70.0 / 81 * cube(1 - cube(x)); }},
    {"Gaussian", false, [](double x) { return std::exp(-x * x / 2) / std::sqrt(2 * pi); }},
    {"cosine", true, [](double x) { return pi / 4 * std::cos(pi / 2 * x); }},
    {"logistic", false, [](double x) { return 1 / (std::exp(x) + 2 + std::exp(-x)); }},
    {"sigmoid", false, [](double x) { return 2 / pi / (std::exp(x) + std::exp(-x)); }},
    {"Silverman", false,
     [](double x) { return 0.5 * std::exp(-x * root_half) * std::sin(x * root_half + pi / 4); }},
};

const Row& row_of(KernelShape shape) {
  return rows[static_cast<std::size_t>(shape)];
}

}  // namespace

double Kernel::operator()(double x) const {
  const Row& row = row_of(shape);
  const double distance = std::abs(x);
  return row.is_compact && !(distance <= 1) ? 0 : row.value(distance);
}
std::string_view Kernel::name() const {
  return row_of(shape).name;
}
bool Kernel::is_compact() const {
  return row_of(shape).is_compact;
}

}  // namespace costate
