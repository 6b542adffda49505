#pragma once

#include <array>
#include <vector>

namespace limits {

struct LotkaVolterraReference {
  std::vector<double> saved;         ///< 101 states, every 0.1
  double sum = 0;                    ///< of all saved values
  std::array<double, 6> gradient{};  ///< of the sum by u0 and p
};

/// What every row is checked against: Taylor series of degree 25 with steps of 0.025 in extended precision,
/// carrying the six derivatives along.
inline LotkaVolterraReference lotka_volterra_reference(const std::array<double, 2>& u0,
                                                       const std::array<double, 4>& p) {
  struct Jet {
    std::array<long double, 7> c{};  // value, then derivatives by u0 and p
    void add_product(const Jet& a, const Jet& b, long double sign = 1) {
      c[0] += sign * a.c[0] * b.c[0];
      for (int i = 1; i < 7; ++i) c[i] += sign * (a.c[0] * b.c[i] + a.c[i] * b.c[0]);
    }
  };
  const auto variable = [](double value, int i) {
    Jet j;
    j.c[0] = value;
    j.c[i] = 1;
    return j;
  };
  constexpr int degree = 25, substeps = 4;
  constexpr long double h = 0.1L / substeps;
  Jet u[2] = {variable(u0[0], 1), variable(u0[1], 2)};
  const Jet q[4] = {variable(p[0], 3), variable(p[1], 4), variable(p[2], 5), variable(p[3], 6)};

  LotkaVolterraReference result;
  Jet total;
  const auto save = [&] {
    for (const Jet& x : u) {
      result.saved.push_back(double(x.c[0]));
      for (int i = 0; i < 7; ++i) total.c[i] += x.c[i];
    }
  };
  save();
  for (int step = 0; step < 100 * substeps; ++step) {
    std::vector<Jet> x{u[0]}, y{u[1]};
    for (int n = 0; n < degree; ++n) {
      Jet xy, dx, dy;
      for (int i = 0; i <= n; ++i) xy.add_product(x[i], y[n - i]);
      dx.add_product(q[0], x[n]);
      dx.add_product(q[1], xy, -1);
      dy.add_product(q[2], y[n], -1);
      dy.add_product(q[3], xy);
      for (int i = 0; i < 7; ++i) {
        dx.c[i] /= n + 1;
        dy.c[i] /= n + 1;
      }
      x.push_back(dx);
      y.push_back(dy);
    }
    for (int i = 0; i < 7; ++i) {
      u[0].c[i] = u[1].c[i] = 0;
      for (int n = degree; n >= 0; --n) {
        u[0].c[i] = x[n].c[i] + h * u[0].c[i];
        u[1].c[i] = y[n].c[i] + h * u[1].c[i];
      }
    }
    if (step % substeps == substeps - 1) save();
  }
  result.sum = double(total.c[0]);
  for (int i = 0; i < 6; ++i) result.gradient[i] = double(total.c[i + 1]);
  return result;
}

}  // namespace limits
