#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/core/vector.hpp>
#include <costate/methods/detail/series.hpp>
#include <costate/methods/detail/series_recurrences.hpp>
#include <costate/problems/ode_function.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// body(std::integral_constant<SeriesKind, kind>): the operations, by number.
template <class Body>
[[gnu::always_inline]] inline void with_series_kind(SeriesKind kind, const Body& body) {
  switch (kind) {
#define COSTATE_SERIES_KIND(name) \
  case SeriesKind::name:          \
    return body(std::integral_constant<SeriesKind, SeriesKind::name>{});
    COSTATE_SERIES_KIND(add)
    COSTATE_SERIES_KIND(subtract)
    COSTATE_SERIES_KIND(negate)
    COSTATE_SERIES_KIND(shift)
    COSTATE_SERIES_KIND(scale)
    COSTATE_SERIES_KIND(subtract_from)
    COSTATE_SERIES_KIND(multiply)
    COSTATE_SERIES_KIND(square)
    COSTATE_SERIES_KIND(divide)
    COSTATE_SERIES_KIND(reciprocal)
    COSTATE_SERIES_KIND(square_root)
    COSTATE_SERIES_KIND(power)
    COSTATE_SERIES_KIND(integral)
    COSTATE_SERIES_KIND(quotient)
    COSTATE_SERIES_KIND(magnitude)
#undef COSTATE_SERIES_KIND
    default:
      return;
  }
}

/// Records a right-hand side while it is called, with the values at order 0: branches see them.
template <class T>
class RunTimeBuilder {
 public:
  using Value = T;
  static constexpr bool rewrites = false;

  void clear() { code_.clear(), values_.clear(); }
  std::int32_t size() const { return static_cast<std::int32_t>(code_.size()); }
  const SeriesInstruction& at(std::int32_t i) const { return code_[static_cast<std::size_t>(i)]; }
  const T& value(std::int32_t i) const { return values_[static_cast<std::size_t>(i)]; }
  bool constant(std::int32_t i) const { return at(i).constant; }
  double literal_value(std::int32_t i) const { return static_cast<double>(plain(value(i))); }
  bool is_plain(std::int32_t i) const { return carries_nothing(value(i)); }
  auto plain_value(std::int32_t i) const { return costate::plain(value(i)); }

  std::int32_t push(const SeriesInstruction& op) {
    T value(0);
    with_series_kind(op.kind, [&](auto kind) {
      value = series_coefficient<kind, T>(OrderZero{*this}, op, op.a, op.b, Order<0>{});
    });
    return append(op, value);
  }
  std::int32_t leaf(SeriesKind kind, std::int32_t place, bool constant, const T& value) {
    SeriesInstruction op;
    op.kind = kind, op.a = place, op.constant = constant;
    return append(op, value);
  }
  std::int32_t literal(const T& value) { return leaf(SeriesKind::literal, 0, true, value); }
  /// The partner of a sine is looked for among the last few operations only.
  std::int32_t find(SeriesKind kind, std::int32_t x, SeriesFunction function) const {
    for (std::int32_t i = size(); i-- > 0 && i + 6 > size();)
      if (at(i).kind == kind && at(i).function == function && at(i).a == x) return i;
    return -1;
  }

 private:
  struct OrderZero {
    const RunTimeBuilder& builder;
    template <class K>
    const T& get(std::int32_t a, K) const {
      return builder.value(a);
    }
    template <class K>
    T own(K) const {
      return T(0);
    }
  };
  std::int32_t append(const SeriesInstruction& op, const T& value) {
    code_.push_back(op);
    values_.push_back(value);
    return size() - 1;
  }
  Buffer<SeriesInstruction> code_;
  Buffer<T> values_;
};

/// The Taylor coefficients of a solution whose right-hand side is recorded anew in every step: f is called
/// once, and its operations are carried through the orders one by one. For right-hand sides that are too
/// large to be written out, or that branch, hold data or have sizes known at run time.
///
/// The interface of CompiledSeries; only the states are stored.
template <class F, class T, std::size_t N, std::size_t M, class PT>
class TapedSeries {
  using R = base_t<T>;
  using Number = SeriesNumber<RunTimeBuilder<T>>;
  using S = SeriesKind;

 public:
  TapedSeries(VectorView<const PT, M>, std::size_t n) : n_(n) {}
  std::size_t width() const { return n_; }

  void expand(const F& f, VectorView<const PT, M> p, T* c, const T& t, R unit, std::size_t order) {
    builder_.clear();
    record(f, c, t, p);
    run(c, t, unit, order);
  }
  struct Backward {};
  void prepare(Backward&, const T*, std::size_t) const {}
  template <class Seeds>
  void pull(Backward&, const F& f, VectorView<const PT, M> values, const T* c, const T& t, R unit,
            std::size_t order, const Seeds& seeds, T* ubar) {
    builder_.clear();
    Buffer<Number>& p = parameters_;
    p.clear();
    for (std::size_t i = 0; i < values.size(); ++i)
      p.push_back(
          Number(&builder_, builder_.leaf(S::parameter, static_cast<std::int32_t>(i), true, T(values[i]))));
    record(f, c, t, VectorView<const Number, M>(p.data(), p.size()));
    run(nullptr, t, unit, order);
    const auto size = static_cast<std::size_t>(builder_.size());
    bars_.resize(size * stride_);
    for (T& x : bars_) x = T(0);
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t k = 0; k <= order; ++k) bars_[state(i) * stride_ + k] = seeds.at(i, k);
    for (std::size_t k = order; k-- > 0;) {
      const R share = unit * inverse_of<R>(k + 1);
      for (std::size_t i = 0; i < n_; ++i) {
        const std::size_t slope = slope_[i];
        if (k > 0 && at(slope).constant) continue;
        T& to = bars_[slope * stride_ + k];
        to = to + bars_[state(i) * stride_ + k + 1] * share;
      }
      for (std::size_t i = size; i-- > 0;) {
        const SeriesInstruction& op = at(i);
        if (k > 0 && op.constant) continue;
        BackFrame frame{*this, i};
        const T y = bars_[i * stride_ + k];
        with_series_kind(op.kind, [&](auto kind) {
          if (k == 0)
            pull_series_coefficient<kind, T>(frame, op, op.a, op.b, Order<0>{}, y);
          else
            pull_series_coefficient<kind, T>(frame, op, op.a, op.b, k, y);
        });
      }
    }
    for (std::size_t i = 0; i < n_; ++i) ubar[i] = bars_[state(i) * stride_];
    if (pbar_.empty()) {
      pbar_.resize(values.size());
      for (T& x : pbar_) x = T(0);
    }
    for (std::size_t i = 0; i < pbar_.size(); ++i) pbar_[i] = pbar_[i] + bars_[i * stride_];
  }
  void start(Backward&, std::size_t) { pbar_.clear(); }
  void finish(Backward&, T* pbar) const {
    for (std::size_t i = 0; i < pbar_.size(); ++i) pbar[i] = pbar[i] + pbar_[i];
  }

 private:
  const SeriesInstruction& at(std::size_t i) const { return builder_.at(static_cast<std::int32_t>(i)); }
  std::size_t state(std::size_t i) const { return first_state_ + i; }

  template <class P>
  void record(const F& f, const T* u, const T& t, const P& p) {
    first_state_ = static_cast<std::size_t>(builder_.size());
    u_.clear();
    for (std::size_t i = 0; i < n_; ++i)
      u_.push_back(Number(&builder_, builder_.leaf(S::state, static_cast<std::int32_t>(i), false, u[i])));
    time_ = static_cast<std::size_t>(builder_.leaf(S::time, 0, false, t));
    du_.clear();
    for (std::size_t i = 0; i < n_; ++i) du_.push_back(Number());
    VectorView<Number, N> du_view(du_.data(), n_);
    const VectorView<const Number, N> u_view(u_.data(), n_);
    const Number time(&builder_, static_cast<std::int32_t>(time_));
    call_right_hand_side(f, du_view, u_view, p, time);
    slope_.clear();
    for (std::size_t i = 0; i < n_; ++i)
      slope_.push_back(static_cast<std::size_t>(index_in(builder_, du_[i])));
  }
  /// All coefficients below `order`, those of the states up to it; c: [orders] × [states], or null.
  void run(T* c, const T& t, R unit, std::size_t order) {
    const auto size = static_cast<std::size_t>(builder_.size());
    stride_ = order + 1;
    coefficients_.resize(size * stride_);
    for (std::size_t i = 0; i < size; ++i)
      coefficients_[i * stride_] = builder_.value(static_cast<std::int32_t>(i));
    T* const time = coefficients_.data() + time_ * stride_;
    time[0] = t;
    for (std::size_t k = 1; k <= order; ++k) time[k] = T(k == 1 ? unit : R(0));
    for (std::size_t k = 0; k < order; ++k) {
      if (k > 0) {
        for (std::size_t i = time_ + 1; i < size; ++i) {
          const SeriesInstruction& op = at(i);
          if (op.constant) continue;
          const Frame frame{*this, i};
          T& to = coefficients_[i * stride_ + k];
          with_series_kind(op.kind,
                           [&](auto kind) { to = series_coefficient<kind, T>(frame, op, op.a, op.b, k); });
        }
      }
      const R share = unit * inverse_of<R>(k + 1);
      for (std::size_t i = 0; i < n_; ++i) {
        const std::size_t slope = slope_[i];
        const bool zero = k > 0 && at(slope).constant;
        const T next = zero ? T(0) : T(coefficients_[slope * stride_ + k] * share);
        coefficients_[state(i) * stride_ + k + 1] = next;
        if (c != nullptr) c[(k + 1) * n_ + i] = next;
      }
    }
  }

  struct Frame {
    const TapedSeries& series;
    std::size_t self;
    template <class K>
    [[gnu::always_inline]] const T& get(std::int32_t a, K k) const {
      return series.coefficients_[static_cast<std::size_t>(a) * series.stride_ + static_cast<std::size_t>(k)];
    }
    template <class K>
    [[gnu::always_inline]] const T& own(K k) const {
      return series.coefficients_[self * series.stride_ + static_cast<std::size_t>(k)];
    }
  };
  struct BackFrame {
    TapedSeries& series;
    std::size_t self;
    template <class K>
    [[gnu::always_inline]] const T& get(std::int32_t a, K k) const {
      return Frame{series, self}.get(a, k);
    }
    template <class K>
    [[gnu::always_inline]] const T& own(K k) const {
      return Frame{series, self}.own(k);
    }
    bool is_literal(std::int32_t a) const {
      return series.at(static_cast<std::size_t>(a)).kind == S::literal;
    }
    template <class K, class X>
    [[gnu::always_inline]] void bar(std::int32_t a, K k, const X& x) {
      T& to = series.bars_[static_cast<std::size_t>(a) * series.stride_ + static_cast<std::size_t>(k)];
      to = to + x;
    }
    template <class K, class X>
    [[gnu::always_inline]] void own_bar(K k, const X& x) {
      bar(static_cast<std::int32_t>(self), k, x);
    }
  };

  std::size_t n_, first_state_ = 0, time_ = 0, stride_ = 0;
  RunTimeBuilder<T> builder_;
  Buffer<Number> u_, du_, parameters_;
  Buffer<std::size_t> slope_;
  Buffer<T> coefficients_, bars_, pbar_;
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
