#include <costate/ad/gradient.hpp>
#include <costate/core/vector.hpp>

#include <contracts/refusal.hpp>
#include <cstdint>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace costate {
namespace {

template <class A, class B>
inline constexpr bool same = std::is_same_v<std::remove_cvref_t<A>, B>;

static_assert(same<decltype(Vector{1.0, 2.0}), Vector<double, 2>>);
static_assert(same<decltype(Vector{1, 2, 3}), Vector<double, 3>>, "integers promote");
static_assert(same<decltype(Vector{1.0f, 2.0f}), Vector<float, 2>>);
static_assert(same<decltype(Vector{1.0f, 2}), Vector<float, 2>>);
static_assert(same<decltype(Vector{1.0f, 2.0}), Vector<double, 2>>);
static_assert(same<decltype(Vector{Dual<double, 2>(1.0), 2.0}), Vector<Dual<double, 2>, 2>>);
static_assert(same<decltype(Vector{1, Var<float>(2.0f)}), Vector<Var<float>, 2>>);
static_assert(same<decltype(Vector(std::vector{1.0f})), Vector<float>>);
static_assert(same<decltype(Vector(std::declval<VectorView<const double, 3>>())), Vector<double, 3>>);
static_assert(same<decltype(Vector(std::declval<VectorView<float>>())), Vector<float>>);
static_assert(same<decltype(Vector{std::declval<Vector<double, 2>>()}), Vector<double, 2>>,
              "a copy, no vector of a vector");

static_assert(std::is_trivially_copyable_v<Vector<double, 4>>);
static_assert(sizeof(Vector<double, 3>) == 3 * sizeof(double));
static_assert(std::is_convertible_v<Vector<double, 2>, Vector<double>>);
static_assert(!std::is_convertible_v<Vector<double, 2>, Vector<float, 2>>,
              "another scalar only if asked for");
static_assert(std::is_constructible_v<Vector<float, 2>, Vector<double, 2>>);
static_assert(!std::is_convertible_v<Vector<double, 3>, Vector<double, 2>>);
static_assert(!std::is_constructible_v<Vector<double, 2>, double, double, double>);
static_assert(VectorLike<Vector<double>> && VectorLike<VectorView<const float, 2>> &&
              VectorLike<LeafView<double>>);
static_assert(!VectorLike<std::vector<double>> && !VectorLike<double>);

constexpr double constant_sum() {
  Vector<double, 3> v{1, 2, 3};
  v[1] = 5;
  const Vector<double, 3> copy = v;
  double total = copy.back();
  for (const double x : copy.view()) total += x;
  return total + copy.data()[0] + static_cast<double>(copy.size());
}
static_assert(constant_sum() == 16, "a vector of known size works in constant expressions");

TEST(Vector, IsZeroUnlessGiven) {
  for (const double x : Vector<double, 5>()) EXPECT_EQ(x, 0);
  Vector<double> dirty(100);
  for (double& x : dirty) x = 7;
  { const Vector<double> released = std::move(dirty); }
  const Vector<double> v(100);  // likely the very block that was just given back
  for (const double x : v) EXPECT_EQ(x, 0);
  EXPECT_EQ(Vector<double>().size(), 0u);
  EXPECT_EQ((Vector<double, 0>().size()), 0u);
}

TEST(Vector, OfRunTimeSizeTakesListsCountsAndVectors) {
  EXPECT_EQ((Vector<double>{3.0}.size()), 1u);
  EXPECT_EQ(Vector<double>(3).size(), 3u);
  const std::vector<double> numbers{1, 2, 3};
  const Vector<double> v = numbers;
  EXPECT_EQ(v.back(), 3);
  const Vector<float> narrowed(v);
  EXPECT_EQ(narrowed[1], 2.0f);
}

TEST(Vector, CopiesAreDeepAndMovesLeaveNothing) {
  Vector<double> a{1, 2, 3};
  Vector<double> b = a;
  b[0] = 9;
  EXPECT_EQ(a[0], 1);
  a = b;
  EXPECT_EQ(a[0], 9);
  const double* memory = b.data();
  const Vector<double> c = std::move(b);
  EXPECT_EQ(c.data(), memory);
  EXPECT_EQ(c.size(), 3u);
  Vector<double>& self = a;
  a = self;
  EXPECT_EQ(a[2], 3);
}

TEST(Vector, ConvertsBetweenKnownAndRunTimeSizes) {
  const Vector<double> run_time{1, 2};
  const Vector<double, 2> fixed = run_time;
  EXPECT_EQ(fixed[1], 2);
  EXPECT_EQ(refusal_of([&] { Vector<double, 3> v(run_time); }), "Vector: want 3 numbers, got 2");
  EXPECT_EQ(refusal_of([&] { Vector<double, 3> v(fixed); }), "Vector: want 3 numbers, got 2");
  EXPECT_EQ(refusal_of([&] { Vector<double, 3> v(std::vector{1.0, 2.0}); }), "Vector: want 3 numbers, got 2");
  const std::vector<double> numbers{4, 5};
  const Vector<double, 2> from_span{std::span<const double>(numbers)};
  EXPECT_EQ(from_span[0], 4);
}

TEST(VectorView, WritesToItsOwnerThroughCopies) {
  Vector<double, 2> owner{1, 2};
  auto view = owner.view();
  const auto copy = view;
  copy[0] = 7;
  EXPECT_EQ(owner[0], 7);
  const VectorView<const double, 2> reader = view;
  EXPECT_EQ(reader.back(), 2);
  static_assert(std::is_same_v<decltype(reader[0]), const double&>);
  static_assert(!std::is_convertible_v<VectorView<const double, 2>, VectorView<double, 2>>);
}

TEST(VectorView, IsASpan) {
  Vector<double> owner{1, 2, 3};
  const std::span<double> span = owner.view();
  span[1] = 8;
  EXPECT_EQ(owner[1], 8);
  const Vector<double>& constant = owner;
  const std::span<const double> reader = constant.view();
  EXPECT_EQ(reader.size(), 3u);
  Vector<float, 2> fixed{1, 2};
  EXPECT_EQ(std::span<float>(fixed.view()).size(), 2u);
}

TEST(VectorArithmetic, MixesVectorsAndViewsOfKnownAndRunTimeSize) {
  const Vector fixed{1.0, 2.0};
  const Vector<double> run_time{10, 20};
  const auto sum = fixed + run_time;
  static_assert(same<decltype(sum), Vector<double, 2>>, "the known size wins");
  EXPECT_EQ(sum[1], 22);
  EXPECT_EQ((run_time.view() - fixed.view())[0], 9);
  static_assert(same<decltype(run_time + run_time.view()), Vector<double>>);
  EXPECT_EQ((2 * fixed - run_time / 10)[1], 2);
  EXPECT_EQ((-fixed)[0], -1);
  EXPECT_EQ((fixed * 3)[1], 6);
  EXPECT_EQ(dot(fixed, run_time), 50);
  static_assert(same<decltype(2 * Vector{1.0f}), Vector<float, 1>>);
  static_assert(same<decltype(Vector{1.0f} + Vector{1.0}), Vector<double, 1>>);
  static_assert(same<decltype(Vector{1, 2} / 2), Vector<double, 2>>);
  EXPECT_EQ((Vector{1, 2} / 4)[0], 0.25);
}

TEST(VectorArithmetic, SaysWhichSizesDoNotAgree) {
  const Vector<double> two(2), three(3);
  EXPECT_EQ(refusal_of([&] { two + three; }), "vector arithmetic: want 2 numbers, got 3");
  EXPECT_EQ(refusal_of([&] { three - Vector<double, 2>(); }), "vector arithmetic: want 3 numbers, got 2");
  EXPECT_EQ(refusal_of([&] { dot(two, three); }), "dot: want 2 numbers, got 3");
}

TEST(VectorArithmetic, IsDifferentiated) {
  // d/dx (x + c)·(2x − y)/4 and so on, views of variables included
  const Vector x{1.0, 2.0};
  const auto [value, dx, dy] = value_and_gradient(
      [](const auto& u, const auto& v) {
        const Vector c{5.0, 6.0};
        return dot(u.view() + c, 2 * u - v) / 4;
      },
      x, std::vector{3.0, 4.0});
  EXPECT_DOUBLE_EQ(value, (6 * -1 + 8 * 0) / 4.0);
  EXPECT_DOUBLE_EQ(dx[0], (-1 + 2 * 6) / 4.0);
  EXPECT_DOUBLE_EQ(dx[1], (0 + 2 * 8) / 4.0);
  EXPECT_DOUBLE_EQ(dy[0], -6 / 4.0);
  EXPECT_DOUBLE_EQ(dy[1], -8 / 4.0);
  static_assert(same<decltype(dx), Vector<double, 2>> && same<decltype(dy), Vector<double>>);
}

TEST(LeafView, TakesPartInArithmetic) {
  detail::BorrowedTape<double> tape;
  const detail::TapeScope<double> scope(tape.get());
  const double values[] = {1, 2, 3};
  const std::int32_t first = tape->push_leaves(3);
  const LeafView<double> leaves(values, first, tape->id(), 3);
  EXPECT_EQ(leaves.back().value(), 3);
  const auto weighted = leaves * 2.0 + Vector{1.0, 1.0, 1.0};
  static_assert(same<decltype(weighted), Vector<Var<double>, 3>>);
  const auto loss = dot(weighted, leaves);  // Σ (2x + 1) x
  EXPECT_EQ(loss.value(), 2 * 14 + 6);
  const auto swept = detail::sweep_from(*tape, loss);
  EXPECT_TRUE(swept.connected);
  for (int i = 0; i < 3; ++i) EXPECT_DOUBLE_EQ(tape->adjoints()[first + i], 4 * values[i] + 1);
}

}  // namespace
}  // namespace costate
