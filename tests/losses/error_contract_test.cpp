#include <costate/losses/reductions.hpp>
#include <costate/losses/robust_errors.hpp>

#include <contracts/loss_contract.hpp>

namespace costate {
namespace {

struct OfDifferences {
  static constexpr bool by_sample = false;
  static double x(double u) { return 4 * u - 2; }
  static double y(double u) { return 4 * u - 2; }
};
struct SquaredErrorCase : OfDifferences {
  static constexpr const char* name = "squared_error";
  template <class X, class Y>
  static auto loss(const X& x, const Y& y, const LossOptions& options = {}) {
    return squared_error(x, y, options);
  }
};
struct MeanSquaredErrorCase : OfDifferences {
  static constexpr const char* name = "mean_squared_error";
  template <class X, class Y>
  static auto loss(const X& x, const Y& y, const LossOptions& options = {}) {
    return mean_squared_error(x, y, options);
  }
};
struct AbsoluteErrorCase : OfDifferences {
  static constexpr const char* name = "absolute_error";
  template <class X, class Y>
  static auto loss(const X& x, const Y& y, const LossOptions& options = {}) {
    return absolute_error(x, y, options);
  }
};
struct MeanAbsoluteErrorCase : OfDifferences {
  static constexpr const char* name = "mean_absolute_error";
  template <class X, class Y>
  static auto loss(const X& x, const Y& y, const LossOptions& options = {}) {
    return mean_absolute_error(x, y, options);
  }
};
struct HuberCase : OfDifferences {
  static constexpr const char* name = "huber";
  template <class X, class Y>
  static auto loss(const X& x, const Y& y, const LossOptions& options = {}) {
    return huber(x, y, {.delta = 0.8, .weights = options.weights, .missing = options.missing});
  }
};

}  // namespace

using Cases = testing::Types<SquaredErrorCase, MeanSquaredErrorCase, AbsoluteErrorCase, MeanAbsoluteErrorCase,
                             HuberCase>;
INSTANTIATE_TYPED_TEST_SUITE_P(Errors, LossContract, Cases);

}  // namespace costate
