#pragma once

#if __has_include(<Eigen/Core>)
#include <Eigen/Core>
#elif __has_include(<eigen3/Eigen/Core>)
#include <eigen3/Eigen/Core>
#else
#error \
    "costate/interop/eigen.hpp needs Eigen 3.4 on the include path (Debian: libeigen3-dev; CMake: Eigen3::Eigen)"
#endif

#include <costate/ad/dual.hpp>
#include <costate/ad/dual_functions.hpp>
#include <costate/ad/leaf_matrix.hpp>
#include <costate/ad/var.hpp>
#include <costate/core/foreign_view.hpp>
#include <costate/core/matrix.hpp>
#include <costate/core/matrix_view.hpp>
#include <costate/core/vector.hpp>

#include <cstddef>
#include <type_traits>

/// Eigen's vectors and matrices as states and parameters, and this library's numbers in Eigen's expressions.
/// Not part of <costate/costate.hpp>: Eigen costs a second of every compilation.
///
///     ODEProblem problem(
///         [&](auto& du, const auto& u, const auto& p, auto t) { as_eigen(du) = A * as_eigen(u); },
///         Eigen::Vector2d(1.0, 0.0), {0.0, 1.0}, Eigen::VectorXd(…));
///
/// Dual and Var are scalars of Eigen here, also mixed with plain numbers, so that its products, norms and
/// factorizations are differentiated operation by operation; its vectorized kernels serve plain numbers only.
namespace costate {

namespace detail {

template <class Derived>
void accept_eigen(const Eigen::DenseBase<Derived>&);
template <class X>
concept EigenDense = requires(const X& x) {
  accept_eigen(x);
};

constexpr std::size_t extent_from_eigen(Eigen::Index size) {
  return size == Eigen::Dynamic ? dynamic : static_cast<std::size_t>(size);
}
constexpr int extent_to_eigen(std::size_t size) {
  return size == dynamic ? Eigen::Dynamic : static_cast<int>(size);
}
constexpr Eigen::Index to_index(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

template <class T, std::size_t N>
using EigenVector = Eigen::Matrix<T, extent_to_eigen(N), 1>;
template <class T, std::size_t Rows, std::size_t Cols>
using EigenMatrix = Eigen::Matrix<T, extent_to_eigen(Rows), extent_to_eigen(Cols),
                                  Rows == 1 && Cols != 1 ? Eigen::RowMajor : Eigen::ColMajor>;

/// A map that reads where T is const.
template <class T, class Plain>
using EigenMap = Eigen::Map<std::conditional_t<std::is_const_v<T>, const Plain, Plain>>;

}  // namespace detail

/// A vector of Eigen (vectors of one row too), a Map, a Ref or a block of contiguous numbers is a VectorView;
/// a matrix stored column by column is a MatrixView. An expression is no container: write `.eval()`.
template <detail::EigenDense X>
struct ForeignView<X> {
  static auto view(const X& x) {
    static_assert(bool(X::Flags & Eigen::DirectAccessBit),
                  "costate: an expression of Eigen has no numbers yet: pass expression.eval()");
    if constexpr (X::IsVectorAtCompileTime) {
      static_assert(X::InnerStrideAtCompileTime == 1,
                    "costate: only contiguous vectors can be viewed: pass x.eval()");
      constexpr std::size_t extent = detail::extent_from_eigen(X::SizeAtCompileTime);
      return VectorView<const typename X::Scalar, extent>(x.data(), static_cast<std::size_t>(x.size()));
    } else {
      static_assert(!X::IsRowMajor, "costate: matrices are stored column by column: pass Eigen::MatrixXd(x)");
      if (x.outerStride() != x.rows() || x.innerStride() != 1)
        detail::reject("Eigen matrix", "contiguous columns: pass x.eval()", "a block of a larger matrix");
      return MatrixView<const typename X::Scalar>(x.data(), static_cast<std::size_t>(x.rows()),
                                                  static_cast<std::size_t>(x.cols()));
    }
  }
};

/// The numbers of a vector or a matrix of this library as an Eigen::Map of the same numbers: writing to it
/// writes to them. Of a view inside a gradient, whose numbers are nodes of a tape, a copy. An owner must
/// outlive the map, so a temporary is refused.
template <class T, std::size_t N>
auto as_eigen(const VectorView<T, N>& x) {
  return detail::EigenMap<T, detail::EigenVector<std::remove_const_t<T>, N>>(x.data(),
                                                                             detail::to_index(x.size()));
}
template <class T, std::size_t N>
auto as_eigen(Vector<T, N>& x) {
  return as_eigen(x.view());
}
template <class T, std::size_t N>
auto as_eigen(const Vector<T, N>& x) {
  return as_eigen(x.view());
}
template <class T, std::size_t N>
void as_eigen(const Vector<T, N>&& temporary) = delete;

template <class T>
auto as_eigen(const MatrixView<T>& x) {
  return detail::EigenMap<T, detail::EigenMatrix<std::remove_const_t<T>, dynamic, dynamic>>(
      x.data(), detail::to_index(x.rows()), detail::to_index(x.cols()));
}
template <class T, std::size_t Rows, std::size_t Cols>
auto as_eigen(Matrix<T, Rows, Cols>& x) {
  return detail::EigenMap<T, detail::EigenMatrix<T, Rows, Cols>>(x.data(), detail::to_index(x.rows()),
                                                                 detail::to_index(x.cols()));
}
template <class T, std::size_t Rows, std::size_t Cols>
auto as_eigen(const Matrix<T, Rows, Cols>& x) {
  return detail::EigenMap<const T, detail::EigenMatrix<T, Rows, Cols>>(x.data(), detail::to_index(x.rows()),
                                                                       detail::to_index(x.cols()));
}
template <class T, std::size_t Rows, std::size_t Cols>
void as_eigen(const Matrix<T, Rows, Cols>&& temporary) = delete;

template <class T, std::size_t N>
auto as_eigen(const LeafView<T, N>& x) {
  detail::EigenVector<Var<T>, N> copy(detail::to_index(x.size()));
  for (std::size_t i = 0; i < x.size(); ++i) copy(detail::to_index(i)) = x[i];
  return copy;
}
template <class T>
auto as_eigen(const LeafMatrix<T>& x) {
  detail::EigenMatrix<Var<T>, dynamic, dynamic> copy(detail::to_index(x.rows()), detail::to_index(x.cols()));
  for (std::size_t j = 0; j < x.cols(); ++j)
    for (std::size_t i = 0; i < x.rows(); ++i) copy(detail::to_index(i), detail::to_index(j)) = x(i, j);
  return copy;
}

}  // namespace costate

namespace Eigen {

template <costate::DifferentiatingScalar S>
struct NumTraits<S> : NumTraits<costate::base_t<S>> {
  using Real = S;
  using NonInteger = S;
  using Nested = S;
  enum {
    IsComplex = 0,
    IsInteger = 0,
    IsSigned = 1,
    RequireInitialization = 1,
    ReadCost = 1,
    AddCost = 4,
    MulCost = 8,
  };
};

template <costate::DifferentiatingScalar S, costate::Scalar Constant, class Op>
requires(
    !std::is_same_v<S, Constant> &&
    std::is_same_v<costate::common_scalar_t<S, Constant>, S>) struct ScalarBinaryOpTraits<S, Constant, Op> {
  using ReturnType = S;
};
template <costate::DifferentiatingScalar S, costate::Scalar Constant, class Op>
requires(
    !std::is_same_v<S, Constant> &&
    std::is_same_v<costate::common_scalar_t<S, Constant>, S>) struct ScalarBinaryOpTraits<Constant, S, Op> {
  using ReturnType = S;
};

namespace internal {
// A Dual is aligned to the registers that hold it, and must not be asked to stand at less. On the heap Eigen
// aligns to the widest register that the flags allow, which is what the generated code relies on.
template <costate::DifferentiatingScalar S, int Size>
requires(Size != Dynamic) struct compute_default_alignment<S, Size> {
  enum { value = 0 };
};
}  // namespace internal

}  // namespace Eigen
