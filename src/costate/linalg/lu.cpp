#include <costate/linalg/lu.hpp>

namespace costate {

template detail::Factored detail::lu_factor(float*, float*, std::uint32_t*, std::size_t, bool&, bool&);
template detail::Factored detail::lu_factor(double*, double*, std::uint32_t*, std::size_t, bool&, bool&);
template class linalg::LU<float>;
template class linalg::LU<double>;

}  // namespace costate
