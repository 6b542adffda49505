#pragma once

#include <costate/core/time_span.hpp>
#include <costate/core/vector.hpp>

#include <cstddef>
#include <model_problems/all.hpp>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace costate {

/// The right-hand side of one of AllModelProblems, chosen at run time, for every scalar: one instantiation of
/// a solve serves them all.
struct AnyModel {
  std::size_t index = 0;

  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P& p, const Time& t) const {
    choose(du, u, p, t, std::make_index_sequence<std::tuple_size_v<model_problems::AllModelProblems>>());
  }

 private:
  template <class DU, class U, class P, class Time, std::size_t... I>
  void choose(DU& du, const U& u, const P& p, const Time& t, std::index_sequence<I...>) const {
    (void)((index == I &&
            (std::tuple_element_t<I, model_problems::AllModelProblems>::f(du, u, p, t), true)) ||
           ...);
  }
};

/// What a model problem is made of, with sizes known at run time.
struct ModelData {
  AnyModel f;
  std::vector<double> u0, p, end;
  TimeSpan<double> tspan;
};
/// Where a model stands among AllModelProblems.
template <class M>
constexpr std::size_t index_of() {
  return []<class... Models>(const std::tuple<Models...>*) {
    std::size_t index = 0;
    (void)((std::is_same_v<M, Models> || (++index, false)) || ...);
    return index;
  }(static_cast<const model_problems::AllModelProblems*>(nullptr));
}
inline std::vector<ModelData> all_models() {
  std::vector<ModelData> models;
  const auto add = [&]<class M>(const M&) {
    ModelData data;
    data.f.index = models.size();
    data.tspan = M::tspan;
    for (std::size_t i = 0; i < M::u0.size(); ++i) data.u0.push_back(M::u0[i]), data.end.push_back(M::end[i]);
    for (std::size_t i = 0; i < M::p.size(); ++i) data.p.push_back(M::p[i]);
    models.push_back(data);
  };
  std::apply([&](const auto&... model) { (add(model), ...); }, model_problems::AllModelProblems{});
  return models;
}

}  // namespace costate
