#pragma once

#include <costate/core/vector.hpp>
#include <costate/methods/detail/series.hpp>
#include <costate/problems/ode_function.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace costate::detail {

/// Records a right-hand side while the program is compiled: the user's f is a constant expression of
/// instructions. Equal instructions are found again.
class CompileTimeBuilder {
 public:
  using Value = double;
  static constexpr bool rewrites = true;
  static constexpr std::int32_t capacity = 160;

  constexpr std::int32_t size() const { return size_; }
  constexpr const SeriesInstruction& at(std::int32_t i) const { return code_[static_cast<std::size_t>(i)]; }
  constexpr bool constant(std::int32_t i) const { return at(i).constant; }
  constexpr double literal_value(std::int32_t i) const { return at(i).value; }
  constexpr bool is_plain(std::int32_t) const { return true; }
  constexpr std::int32_t push(const SeriesInstruction& op) {
    for (std::int32_t i = 0; i < size_; ++i) {
      const SeriesInstruction& other = at(i);
      if (other.kind == op.kind && other.function == op.function && other.a == op.a && other.b == op.b &&
          other.value == op.value && other.negative == op.negative)
        return i;
    }
    if (size_ == capacity) throw "too long for a table";
    code_[static_cast<std::size_t>(size_)] = op;
    return size_++;
  }
  constexpr std::int32_t leaf(SeriesKind kind, std::int32_t place, bool constant) {
    SeriesInstruction op;
    op.kind = kind, op.a = place, op.constant = constant;
    return push(op);
  }
  constexpr std::int32_t literal(double value) {
    SeriesInstruction op;
    op.kind = SeriesKind::literal, op.value = value, op.constant = true;
    return push(op);
  }
  constexpr std::int32_t find(SeriesKind kind, std::int32_t x, SeriesFunction function) const {
    for (std::int32_t i = 0; i < size_; ++i)
      if (at(i).kind == kind && at(i).function == function && at(i).a == x) return i;
    return -1;
  }
  double plain_value(std::int32_t) const { return 0; }  // no constant expression: f branches on values

 private:
  std::array<SeriesInstruction, static_cast<std::size_t>(capacity)> code_{};
  std::int32_t size_ = 0;
};

/// The operations of a right-hand side of N states, in order, without those that nothing uses.
template <std::size_t N>
struct SeriesProgram {
  static constexpr std::size_t capacity = static_cast<std::size_t>(CompileTimeBuilder::capacity);
  std::array<SeriesInstruction, capacity> code{};
  std::size_t size = 0, constants = 0, stored = 0, sums = 0;
  /// f is linear in its last operations: component i is Σ coefficient · series over its terms, plus a
  /// constant.
  struct Term {
    std::int32_t state = 0, series = -1, coefficient = -1;
  };
  std::array<Term, 4 * capacity> terms{};
  std::size_t term_count = 0;
  std::array<std::int32_t, N == 0 ? 1 : N> constant_slope{};  // or −1
  /// Of a constant: its place among the constants; of a series: that among the stored ones, or −1 where only
  /// its newest coefficient is ever asked for.
  std::array<std::int32_t, capacity> place{};
  std::array<bool, capacity> live{};
  /// Lower orders of it are asked for, so that its cotangents come from several orders.
  std::array<bool, capacity> across{};
};

constexpr bool is_leaf(SeriesKind kind) {
  return kind == SeriesKind::literal || kind == SeriesKind::parameter || kind == SeriesKind::state ||
         kind == SeriesKind::time;
}

/// Takes the sums at the end of f apart into terms, so that the coefficients of one order wait for one
/// multiply-add of those before. A sum that several things are made of stays a number of its own.
template <std::size_t N>
class TermCollector {
 public:
  constexpr TermCollector(CompileTimeBuilder& builder, SeriesProgram<N>& program)
      : b_(builder), program_(program), size_(builder.size()) {
    for (std::int32_t i = 0; i < size_; ++i) {
      const SeriesInstruction& op = b_.at(i);
      if (is_leaf(op.kind)) continue;
      uses_[static_cast<std::size_t>(op.a)] += 1;
      if (op.b >= 0) uses_[static_cast<std::size_t>(op.b)] += 1;
    }
  }
  constexpr void collect(std::int32_t slope, std::int32_t state) {
    state_ = state;
    first_ = program_.term_count;
    program_.constant_slope[static_cast<std::size_t>(state)] = -1;
    add(slope, b_.literal(1), true);
  }

 private:
  using S = SeriesKind;
  constexpr void add(std::int32_t x, std::int32_t c, bool alone) {
    const SeriesAlgebra<CompileTimeBuilder> algebra{b_};
    const SeriesInstruction op = b_.at(x);
    const auto minus = [&] { return algebra.negate(c); };
    alone = alone && uses_[static_cast<std::size_t>(x)] <= 1;
    if (op.constant) {
      std::int32_t& sum = program_.constant_slope[static_cast<std::size_t>(state_)];
      const std::int32_t product = algebra.multiply(c, x);
      sum = sum < 0 ? product : algebra.add(sum, product);
    } else if (op.kind == S::scale) {
      add(op.a, algebra.multiply(c, op.b), alone);
    } else if (op.kind == S::negate) {
      add(op.a, minus(), alone);
    } else if (alone && op.kind == S::add) {
      add(op.a, c, true), add(op.b, c, true);
    } else if (alone && op.kind == S::subtract) {
      add(op.a, c, true), add(op.b, minus(), true);
    } else if (alone && op.kind == S::shift) {
      add(op.a, c, true), add(op.b, c, true);
    } else if (alone && op.kind == S::subtract_from) {
      add(op.a, minus(), true), add(op.b, c, true);
    } else {
      term(x, c);
    }
  }
  constexpr void term(std::int32_t x, std::int32_t c) {
    auto& terms = program_.terms;
    for (std::size_t i = first_; i < program_.term_count; ++i)
      if (terms[i].series == x) {
        terms[i].coefficient = SeriesAlgebra<CompileTimeBuilder>{b_}.add(terms[i].coefficient, c);
        return;
      }
    if (program_.term_count == terms.size()) throw "too long for a table";
    // those that are known last come last
    std::size_t at = program_.term_count++;
    for (; at > first_ && terms[at - 1].series > x; --at) terms[at] = terms[at - 1];
    terms[at].state = state_, terms[at].series = x, terms[at].coefficient = c;
  }
  CompileTimeBuilder& b_;
  SeriesProgram<N>& program_;
  std::int32_t size_, state_ = 0;
  std::size_t first_ = 0;
  std::array<int, static_cast<std::size_t>(CompileTimeBuilder::capacity)> uses_{};
};

template <class F, std::size_t N, std::size_t M>
constexpr SeriesProgram<N> compile_series() {
  using S = SeriesKind;
  CompileTimeBuilder b;
  using Number = SeriesNumber<CompileTimeBuilder>;
  std::array<Number, N == 0 ? 1 : N> u{}, du{};
  std::array<Number, M == 0 ? 1 : M> p{};
  for (std::size_t i = 0; i < N; ++i)
    u[i] = Number(&b, b.leaf(S::state, static_cast<std::int32_t>(i), false));
  for (std::size_t i = 0; i < M; ++i)
    p[i] = Number(&b, b.leaf(S::parameter, static_cast<std::int32_t>(i), true));
  const Number t(&b, b.leaf(S::time, 0, false));
  VectorView<Number, N> du_view(du.data());
  const VectorView<const Number, N> u_view(u.data());
  const VectorView<const Number, M> p_view(p.data());
  const F f{};
  call_right_hand_side(f, du_view, u_view, p_view, t);

  SeriesProgram<N> program;
  std::array<bool, SeriesProgram<N>::capacity> saved{}, varies{};
  auto& stored = program.across;
  TermCollector<N> collector(b, program);
  std::array<std::int32_t, N == 0 ? 1 : N> slopes{};
  for (std::size_t i = 0; i < N; ++i) slopes[i] = index_in(b, du[i]);
  for (std::size_t i = 0; i < N; ++i) {
    collector.collect(slopes[i], static_cast<std::int32_t>(i));
    program.live[i] = stored[i] = true;
  }
  const auto make_live = [&](std::int32_t i) { program.live[static_cast<std::size_t>(i)] = true; };
  for (std::size_t i = 0; i < program.term_count; ++i)
    make_live(program.terms[i].series), make_live(program.terms[i].coefficient);
  for (std::size_t i = 0; i < N; ++i)
    if (program.constant_slope[i] >= 0) make_live(program.constant_slope[i]);
  program.size = static_cast<std::size_t>(b.size());
  for (std::size_t i = 0; i < program.size; ++i) program.code[i] = b.at(static_cast<std::int32_t>(i));
  // an operation may lean on a later one (sin on cos): until nothing changes
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = program.size; i-- > 0;) {
      const SeriesInstruction& op = program.code[i];
      if (!program.live[i] || is_leaf(op.kind)) continue;
      for (const std::int32_t x : {op.a, op.b}) {
        if (x < 0 || program.live[static_cast<std::size_t>(x)]) continue;
        program.live[static_cast<std::size_t>(x)] = changed = true;
      }
    }
  }
  for (std::size_t i = 0; i < program.size; ++i) {
    const SeriesInstruction& op = program.code[i];
    if (!program.live[i] || is_leaf(op.kind) || op.constant) continue;
    const auto keep = [&](std::int32_t x) { stored[static_cast<std::size_t>(x)] = true; };
    const bool one_sum = op.kind == S::multiply || op.kind == S::square || op.kind == S::divide ||
                         op.kind == S::reciprocal || op.kind == S::square_root || op.kind == S::power ||
                         op.kind == S::integral || op.kind == S::quotient;
    if (one_sum) program.sums += 1;
    if (op.kind == S::multiply || op.kind == S::integral) keep(op.a), keep(op.b);
    if (op.kind == S::square || op.kind == S::magnitude) keep(op.a);
    if (op.kind == S::divide || op.kind == S::quotient) keep(op.b), stored[i] = true;
    if (op.kind == S::reciprocal || op.kind == S::power) keep(op.a), stored[i] = true;
    // its own order 0 is asked for, and the order 0 of its argument backwards
    if (op.kind == S::square_root) stored[i] = true;
    if (op.kind == S::integral || op.kind == S::quotient) keep(op.a);
  }
  // the derivative by a constant factor is made of the other one
  for (std::size_t i = 0; i < program.size; ++i) {
    const SeriesInstruction& op = program.code[i];
    if (op.constant && !is_leaf(op.kind))
      varies[i] =
          varies[static_cast<std::size_t>(op.a)] || (op.b >= 0 && varies[static_cast<std::size_t>(op.b)]);
    if (op.kind == S::parameter) varies[i] = true;
    if (program.live[i] && op.kind == S::scale && varies[static_cast<std::size_t>(op.b)])
      saved[static_cast<std::size_t>(op.a)] = true;
  }
  for (std::size_t i = 0; i < program.term_count; ++i)
    if (varies[static_cast<std::size_t>(program.terms[i].coefficient)])
      saved[static_cast<std::size_t>(program.terms[i].series)] = true;
  for (std::size_t i = 0; i < program.size; ++i) {
    program.place[i] = -1;
    const SeriesInstruction& op = program.code[i];
    if (!program.live[i]) continue;
    if (op.constant)
      program.place[i] = static_cast<std::int32_t>(program.constants++);
    else if ((stored[i] || saved[i]) && op.kind != S::time)
      program.place[i] = static_cast<std::int32_t>(program.stored++);
  }
  return program;
}

template <class F, std::size_t N, std::size_t M>
concept CompilesToSeries =
    N != dynamic&& M != dynamic&& std::is_empty_v<F>&& std::is_default_constructible_v<F>&& requires {
  typename std::bool_constant<(compile_series<F, N, M>(), true)>;
};

/// Few states, and a short f whose series has neither kinks nor places where it ends: no |x|, root, logarithm
/// or power, which f may reach where a Runge–Kutta method does not ask it. There Taylor wins by rule.
template <class F, std::size_t N, std::size_t M>
constexpr bool is_short_and_smooth() {
  if constexpr (N <= 8 && M <= 32) {
    if constexpr (CompilesToSeries<F, N, M>) {
      constexpr SeriesProgram<N> program = compile_series<F, N, M>();
      for (std::size_t i = 0; i < program.size; ++i) {
        const SeriesInstruction& op = program.code[i];
        const bool ends = op.kind == SeriesKind::magnitude || op.kind == SeriesKind::square_root ||
                          op.kind == SeriesKind::power || op.kind == SeriesKind::quotient;
        if (program.live[i] && !op.constant && ends) return false;
      }
      return program.sums <= 16;
    }
  }
  return false;
}

}  // namespace costate::detail
