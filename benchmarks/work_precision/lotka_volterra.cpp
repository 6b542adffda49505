// Lotka–Volterra, sized at compile time and at run time: error against time, solve and gradient.
#include <costate/methods/bs5.hpp>
#include <costate/methods/tsit_pap8.hpp>
#include <costate/methods/vern6.hpp>
#include <costate/methods/vern8.hpp>

#include <model_problems/lotka_volterra.hpp>

#include "saved_points.hpp"
#ifdef COSTATE_PEER_SUNDIALS
#include "peers/sundials_adjoint.hpp"
#endif

int main(int argc, char** argv) {
  using namespace costate;
  using namespace work_precision;
  using Model = model_problems::LotkaVolterra;
  const std::string folder = start(argc, argv);
  SavedPoints<Model> study("Lotka-Volterra");

  add_solves(study.solve(), model_problems::problem<Model>(), study.times(), BS5{}, Vern6{}, Vern8{},
             TsitPap8{});
  const ODEProblem sized_at_run_time(Model::f, std::vector<double>(Model::u0.begin(), Model::u0.end()),
                                     Model::tspan, std::vector<double>(Model::p.begin(), Model::p.end()));
  const std::string suffix = ", sized at run time";
  for (Entry& entry : std::vector{solve_entry(sized_at_run_time, study.times(), Tsit5{}, suffix),
                                  solve_entry(sized_at_run_time, study.times(), Vern7{}, suffix)})
    study.solve().entries.push_back(entry);
  study.gradient().entries.push_back(gradient_entry(sized_at_run_time, study.times(), Vern7{}, suffix));
#ifdef COSTATE_PEER_SUNDIALS
  study.gradient().entries.push_back(
      {"SUNDIALS", "CVODES Adams adjoint", [](double tolerance) {
         const std::array<double, 2> u0{1, 1};
         const auto solver = std::make_shared<peers::CvodesAdjointLotkaVolterra>(
             std::array<double, 4>{1.5, 1, 3, 1}, tolerance);
         return Run{[=] { solver->value_and_gradient(u0); },
                    [=] {
                      const auto g = solver->value_and_gradient(u0).gradient;
                      return std::vector<double>(g.begin(), g.end());
                    },
                    [=] { return static_cast<std::size_t>(solver->rhs_evaluations()); }};
       }});
#endif
  study.run(folder);
}
