#pragma once

#include <costate/ad/operand.hpp>
#include <costate/ad/var.hpp>
#include <costate/solve/solution.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace costate {

namespace detail {
/// The record of a solve on a tape, as its solution sees it.
template <class T, std::size_t N>
struct SolveOnTape : TapeRecord {
  StoredSolution<T, N> solution;
  Tape<T>* owner = nullptr;
  /// Whether the solve failed; tells the tape where cotangents have come to its numbers nevertheless.
  bool has_failed(const T* cotangents, std::size_t size) {
    if (solution.successful()) return false;
    for (std::size_t i = 0; i < size; ++i)
      if (plain(cotangents[i]) != 0) owner->report_use_of_failure();
    return true;
  }
  /// A cotangent for the state at time t, from a read of the interpolant.
  virtual void add_read(double t, const T* cotangent) = 0;
};
}  // namespace detail

/// The solution of a solve inside a gradient: one node of the tape. Its numbers are one row of variables;
/// reads of the interpolant add their cotangents to the record of the solve, which the tape owns.
template <class T, std::size_t N>
class Solution<Var<T>, N, true> {
 public:
  using value_type = Var<T>;
  static constexpr std::size_t state_extent = N;

  Solution(detail::SolveOnTape<T, N>& record, std::int32_t first, std::uint32_t tape)
      : record_(&record), first_(first), tape_(tape) {}

  std::size_t size() const { return plain().size(); }
  std::size_t state_size() const { return plain().state_size(); }
  LeafView<T, N> operator[](std::size_t i) const& {
    const std::size_t n = state_size();
    return {plain().values().data() + i * n, first_ + static_cast<std::int32_t>(i * n), tape_, n};
  }
  Vector<Var<T>, N> operator[](std::size_t i) && {
    return Vector<Var<T>, N>(static_cast<const Solution&>(*this)[i]);
  }
  LeafView<T, N> back() const& { return (*this)[size() - 1]; }
  Vector<Var<T>, N> back() && { return Vector<Var<T>, N>(static_cast<const Solution&>(*this).back()); }
  std::span<const double> t() const { return plain().t(); }
  Vector<Var<T>> component(std::size_t j) const {
    const std::size_t n = state_size();
    if (j >= n)
      detail::reject("Solution::component", "an index below " + std::to_string(n), std::to_string(j));
    Vector<Var<T>> result(size());
    for (std::size_t i = 0; i < size(); ++i) result[i] = (*this)[i][j];
    return result;
  }

  /// The state at time t, a plain number or a variable.
  template <class Time>
  requires Scalar<Time> Vector<Var<T>, N>
  operator()(const Time& time) const {
    Tape<T>& tape = detail::current_tape<T>();
    if (tape.id() != tape_) detail::throw_two_tapes();
    const std::size_t n = state_size();
    Payload* payload = tape.template allocate<Payload>();
    *payload = {record_, static_cast<double>(costate::plain(time)), n, -1, tape.template allocate<T>(n)};
    T* values = tape.template allocate<T>(n);
    if constexpr (std::is_same_v<Time, Var<T>>) {
      // one direction of time: the slope of the interpolant
      const auto moving = plain()(Dual<T, 1>::variable(time.value(), 0));
      payload->time = time.index();
      for (std::size_t m = 0; m < n; ++m)
        values[m] = moving[m].value, payload->slope[m] = moving[m].partial[0];
    } else {
      const auto state = plain()(time);
      for (std::size_t m = 0; m < n; ++m) values[m] = state[m], payload->slope[m] = T(0);
    }
    const std::int32_t first = tape.push_block(n, &pull_read, payload);
    return Vector<Var<T>, N>(LeafView<T, N>(values, first, tape_, n));
  }

  Status status() const { return plain().status(); }
  bool successful() const { return plain().successful(); }
  const Statistics& statistics() const { return plain().statistics(); }
  std::vector<EventRecord<Var<T>, N, Var<T>>> events() const { return {}; }
  LeafView<T> values() const { return {plain().values().data(), first_, tape_, plain().values().size()}; }
  /// The same without derivatives; the memory of the tape.
  const detail::StoredSolution<T, N>& plain() const { return record_->solution; }

 private:
  struct Payload {
    detail::SolveOnTape<T, N>* record;
    double t;
    std::size_t n;
    std::int32_t time;
    T* slope;
  };
  static void pull_read(T* adjoints, void* data, std::int32_t first) {
    const Payload& read = *static_cast<const Payload*>(data);
    read.record->add_read(read.t, adjoints + first);
    if (read.time >= 0)
      for (std::size_t m = 0; m < read.n; ++m)
        adjoints[read.time] =
            adjoints[read.time] + read.slope[m] * adjoints[first + static_cast<std::int32_t>(m)];
  }

  detail::SolveOnTape<T, N>* record_;
  std::int32_t first_;
  std::uint32_t tape_;
};

/// The solution without derivatives, on its own.
template <class T, std::size_t N>
requires PlainScalar<T> Solution<T, N> plain(const Solution<T, N>& solution) {
  return solution;
}
template <class T, std::size_t N>
auto plain(const Solution<Var<T>, N>& solution) {
  return plain(solution.plain());
}
template <DifferentiatingScalar T, std::size_t N>
auto plain(const Solution<T, N, false>& solution) {
  using B = base_t<T>;
  Solution<B, N> result;
  typename Solution<B, N>::Access to{result};
  typename Solution<T, N, false>::Access from{const_cast<Solution<T, N, false>&>(solution)};
  const auto copy = [](const auto& source, auto& target) {
    target.resize(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) target[i] = plain(source[i]);
  };
  to.n() = from.n();
  copy(from.t(), to.t());
  copy(from.values(), to.values());
  copy(from.dense().coefficients, to.dense().coefficients);
  to.dense().degree = from.dense().degree;
  to.dense().n = from.dense().n;
  to.dense().steps.resize(from.dense().steps.size());
  for (std::size_t i = 0; i < from.dense().steps.size(); ++i)
    to.dense().steps[i] = {from.dense().steps[i].t, from.dense().steps[i].h};
  to.has_dense() = from.has_dense();
  to.initial() = plain(from.initial());
  to.t_begin() = from.t_begin();
  to.t_end() = from.t_end();
  to.status() = from.status();
  to.statistics() = from.statistics();
  return result;
}

}  // namespace costate
