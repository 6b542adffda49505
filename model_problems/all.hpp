#pragma once

#include <model_problems/arenstorf.hpp>
#include <model_problems/brusselator.hpp>
#include <model_problems/chirped_oscillator.hpp>
#include <model_problems/detest.hpp>
#include <model_problems/fitzhugh_nagumo.hpp>
#include <model_problems/kepler.hpp>
#include <model_problems/lorenz.hpp>
#include <model_problems/lotka_volterra.hpp>
#include <model_problems/outer_planets.hpp>
#include <model_problems/pendulum.hpp>
#include <model_problems/pleiades.hpp>
#include <model_problems/van_der_pol.hpp>
#include <tuple>

namespace costate::model_problems {

/// Every model problem that is not one of DETEST: `std::apply` goes through them.
using WithoutDetest = std::tuple<Arenstorf, Brusselator, ChirpedOscillator, FitzHughNagumo, Kepler, Lorenz,
                                 LotkaVolterra, Pendulum, Pleiades, VanDerPol>;

/// Every model problem; none has more than 100 states.
using AllModelProblems = decltype(std::tuple_cat(WithoutDetest{}, detest::All{}));

}  // namespace costate::model_problems
