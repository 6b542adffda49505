#include <costate/core/errors.hpp>
#include <costate/data/collocate.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace costate {

namespace {

/// The observations of one component that are not missing.
struct Present {
  std::vector<double> t, y;

  Present(std::span<const double> times, const Matrix<double>& values, std::size_t component) {
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (std::isnan(values(component, i))) continue;
      t.push_back(times[i]);
      y.push_back(values(component, i));
    }
  }
};

/// Coefficients of Σₖ cₖ sᵏ, k ≤ degree, by weighted least squares on moments; false where they do not
/// determine it.
struct Moments {
  std::array<double, 5> s{};   // Σ w sᵏ
  std::array<double, 3> sy{};  // Σ w sᵏ y

  void add(double weight, double at, double y) {
    double power = weight;
    for (std::size_t k = 0; k < 5; ++k, power *= at) {
      s[k] += power;
      if (k < 3) sy[k] += power * y;
    }
  }
  bool solve(std::size_t degree, std::array<double, 3>& c) const;
};

bool Moments::solve(std::size_t degree, std::array<double, 3>& c) const {
  const std::size_t n = degree + 1;
  double a[3][4] = {};
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) a[i][j] = s[i + j] / s[0];
    a[i][n] = sy[i] / s[0];
  }
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i)
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    // the moments are of numbers about 1 and rounded to 1e-16: below this, less than six digits would be left
    if (!(std::abs(a[pivot][k]) > 1e-10)) return false;
    std::swap(a[k], a[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = a[i][k] / a[k][k];
      for (std::size_t j = k; j <= n; ++j) a[i][j] -= factor * a[k][j];
    }
  }
  for (std::size_t i = n; i-- > 0;) {
    c[i] = a[i][n];
    for (std::size_t j = i + 1; j < n; ++j) c[i] -= a[i][j] * c[j];
    c[i] /= a[i][i];
  }
  return true;
}

[[noreturn]] void refuse_window(double bandwidth, double t, std::size_t component) {
  detail::reject("collocate: bandwidth",
                 "a wider one: a parabola through the observations of component " +
                     std::to_string(component) + " about t = " + detail::to_text(t),
                 bandwidth);
}

double bandwidth_of(const CollocationOptions& options, std::size_t count) {
  if (options.bandwidth) {
    if (!(*options.bandwidth > 0 && std::isfinite(*options.bandwidth)))
      detail::reject("collocate: bandwidth", "a number > 0", *options.bandwidth);
    return *options.bandwidth;
  }
  const auto n = static_cast<double>(count);
  return std::pow(n, -1.0 / 5) * std::pow(n, -3.0 / 35) * std::pow(std::log(n), -1.0 / 16);
}

/// An empty estimate at the times asked for.
Collocation prepare(std::span<const double> t, const Matrix<double>& values,
                    const CollocationOptions& options) {
  detail::check("collocate", t, values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values.data()[i];
    if (!std::isfinite(value) && !(std::isnan(value) && options.missing == Missing::skip))
      detail::reject("collocate: values", "finite numbers (or NaN and .missing = Missing::skip)", value);
  }
  Collocation result;
  result.t = options.at.empty() ? std::vector<double>(t.begin(), t.end()) : options.at;
  for (const double time : result.t)
    if (!(time >= t.front() && time <= t.back()))
      detail::reject("collocate: at",
                     "times within [" + detail::to_text(t.front()) + ", " + detail::to_text(t.back()) + "]",
                     time);
  result.u.values = result.du.values = Matrix<double>(values.rows(), result.t.size());
  return result;
}

/// The second derivatives at the knots of the natural cubic spline through (t, y): a tridiagonal system.
std::vector<double> second_derivatives(const Present& seen) {
  const std::size_t n = seen.t.size();
  std::vector<double> second(n), upper(n);
  for (std::size_t i = 1; i + 1 < n; ++i) {
    const double before = seen.t[i] - seen.t[i - 1], after = seen.t[i + 1] - seen.t[i];
    const double jump = (seen.y[i + 1] - seen.y[i]) / after - (seen.y[i] - seen.y[i - 1]) / before;
    const double pivot = 2 * (before + after) - before * upper[i - 1];
    upper[i] = after / pivot;
    second[i] = (6 * jump - before * second[i - 1]) / pivot;
  }
  for (std::size_t i = n - 1; i-- > 1;) second[i] -= upper[i] * second[i + 1];
  return second;
}

}  // namespace

Vector<double> StateSeries::component(std::size_t j) const {
  if (j >= values.rows())
    detail::reject("StateSeries::component", "an index below " + std::to_string(values.rows()),
                   std::to_string(j));
  Vector<double> result(size());
  for (std::size_t i = 0; i < size(); ++i) result[i] = values(j, i);
  return result;
}

Collocation collocate(std::span<const double> t, const Matrix<double>& values, const Kernel& kernel,
                      const CollocationOptions& options) {
  Collocation result = prepare(t, values, options);
  for (std::size_t j = 0; j < values.rows(); ++j) {
    const Present seen(t, values, j);
    const double bandwidth = bandwidth_of(options, seen.t.size()), h = bandwidth * (t.back() - t.front());
    for (std::size_t i = 0; i < result.t.size(); ++i) {
      Moments moments;
      for (std::size_t k = 0; k < seen.t.size(); ++k) {
        const double s = (seen.t[k] - result.t[i]) / h, weight = kernel(s);
        if (weight > 0) moments.add(weight, s, seen.y[k]);
      }
      std::array<double, 3> line{}, parabola{};
      if (!moments.solve(1, line) || !moments.solve(2, parabola)) refuse_window(bandwidth, result.t[i], j);
      result.u.values(j, i) = line[0];
      result.du.values(j, i) = parabola[1] / h;
    }
  }
  return result;
}

Collocation collocate(std::span<const double> t, const Matrix<double>& values, const CubicSpline& /*spline*/,
                      const CollocationOptions& options) {
  if (options.bandwidth)
    detail::reject("collocate: bandwidth", "none: a spline has no window", *options.bandwidth);
  Collocation result = prepare(t, values, options);
  for (std::size_t j = 0; j < values.rows(); ++j) {
    const Present seen(t, values, j);
    if (seen.t.size() < 2)
      detail::reject("collocate: observations of component " + std::to_string(j), "at least 2",
                     std::to_string(seen.t.size()));
    const auto second = second_derivatives(seen);
    for (std::size_t i = 0; i < result.t.size(); ++i) {
      const double time = result.t[i];
      if (!(time >= seen.t.front() && time <= seen.t.back()))
        detail::reject(
            "collocate: at",
            "times between observations of component " + std::to_string(j) + " that are not missing", time);
      const auto after = std::upper_bound(seen.t.begin() + 1, seen.t.end() - 1, time) - seen.t.begin();
      const auto b = static_cast<std::size_t>(after), a = b - 1;
      const double h = seen.t[b] - seen.t[a], s = (time - seen.t[a]) / h, r = 1 - s;
      result.u.values(j, i) = r * seen.y[a] + s * seen.y[b] +
                              h * h / 6 * ((r * r * r - r) * second[a] + (s * s * s - s) * second[b]);
      result.du.values(j, i) =
          (seen.y[b] - seen.y[a]) / h + h / 6 * ((1 - 3 * r * r) * second[a] + (3 * s * s - 1) * second[b]);
    }
  }
  return result;
}

}  // namespace costate
