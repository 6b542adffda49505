#pragma once

#include <memory>
#include <string>
#include <vector>

#include "study.hpp"
#ifdef COSTATE_PEER_ODEINT
#include "peers/odeint.hpp"
#endif
#ifdef COSTATE_PEER_SUNDIALS
#include "peers/sundials.hpp"
#endif

namespace work_precision {

/// An entry of a peer: an object made for a tolerance that has `solve()`, `saved()` and `rhs_evaluations()`.
template <class Make>
Entry peer_entry(std::string library, std::string method, Make make) {
  return {std::move(library), std::move(method), [make](double tolerance) {
            const auto peer = make(tolerance);
            return Run{[=] { peer->solve(); }, [=] { return peer->solve(), peer->saved(); },
                       [=] { return static_cast<std::size_t>(peer->rhs_evaluations()); }};
          }};
}

/// A line for each method of the peers that are installed.
template <class M>
void add_peers(Study& study, const std::vector<double>& times) {
#ifdef COSTATE_PEER_ODEINT
  study.entries.push_back(peer_entry("Boost.odeint", "dopri5", [=](double tolerance) {
    return std::make_shared<peers::OdeintDense<M>>(times, tolerance);
  }));
  study.entries.push_back(peer_entry("Boost.odeint", "fehlberg78", [=](double tolerance) {
    return std::make_shared<peers::OdeintControlled<M>>(times, tolerance);
  }));
#endif
#ifdef COSTATE_PEER_SUNDIALS
  for (const auto& [name, method] : {std::pair{"CVODE Adams", CV_ADAMS}, std::pair{"CVODE BDF", CV_BDF}})
    study.entries.push_back(peer_entry("SUNDIALS", name, [=, method = method](double tolerance) {
      return std::make_shared<peers::CvodeModel<M>>(times, tolerance, method);
    }));
  for (const auto& [name, table] : {std::pair{"ARKODE Dormand-Prince 5", ARKODE_DORMAND_PRINCE_7_4_5},
                                    std::pair{"ARKODE Fehlberg 8", ARKODE_FEHLBERG_13_7_8}})
    study.entries.push_back(peer_entry("SUNDIALS", name, [=, table = table](double tolerance) {
      return std::make_shared<peers::ArkodeModel<M>>(times, tolerance, table);
    }));
#endif
}

}  // namespace work_precision
