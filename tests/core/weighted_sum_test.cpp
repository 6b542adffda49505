#include <costate/core/instruction_set.hpp>
#include <costate/core/weighted_sum.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace costate::detail {
namespace {

using Exact = long double;

/// Restores the choice of instruction set, and runs a body under each.
template <class T>
class WeightedSum : public testing::Test {
 protected:
  ~WeightedSum() override { force_kernel_instruction_set(before_); }

  template <class F>
  void under_each_instruction_set(F body) {
    int sets = 0;
    for (const char* name : {"generic", "neon", "avx2", "avx512"}) {
      try {
        force_kernel_instruction_set(name);
      } catch (const std::invalid_argument&) {
        continue;
      }
      SCOPED_TRACE(name);
      ++sets;
      body();
    }
    EXPECT_GE(sets, 1);
  }

  const std::string before_{kernel_instruction_set()};
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(WeightedSum, Scalars);

/// Terms without a pattern, each behind `shift` numbers so that nothing is aligned.
template <class T>
struct Case {
  std::size_t count, n, shift;
  std::vector<std::vector<T>> vectors;
  std::vector<const T*> terms;
  std::vector<T> weights, base;

  Case(std::size_t k, std::size_t size, std::size_t offset) : count(k), n(size), shift(offset) {
    base.resize(n + 2 * shift);
    for (std::size_t i = 0; i < base.size(); ++i) base[i] = number(99, i);
    for (std::size_t j = 0; j < count; ++j) {
      auto& x = vectors.emplace_back(n + 2 * shift);
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = number(j, i);
      weights.push_back(number(j, 1000));
    }
    for (const auto& x : vectors) terms.push_back(x.data() + shift);
  }
  static T number(std::size_t j, std::size_t i) {
    return static_cast<T>(std::sin(1.7 * j * j + 0.9 * i + 3));
  }
  Exact sum(std::size_t m, bool with_base) const {
    Exact total = with_base ? base[m + shift] : T(0);
    for (std::size_t j = 0; j < count; ++j) total += Exact(weights[j]) * terms[j][m];
    return total;
  }
  // a rounding a term, of a sum that has no more than all of them
  T slack() const { return std::numeric_limits<T>::epsilon() * T(count + 1) * T(count + 1) / 2; }
};

constexpr std::size_t counts[] = {0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 30};
constexpr std::size_t sizes[] = {0, 1, 7, 8, 15, 16, 17, 33, 255, 256, 257, 600};

TYPED_TEST(WeightedSum, IsTheSumAndWritesNothingElse) {
  using T = TypeParam;
  this->under_each_instruction_set([] {
    for (const std::size_t count : counts)
      for (const std::size_t n : sizes)
        for (const bool with_base : {false, true}) {
          const Case<T> c(count, n, 3);
          std::vector<T> out(n + 6, T(77));
          weighted_sum(out.data() + 3, with_base ? c.base.data() + 3 : nullptr, c.terms.data(),
                       c.weights.data(), count, n);
          for (std::size_t m = 0; m < n; ++m)
            ASSERT_NEAR(out[m + 3], static_cast<T>(c.sum(m, with_base)), c.slack())
                << count << " terms of " << n;
          for (const std::size_t i : {0, 1, 2}) ASSERT_TRUE(out[i] == 77 && out[n + 3 + i] == 77);
        }
  });
}

TYPED_TEST(WeightedSum, MayBeWrittenOverItsBaseOrATerm) {
  using T = TypeParam;
  this->under_each_instruction_set([] {
    for (const std::size_t count : {1, 7}) {
      Case<T> c(count, 300, 0), same(count, 300, 0);
      weighted_sum(c.base.data(), c.base.data(), c.terms.data(), c.weights.data(), count, 300);
      weighted_sum(same.vectors[0].data(), same.base.data(), same.terms.data(), same.weights.data(), count,
                   300);
      EXPECT_EQ(c.base, same.vectors[0]);
    }
  });
}

// A component is what it is wherever it stands: equal ones stay equal.
TYPED_TEST(WeightedSum, DependsOnNoPlace) {
  using T = TypeParam;
  this->under_each_instruction_set([] {
    for (const std::size_t count : {3, 12}) {
      const Case<T> c(count, 600, 0);
      std::vector<T> whole(600), part(600);
      weighted_sum(whole.data(), c.base.data(), c.terms.data(), c.weights.data(), count, 600);
      for (std::size_t from = 0; from < 600; from += 13) {
        const std::size_t size = std::min<std::size_t>(13, 600 - from);
        std::vector<const T*> terms = c.terms;
        for (const T*& term : terms) term += from;
        weighted_sum(part.data() + from, c.base.data() + from, terms.data(), c.weights.data(), count, size);
      }
      EXPECT_EQ(whole, part);
    }
  });
}

TYPED_TEST(WeightedSum, ScalesTheError) {
  using T = TypeParam;
  this->under_each_instruction_set([] {
    for (const std::size_t count : {1, 6, 13})
      for (const std::size_t n : sizes)
        for (const bool lists : {false, true}) {
          const Case<T> c(count, n, 1);
          std::vector<T> after(n), abstols(n), reltols(n);
          for (std::size_t m = 0; m < n; ++m) {
            after[m] = Case<T>::number(5, 7 * m);
            abstols[m] = T(0.01) + T(m % 3), reltols[m] = T(0.1) / T(m % 5 + 1);
          }
          const ScaledErrorOf<T> scale{c.base.data() + 1,
                                       after.data(),
                                       T(0.02),
                                       T(0.3),
                                       lists ? abstols.data() : nullptr,
                                       lists ? reltols.data() : nullptr};
          Exact wanted = 0;
          for (std::size_t m = 0; m < n; ++m) {
            const Exact size = std::max(std::abs(Exact(c.base[m + 1])), std::abs(Exact(after[m])));
            const Exact e =
                c.sum(m, false) / ((lists ? abstols[m] : T(0.02)) + (lists ? reltols[m] : T(0.3)) * size);
            wanted += e * e;
          }
          const double found = weighted_error(scale, c.terms.data(), c.weights.data(), count, n);
          ASSERT_NEAR(found, double(wanted), double(wanted) * 30 * double(c.slack())) << n;
        }
  });
}

TYPED_TEST(WeightedSum, ErrorOfANumberThatIsNoneIsNone) {
  using T = TypeParam;
  this->under_each_instruction_set([] {
    for (const std::size_t place : {0, 20, 299}) {
      Case<T> c(3, 300, 0);
      c.vectors[1][place] = std::numeric_limits<T>::quiet_NaN();
      const ScaledErrorOf<T> scale{c.base.data(), c.base.data(), T(1), T(1), nullptr, nullptr};
      EXPECT_TRUE(std::isnan(weighted_error(scale, c.terms.data(), c.weights.data(), 3, 300)));
    }
  });
}

}  // namespace
}  // namespace costate::detail
