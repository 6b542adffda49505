#include <costate/nn/dense_kernels.hpp>

#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>
#include <limits>
#include <nn/kernel_testing.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace costate::detail {
namespace {

template <class T>
class DenseLanesOf : public UnderEachInstructionSet {
 protected:
  using Against = typename Guarded<T>::Against;
  static constexpr std::size_t unit = lane_multiple<T>;

  /// Random numbers between pages that may not be touched.
  static void fill(Guarded<T>& array, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<T> uniform(-1, 1);
    for (std::size_t i = 0; i < array.size(); ++i) array[i] = uniform(random);
  }
  template <class F>
  static void for_each_shape(F body) {
    const std::pair<std::size_t, std::size_t> shapes[] = {{1, 1},  {2, 50},  {50, 2}, {3, 7},
                                                          {7, 3},  {4, 4},   {5, 6},  {6, 5},
                                                          {9, 11}, {50, 50}, {1, 13}, {13, 1}};
    for (const auto& [in, out] : shapes)
      for (const std::size_t n : {unit, 2 * unit, 3 * unit, 4 * unit, 7 * unit})
        for (const auto side : {Against::begin, Against::end}) {
          SCOPED_TRACE(std::to_string(in) + " -> " + std::to_string(out) + ", " + std::to_string(n));
          body(in, out, n, side);
          if (::testing::Test::HasFailure()) return;
        }
  }
};
TYPED_TEST_SUITE(DenseLanesOf, Scalars);

TYPED_TEST(DenseLanesOf, ForwardIsTheLayerOnEachSample) {
  using T = TypeParam;
  constexpr T eps = std::numeric_limits<T>::epsilon();
  this->under_each_instruction_set([&] {
    this->for_each_shape([&](std::size_t in, std::size_t out, std::size_t n, auto side) {
      Guarded<T> p(in * out + out, side), x(in * n, side), y(out * n, side), d(out * n, side);
      this->fill(p, 1), this->fill(x, 2);
      std::vector<T> sample(in), wanted(out), slope(out);
      for (const Activation act : activations) {
        dense_forward_lanes<T>(p.data(), x.data(), y.data(), d.data(), in, out, n, act);
        for (std::size_t j = 0; j < n; j += 5) {
          for (std::size_t k = 0; k < in; ++k) sample[k] = x[k * n + j];
          dense_forward<T>(p.data(), sample.data(), wanted.data(), slope.data(), in, out, act);
          for (std::size_t i = 0; i < out; ++i) {
            EXPECT_NEAR(y[i * n + j], wanted[i], 4 * eps * T(in + 1)) << int(act);
            if (act != Activation::identity && act != Activation::relu) {
              EXPECT_NEAR(d[i * n + j], slope[i], 8 * eps * T(in + 1)) << int(act);
            }
          }
        }
      }
    });
  });
}

TYPED_TEST(DenseLanesOf, PullbackIsTheSumOverSamples) {
  using T = TypeParam;
  constexpr T eps = std::numeric_limits<T>::epsilon();
  this->under_each_instruction_set([&] {
    this->for_each_shape([&](std::size_t in, std::size_t out, std::size_t n, auto side) {
      const std::size_t count = in * out + out;
      Guarded<T> p(count, side), x(in * n, side), y(out * n, side), d(out * n, side), ybar(out * n, side),
          z(out * n, side), xbar(in * n, side), pbar(count, side);
      this->fill(p, 1), this->fill(x, 2), this->fill(ybar, 3);
      for (const Activation act :
           {Activation::identity, Activation::tanh, Activation::relu, Activation::gelu}) {
        dense_forward_lanes<T>(p.data(), x.data(), y.data(), d.data(), in, out, n, act);
        // the reference, sample by sample
        std::vector<T> wanted_x(in * n), wanted_p(count), sample(in), ys(out), slope(out), cotangent(out),
            to(in);
        for (std::size_t j = 0; j < n; ++j) {
          for (std::size_t k = 0; k < in; ++k) sample[k] = x[k * n + j], to[k] = 0;
          for (std::size_t i = 0; i < out; ++i) cotangent[i] = ybar[i * n + j];
          dense_forward<T>(p.data(), sample.data(), ys.data(), slope.data(), in, out, act);
          const T* slopes = act == Activation::identity ? nullptr : slope.data();
          dense_pullback<T>(p.data(), sample.data(), slopes, cotangent.data(), to.data(), wanted_p.data(), in,
                            out);
          for (std::size_t k = 0; k < in; ++k) wanted_x[k * n + j] = to[k];
        }
        const T* slopes = slope_from_output(act) ? nullptr : d.data();
        const char* const ahead_of = reinterpret_cast<const char*>(ybar.data());
        ReadAhead ahead{ahead_of, ybar.size() * sizeof(T)};
        for (std::size_t i = 0; i < z.size(); ++i) z[i] = ybar[i];
        for (std::size_t k = 0; k < count; ++k) pbar[k] = 0;
        dense_pullback_lanes<T>(p.data(), x.data(), y.data(), slopes, z.data(), xbar.data(), pbar.data(), in,
                                out, n, act, ahead);
        for (std::size_t k = 0; k < count; ++k) EXPECT_NEAR(pbar[k], wanted_p[k], 4 * eps * T(n)) << int(act);
        for (std::size_t k = 0; k < in * n; ++k)
          EXPECT_NEAR(xbar[k], wanted_x[k], 8 * eps * T(out + 1)) << int(act);
        // one of the two alone
        for (std::size_t i = 0; i < z.size(); ++i) z[i] = ybar[i];
        dense_pullback_lanes<T>(p.data(), x.data(), y.data(), slopes, z.data(), nullptr, pbar.data(), in, out,
                                n, act, ahead);
        for (std::size_t k = 0; k < count; ++k)
          EXPECT_NEAR(pbar[k], 2 * wanted_p[k], 12 * eps * T(n)) << "pbar is added to";
        EXPECT_EQ(ahead.next + ahead.bytes, ahead_of + ybar.size() * sizeof(T));
      }
    });
  });
}

TYPED_TEST(DenseLanesOf, SamplesGoToLanesAndBack) {
  using T = TypeParam;
  this->under_each_instruction_set([&] {
    for (const std::size_t features : {1, 2, 3, 8})
      for (const std::size_t count :
           {std::size_t{1}, std::size_t{2}, std::size_t{7}, lane_multiple<T>, 2 * lane_multiple<T> + 3})
        for (const auto side : {TestFixture::Against::begin, TestFixture::Against::end}) {
          SCOPED_TRACE(std::to_string(features) + " x " + std::to_string(count));
          const std::size_t n = (count + lane_multiple<T> - 1) / lane_multiple<T> * lane_multiple<T>;
          Guarded<T> x(features * count, side), lanes(features * n, side), back(features * count, side);
          this->fill(x, 4), this->fill(back, 5);
          samples_to_lanes<T>(x.data(), features, count, lanes.data(), n);
          for (std::size_t i = 0; i < features; ++i)
            for (std::size_t j = 0; j < n; ++j)
              EXPECT_EQ(lanes[i * n + j], x[std::min(j, count - 1) * features + i]);
          samples_from_lanes<T>(lanes.data(), n, back.data(), features, count);
          for (std::size_t k = 0; k < x.size(); ++k) EXPECT_EQ(back[k], x[k]);
          add_samples_from_lanes<T>(lanes.data(), n, back.data(), features, count);
          for (std::size_t k = 0; k < x.size(); ++k) EXPECT_EQ(back[k], x[k] + x[k]);
        }
  });
}

}  // namespace
}  // namespace costate::detail
