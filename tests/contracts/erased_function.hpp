#pragma once

#include <costate/ad/vjp.hpp>
#include <costate/problems/ode_function.hpp>

#include <cstddef>

namespace costate {

namespace erased_parts {

using Reads = VectorView<const double>;
using Writes = VectorView<double>;

struct Value {
  void (*function)(Writes& du, const Reads& u, const Reads& p, double t);
  void operator()(Writes& du, const Reads& u, const Reads& p, const double& t) const {
    function(du, u, p, t);
  }
};
struct Vjp {
  void (*function)(Writes& ubar, Writes& pbar, const Reads& lambda, const Reads& u, const Reads& p, double t);
  void operator()(Writes& ubar, Writes& pbar, const Reads& lambda, const Reads& u, const Reads& p,
                  double t) const {
    function(ubar, pbar, lambda, u, p, t);
  }
};

}  // namespace erased_parts

/// A right-hand side and its vjp behind pointers: a sensitivity is compiled once for all equations of a test.
using ErasedFunction = ODEFunction<erased_parts::Value, erased_parts::Vjp>;

/// f: a generic callable without state.
template <class F>
ErasedFunction erased_function(F) {
  using namespace erased_parts;
  const Value value{[](Writes& du, const Reads& u, const Reads& p, double t) { F{}(du, u, p, t); }};
  const Vjp vjp{
      [](Writes& ubar, Writes& pbar, const Reads& lambda, const Reads& u, const Reads& p, double t) {
        const F f{};
        detail::TapeVjp<F, double, dynamic, dynamic, double, true> of_f(f, p, u.size());
        Vector<double> here(u.size());
        of_f.start();
        of_f(u.data(), t, lambda.data(), here.data());
        of_f.finish(pbar.data());
        for (std::size_t i = 0; i < u.size(); ++i) ubar[i] += here[i];
      }};
  return ODEFunction{value}.with_vjp(vjp);
}

}  // namespace costate
