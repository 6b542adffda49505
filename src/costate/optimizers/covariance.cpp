#include <costate/linalg/qr.hpp>
#include <costate/optimizers/covariance.hpp>
#include <costate/optimizers/line_search.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace costate {

template <class T>
ParameterCovariance<T> covariance(const Linearization<T>& at) {
  const std::size_t n = at.x.size(), m = at.residuals.size();
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  ParameterCovariance<T> result;
  result.covariance = Matrix<T>(n, n);
  result.standard_errors = Vector<T>(n);
  result.degrees_of_freedom = m > n ? m - n : 0;
  result.variance =
      m > n
          ? static_cast<T>(detail::inner_product<T>(at.residuals, at.residuals) / static_cast<double>(m - n))
          : nan;

  Matrix<T> scaled(m, n);
  Vector<T> length(n);
  for (std::size_t j = 0; j < n; ++j) {
    const std::span<const T> column(at.jacobian.data() + j * m, m);
    length[j] = static_cast<T>(std::sqrt(detail::inner_product<T>(column, column)));
    for (std::size_t i = 0; i < m; ++i) scaled(i, j) = length[j] > 0 ? column[i] / length[j] : T(0);
  }
  const linalg::QR<T> qr(scaled);
  result.rank = qr.rank();
  if (!std::isfinite(detail::max_norm<T>(at.residuals)) || !std::isfinite(detail::max_norm<T>(at.jacobian)))
    result.message = "the residuals or their Jacobian are not finite here";
  else if (m <= n)
    result.message = std::to_string(m) + " residuals leave no degree of freedom beside " + std::to_string(n) +
                     " parameters";
  else if (result.rank < n)
    result.message = "the residuals determine only " + std::to_string(result.rank) + " of " +
                     std::to_string(n) + " directions of the parameters: fix some, or add data";
  const Matrix<T> gram = qr.inverse_gram();
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = 0; i < n; ++i)
      result.covariance(i, j) =
          result.determined() ? result.variance * gram(i, j) / (length[i] * length[j]) : nan;
    result.standard_errors[j] = std::sqrt(result.covariance(j, j));
  }
  return result;
}

template ParameterCovariance<float> covariance(const Linearization<float>&);
template ParameterCovariance<double> covariance(const Linearization<double>&);

}  // namespace costate
