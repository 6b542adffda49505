#include <costate/nn/dense_kernels.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <nn/kernel_testing.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace costate::detail {
namespace {

template <class T>
class DenseKernelsOf : public UnderEachInstructionSet {};
TYPED_TEST_SUITE(DenseKernelsOf, Scalars);

std::vector<std::pair<std::size_t, std::size_t>> shapes() {
  std::vector<std::pair<std::size_t, std::size_t>> all = {{1, 1},   {1, 7},   {3, 5},   {17, 33}, {50, 2},
                                                          {2, 50},  {100, 3}, {16, 16}, {50, 50}, {64, 64},
                                                          {2, 300}, {3, 700}, {300, 1}, {301, 2}};
  for (std::size_t in = 1; in <= 9; ++in) {
    for (std::size_t out = 1; out <= 36; ++out) all.emplace_back(in, out);
  }
  for (std::size_t in = 10; in <= 40; ++in) {
    for (const std::size_t out : {1, 2, 3, 5}) all.emplace_back(in, out);
  }
  return all;
}

/// A layer with random numbers in guarded arrays.
template <class T>
struct Layer {
  using Against = typename Guarded<T>::Against;
  std::size_t in, out;
  Guarded<T> p, x, y, d, ybar, xbar, pbar;

  Layer(std::size_t inputs, std::size_t outputs, Against side)
      : in(inputs),
        out(outputs),
        p(in * out + out, side),
        x(in, side),
        y(out, side),
        d(out, side),
        ybar(out, side),
        xbar(in, side),
        pbar(in * out + out, side) {
    std::mt19937 random(static_cast<unsigned>(in * 1000 + out));
    std::uniform_real_distribution<T> uniform(-1, 1);
    for (Guarded<T>* array : {&p, &x, &d, &ybar, &xbar, &pbar}) {
      for (std::size_t i = 0; i < array->size(); ++i) (*array)[i] = uniform(random);
    }
  }
};

/// Calls body(layer) for every shape and both sides of the guards.
template <class T, class F>
void for_each_layer(F body) {
  for (const auto& [in, out] : shapes()) {
    for (const auto side : {Guarded<T>::Against::begin, Guarded<T>::Against::end}) {
      SCOPED_TRACE(std::to_string(in) + " -> " + std::to_string(out));
      Layer<T> layer(in, out, side);
      body(layer);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TYPED_TEST(DenseKernelsOf, ForwardIsTheNaiveSum) {
  using T = TypeParam;
  constexpr Real eps = std::numeric_limits<T>::epsilon();
  this->under_each_instruction_set([&] {
    for_each_layer<T>([&](Layer<T>& l) {
      const std::vector<Activation> some =
          l.in < 4 ? std::vector<Activation>(std::begin(activations), std::end(activations))
                   : std::vector<Activation>{Activation::tanh, Activation::identity, Activation::softplus};
      for (const Activation act : some) {
        std::vector<T> with_derivative;
        for (const bool derivative : {true, false}) {
          for (std::size_t i = 0; i < l.out; ++i) l.y[i] = l.d[i] = 9;
          dense_forward<T>(l.p.data(), l.x.data(), l.y.data(), derivative ? l.d.data() : nullptr, l.in, l.out,
                           act);
          for (std::size_t i = 0; i < l.out; ++i) {
            Real z = l.p[l.in * l.out + i], size = std::abs(z);
            for (std::size_t j = 0; j < l.in; ++j) {
              const Real term = Real(l.p[j * l.out + i]) * l.x[j];
              z += term;
              size += std::abs(term);
            }
            const Real tolerance = eps * ((Real(l.in) + 2) * size + 4);
            EXPECT_NEAR(l.y[i], exact(act, z), 1.2L * tolerance);
            if (derivative) with_derivative.push_back(l.y[i]);
            EXPECT_EQ(l.y[i], with_derivative[i]);
            if (!derivative) {
              EXPECT_EQ(l.d[i], 9);
            } else if (act == Activation::relu && std::abs(z) < tolerance) {
              continue;
            } else {
              EXPECT_NEAR(l.d[i], exact_derivative(act, z), tolerance);
            }
          }
        }
      }
    });
  });
}

TYPED_TEST(DenseKernelsOf, PullbackAddsTheNaiveSums) {
  using T = TypeParam;
  constexpr Real eps = std::numeric_limits<T>::epsilon();
  this->under_each_instruction_set([&] {
    for_each_layer<T>([&](Layer<T>& l) {
      const std::size_t n = l.in * l.out;
      for (int skip = 0; skip < 8; ++skip) {  // one bit for each of d, xbar, pbar
        T* d = skip & 1 ? nullptr : l.d.data();
        T* xbar = skip & 2 ? nullptr : l.xbar.data();
        T* pbar = skip & 4 ? nullptr : l.pbar.data();
        const std::vector<T> xbar0(l.xbar.data(), l.xbar.data() + l.in),
            pbar0(l.pbar.data(), l.pbar.data() + n + l.out);
        dense_pullback<T>(l.p.data(), pbar ? l.x.data() : nullptr, d, l.ybar.data(), xbar, pbar, l.in, l.out);
        const auto z = [&](std::size_t i) { return d ? Real(l.ybar[i]) * d[i] : Real(l.ybar[i]); };
        for (std::size_t j = 0; j < l.in; ++j) {
          Real want = xbar0[j], size = std::abs(want);
          for (std::size_t i = 0; i < l.out && xbar; ++i) {
            const Real term = z(i) * l.p[j * l.out + i];
            want += term;
            size += std::abs(term);
          }
          EXPECT_NEAR(l.xbar[j], want, xbar ? eps * (Real(l.out) + 3) * size : 0);
        }
        for (std::size_t k = 0; k < n + l.out; ++k) {
          const Real add = pbar ? z(k % l.out) * (k < n ? Real(l.x[k / l.out]) : 1) : 0;
          EXPECT_NEAR(l.pbar[k], pbar0[k] + add,
                      pbar ? 3 * eps * (std::abs(Real(pbar0[k])) + std::abs(add)) : 0);
        }
      }
    });
  });
}

TYPED_TEST(DenseKernelsOf, InstructionSetsAgree) {
  using T = TypeParam;
  const T few = 16 * std::numeric_limits<T>::epsilon();
  for (const auto& [in, out] :
       {std::pair<std::size_t, std::size_t>{2, 50}, {50, 2}, {17, 33}, {16, 1}, {5, 3}}) {
    std::vector<std::vector<T>> results;
    this->under_each_instruction_set([&, in = in, out = out] {
      Layer<T> l(in, out, Guarded<T>::Against::end);
      dense_forward<T>(l.p.data(), l.x.data(), l.y.data(), l.d.data(), in, out, Activation::tanh);
      dense_pullback<T>(l.p.data(), l.x.data(), l.d.data(), l.ybar.data(), l.xbar.data(), l.pbar.data(), in,
                        out);
      std::vector<T> all;
      for (Guarded<T>* a : {&l.y, &l.d, &l.xbar, &l.pbar})
        all.insert(all.end(), a->data(), a->data() + a->size());
      results.push_back(all);
    });
    for (const std::vector<T>& r : results) {
      for (std::size_t i = 0; i < r.size(); ++i)
        EXPECT_NEAR(r[i], results[0][i], few * (1 + std::abs(r[i]))) << in << " -> " << out;
    }
  }
}

TEST_F(UnderEachInstructionSet, NamesItsInstructionSetAndRefusesOthers) {
  ASSERT_FALSE(sets_.empty());
  for (const std::string& name : sets_) {
    force_kernel_instruction_set(name);
    EXPECT_EQ(kernel_instruction_set(), name);
  }
  EXPECT_THROW(force_kernel_instruction_set("mmx"), std::invalid_argument);
  EXPECT_THROW(force_kernel_instruction_set(""), std::invalid_argument);
  EXPECT_EQ(kernel_instruction_set(), sets_.back());
}

}  // namespace
}  // namespace costate::detail
