#include <costate/losses/cross_entropy.hpp>
#include <costate/losses/likelihood.hpp>

#include <contracts/loss_contract.hpp>

namespace costate {
namespace {

struct NormalCase {
  static constexpr const char* name = "normal_nll";
  static constexpr bool by_sample = false;
  static double x(double u) { return 4 * u - 2; }
  static double y(double u) { return 4 * u - 2; }
  template <class X, class Y>
  static auto loss(const X& x, const Y& y, const LossOptions& options = {}) {
    return normal_nll(x, y, 0.7f, options);
  }
};
struct LogNormalCase {
  static constexpr const char* name = "log_normal_nll";
  static constexpr bool by_sample = false;
  static double x(double u) { return 0.5 + u; }
  static double y(double u) { return 0.5 + u; }
  template <class X, class Y>
  static auto loss(const X& x, const Y& y, const LossOptions& options = {}) {
    return log_normal_nll(x, y, 0.7f, options);
  }
};
struct Probabilities {
  static double x(double u) { return 0.2 + 0.6 * u; }
  static double y(double u) { return 0.1 + 0.8 * u; }
};
struct CrossEntropyCase : Probabilities {
  static constexpr const char* name = "cross_entropy";
  static constexpr bool by_sample = true;
  template <class X, class Y>
  static auto loss(const X& x, const Y& y, const LossOptions& options = {}) {
    return cross_entropy(x, y, options);
  }
};
struct LogitCrossEntropyCase {
  static constexpr const char* name = "logit_cross_entropy";
  static constexpr bool by_sample = true;
  static double x(double u) { return 6 * u - 3; }
  static double y(double u) { return u; }
  template <class X, class Y>
  static auto loss(const X& x, const Y& y, const LossOptions& options = {}) {
    return logit_cross_entropy(x, y, options);
  }
};
struct BinaryCrossEntropyCase : Probabilities {
  static constexpr const char* name = "binary_cross_entropy";
  static constexpr bool by_sample = false;
  template <class X, class Y>
  static auto loss(const X& x, const Y& y, const LossOptions& options = {}) {
    return binary_cross_entropy(x, y, options);
  }
};
struct LogitBinaryCrossEntropyCase {
  static constexpr const char* name = "logit_binary_cross_entropy";
  static constexpr bool by_sample = false;
  static double x(double u) { return 6 * u - 3; }
  static double y(double u) { return u; }
  template <class X, class Y>
  static auto loss(const X& x, const Y& y, const LossOptions& options = {}) {
    return logit_binary_cross_entropy(x, y, options);
  }
};

}  // namespace

using Cases = testing::Types<NormalCase, LogNormalCase, CrossEntropyCase, LogitCrossEntropyCase,
                             BinaryCrossEntropyCase, LogitBinaryCrossEntropyCase>;
INSTANTIATE_TYPED_TEST_SUITE_P(Probabilities, LossContract, Cases);

}  // namespace costate
