#include <costate/methods/dp8.hpp>
#include <costate/methods/tsit_pap8.hpp>
#include <costate/methods/vern6.hpp>
#include <costate/methods/vern7.hpp>
#include <costate/methods/vern8.hpp>
#include <costate/methods/vern9.hpp>

#include <contracts/achieved_error.hpp>

namespace costate {

TEST(AchievedError, OfMethodsFromOrderSixIsAsThePageSays) {
  achieved_error::check_page<Vern6, Vern7, TsitPap8, Vern8, DP8, Vern9>("methods from order six");
}

}  // namespace costate
