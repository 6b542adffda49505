#include <costate/nn/detail/packed_net.hpp>

#include "kernel_testing.hpp"

namespace costate::detail {
namespace {

constexpr auto cube = [](auto x) { return x * x * x; };

template <class T>
class PackedNetTest : public UnderEachInstructionSet {
 protected:
  std::vector<T> numbers(std::size_t n, double size) {
    std::uniform_real_distribution<double> uniform(-size, size);
    std::vector<T> x(n);
    for (T& value : x) value = static_cast<T>(uniform(random_));
    return x;
  }
  /// The largest difference, over the largest of `right` or 1, in roundings.
  static Real roundings(const T* got, const std::vector<Real>& right) {
    Real scale = 1, difference = 0;
    for (const Real x : right) scale = std::max(scale, std::abs(x));
    for (std::size_t i = 0; i < right.size(); ++i) {
      const Real d = std::abs(static_cast<Real>(got[i]) - right[i]);
      if (!(d <= difference)) difference = d;
    }
    return difference / scale / std::numeric_limits<T>::epsilon();
  }

  /// Forward and back at `evaluations` states, against the layers themselves in long double.
  template <std::size_t In = dynamic, class Net>
  void check(const Net& net, std::size_t inputs, std::size_t evaluations, bool forgets = false) {
    using Side = typename Guarded<T>::Against;
    const std::size_t outputs = net.output_size(inputs);
    const std::vector<T> p = numbers(net.parameter_count(), 0.7);
    const std::vector<Real> p_right(p.begin(), p.end());
    PackedNet<Net, T, In> packed(net, inputs, p.data());
    typename PackedNet<Net, T, In>::Pullback pullback(packed, p.size(), true);
    Buffer<T> kept(evaluations * packed.kept_size());
    const std::vector<T> begin = numbers(p.size(), 1);
    std::vector<T> pbar = begin;
    std::vector<Real> pbar_right(begin.begin(), begin.end());
    for (std::size_t e = 0; e < evaluations; ++e) {
      Guarded<T> x(inputs, Side::end), y(outputs, Side::end), ybar(outputs, Side::end),
          xbar(inputs, Side::end);
      const std::vector<T> x_values = numbers(inputs, 1), ybar_values = numbers(outputs, 1);
      std::copy(x_values.begin(), x_values.end(), x.data());
      std::copy(ybar_values.begin(), ybar_values.end(), ybar.data());
      T* const to = kept.data() + e * packed.kept_size();
      packed.forward(x.data(), y.data(), to);
      pullback(x.data(), forgets && e % 3 == 1 ? nullptr : to, ybar.data(), xbar.data());

      const std::vector<Real> x_right(x_values.begin(), x_values.end()),
          ybar_right(ybar_values.begin(), ybar_values.end());
      std::vector<Real> y_right(outputs), xbar_right(inputs), slopes(slope_count(net, inputs) + 1);
      net.forward(x_right.data(), inputs, p_right.data(), y_right.data(), slopes.data());
      net.pullback(x_right.data(), inputs, static_cast<const Real*>(slopes.data()), ybar_right.data(),
                   p_right.data(), xbar_right.data(), pbar_right.data());
      EXPECT_LT(roundings(y.data(), y_right), 30) << "y of evaluation " << e;
      EXPECT_LT(roundings(xbar.data(), xbar_right), 60) << "xbar of evaluation " << e;
      T again = y.data()[0];
      packed.forward(x.data(), y.data(), nullptr);
      EXPECT_EQ(again, y.data()[0]);
    }
    pullback.finish(pbar.data());
    EXPECT_LT(roundings(pbar.data(), pbar_right), 60 + 10 * static_cast<Real>(evaluations));

    // a second sweep starts from nothing
    pullback.start();
    std::vector<T> nothing(p.size());
    pullback.finish(nothing.data());
    for (const T bar : nothing) EXPECT_EQ(bar, 0);
  }

  std::mt19937 random_{7};
};
TYPED_TEST_SUITE(PackedNetTest, Scalars);

TYPED_TEST(PackedNetTest, OneHiddenLayerOfAnySize) {
  this->under_each_instruction_set([&] {
    for (const std::size_t in : {1, 2, 3, 4, 5, 9})
      for (const std::size_t hidden : {1, 4, 5, 8, 16, 17, 50, 64, 99})
        for (const std::size_t out : {1, 2, 3, 4, 5, 8, 18}) {
          SCOPED_TRACE(std::to_string(in) + " " + std::to_string(hidden) + " " + std::to_string(out));
          this->check(Chain{Dense{in, hidden, activation::tanh}, Dense{hidden, out}}, in, 3);
        }
  });
}

TYPED_TEST(PackedNetTest, PairsThatPassTheirNumbersByValue) {
  this->under_each_instruction_set([&] {
    const auto with = [&]<std::size_t In, std::size_t Out>(std::index_sequence<In, Out>) {
      SCOPED_TRACE(std::to_string(In) + " " + std::to_string(Out));
      this->template check<In>(Chain{Dense<In, 50, activation::tanh>{}, Dense<50, Out>{}}, In, 9, true);
    };
    with(std::index_sequence<1, 1>{});
    with(std::index_sequence<2, 2>{});
    with(std::index_sequence<1, 4>{});
    with(std::index_sequence<3, 2>{});
    with(std::index_sequence<4, 3>{});
    this->template check<2>(Chain{Dense<2, 19, activation::gelu>{}, Dense<19, 2>{}}, 2, 3);
  });
}

TYPED_TEST(PackedNetTest, EveryActivationInsideAndAtTheEnd) {
  this->under_each_instruction_set([&] {
    const auto with = [&](auto f) {
      for (const std::size_t out : {2, 7}) {
        SCOPED_TRACE(std::to_string(static_cast<int>(decltype(f)::kind)) + " " + std::to_string(out));
        this->check(Chain{Dense{2, 19, f}, Dense{19, out}}, 2, 2);
        this->check(Chain{Dense{2, 19, f}, Dense{19, 6, f}, Dense{6, out, f}}, 2, 2);
        this->check(Chain{Dense{7, 3, f}, Dense{3, 33, f}, Dense{33, out, f}}, 7, 2);
      }
    };
    with(activation::identity);
    with(activation::tanh);
    with(activation::sigmoid);
    with(activation::relu);
    with(activation::softplus);
    with(activation::gelu);
    with(activation::swish);
  });
}

TYPED_TEST(PackedNetTest, SumsOverAnyNumberOfEvaluations) {
  this->under_each_instruction_set([&] {
    for (const std::size_t evaluations : {1, 2, 3, 5, 7, 8, 9, 15, 16, 30}) {
      SCOPED_TRACE(evaluations);
      this->check(Chain{Dense{2, 20, activation::tanh}, Dense{20, 2}}, 2, evaluations);
      this->check(Chain{Dense{6, 20, activation::tanh}, Dense{20, 6}}, 6, evaluations, true);
    }
  });
}

TYPED_TEST(PackedNetTest, OtherLayersBetween) {
  this->under_each_instruction_set([&] {
    this->check(Chain{cube, Dense{2, 20, activation::tanh}, Dense{20, 2}}, 2, 9);
    this->template check<2>(Chain{cube, Dense<2, 20, activation::tanh>{}, Dense<20, 2>{}, cube}, 2, 9, true);
    this->check(Chain{Dense{5, 20}, cube, Dense{20, 3, activation::tanh}, cube, cube, Dense{3, 4}}, 5, 9);
    const Chain inner{Dense{20, 3, activation::tanh}, cube};
    this->check(Chain{Dense{5, 20, activation::swish}, inner, Dense{3, 4}}, 5, 9);
    this->check(Dense{50, 2, activation::tanh}, 50, 9);
    this->check(Dense{3, 40, activation::tanh}, 3, 9);
    this->check(Elementwise{cube}, 6, 2);
  });
}

TYPED_TEST(PackedNetTest, InfiniteInputGivesNoFiniteOutput) {
  this->under_each_instruction_set([&] {
    const Chain net{Dense{2, 5, activation::relu}, Dense{5, 2}};
    const std::vector<TypeParam> p(net.parameter_count(), TypeParam(0.5));
    PackedNet<std::remove_const_t<decltype(net)>, TypeParam, dynamic> packed(net, 2, p.data());
    const TypeParam x[] = {std::numeric_limits<TypeParam>::infinity(), TypeParam(1)};
    TypeParam y[2];
    packed.forward(x, y, nullptr);
    EXPECT_FALSE(std::isfinite(y[0]));
    EXPECT_FALSE(std::isfinite(y[1]));
  });
}

}  // namespace
}  // namespace costate::detail
