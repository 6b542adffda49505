#include <costate/nn/dense_kernels.hpp>
#include <costate/nn/detail/kernel_choice.hpp>

namespace costate::detail {
template <class T>
void dense_forward(const T* p, const T* x, T* y, T* d, std::size_t in, std::size_t out, Activation act) {
  kernels<T>().forward(p, x, y, d, in, out, act);
}

template <class T>
void dense_pullback(const T* p, const T* x, const T* d, const T* ybar, T* xbar, T* pbar, std::size_t in,
                    std::size_t out) {
  kernels<T>().pullback(p, x, d, ybar, xbar, pbar, in, out);
}

template <class T>
void activate(const T* x, T* y, T* d, std::size_t n, Activation act) {
  kernels<T>().activate(x, y, d, n, act);
}

template <class T>
void dense_forward_lanes(const T* p, const T* x, T* y, T* d, std::size_t in, std::size_t out, std::size_t n,
                         Activation act) {
  kernels<T>().forward_lanes(p, x, y, d, in, out, n, act);
}

template <class T>
void dense_pullback_lanes(const T* p, const T* x, const T* y, const T* d, T* z, T* xbar, T* pbar,
                          std::size_t in, std::size_t out, std::size_t n, Activation act, ReadAhead& ahead) {
  kernels<T>().pullback_lanes(p, x, y, d, z, xbar, pbar, in, out, n, act, ahead);
}

template <class T>
void samples_to_lanes(const T* x, std::size_t features, std::size_t count, T* to, std::size_t n) {
  kernels<T>().to_lanes(x, features, count, to, n);
}

template <class T>
void samples_from_lanes(const T* from, std::size_t n, T* x, std::size_t features, std::size_t count) {
  kernels<T>().from_lanes(from, n, x, features, count);
}

template <class T>
void add_samples_from_lanes(const T* from, std::size_t n, T* x, std::size_t features, std::size_t count) {
  kernels<T>().add_from_lanes(from, n, x, features, count);
}

template void dense_forward(const float*, const float*, float*, float*, std::size_t, std::size_t, Activation);
template void dense_forward(const double*, const double*, double*, double*, std::size_t, std::size_t,
                            Activation);
template void dense_pullback(const float*, const float*, const float*, const float*, float*, float*,
                             std::size_t, std::size_t);
template void dense_pullback(const double*, const double*, const double*, const double*, double*, double*,
                             std::size_t, std::size_t);
template void activate(const float*, float*, float*, std::size_t, Activation);
template void activate(const double*, double*, double*, std::size_t, Activation);
template void dense_forward_lanes(const float*, const float*, float*, float*, std::size_t, std::size_t,
                                  std::size_t, Activation);
template void dense_pullback_lanes(const float*, const float*, const float*, const float*, float*, float*,
                                   float*, std::size_t, std::size_t, std::size_t, Activation, ReadAhead&);
template void samples_to_lanes(const float*, std::size_t, std::size_t, float*, std::size_t);
template void samples_from_lanes(const float*, std::size_t, float*, std::size_t, std::size_t);
template void add_samples_from_lanes(const float*, std::size_t, float*, std::size_t, std::size_t);
template void dense_forward_lanes(const double*, const double*, double*, double*, std::size_t, std::size_t,
                                  std::size_t, Activation);
template void dense_pullback_lanes(const double*, const double*, const double*, const double*, double*,
                                   double*, double*, std::size_t, std::size_t, std::size_t, Activation,
                                   ReadAhead&);
template void samples_to_lanes(const double*, std::size_t, std::size_t, double*, std::size_t);
template void samples_from_lanes(const double*, std::size_t, double*, std::size_t, std::size_t);
template void add_samples_from_lanes(const double*, std::size_t, double*, std::size_t, std::size_t);

}  // namespace costate::detail
