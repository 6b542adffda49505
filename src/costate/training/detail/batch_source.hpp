#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/training/minibatches.hpp>
#include <costate/training/train_step.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>
#include <vector>

namespace costate {

/// What `train` takes its batches from: Minibatches, or any range with a size whose elements mean something
/// to the loss; they come in their order, epoch after epoch.
template <class B>
concept BatchRange = std::is_same_v<B, Minibatches> || requires(const B& batches) {
  *std::next(std::begin(batches), std::size(batches));
  std::end(batches);
};

namespace detail {

/// The step that the loss is at, and its batch.
class NoBatches {
 public:
  static constexpr bool has_batches = false;
  static constexpr std::size_t size() { return 0; }
  void move_to(const TrainStep& step) { step_ = step; }
  const TrainStep& step() const { return step_; }

 private:
  TrainStep step_;
};

template <class Range>
class BatchSource {
 public:
  static constexpr bool has_batches = true;
  BatchSource(const Range& range, std::uint64_t /*seed*/) : range_(range) {
    if (size() == 0) reject("train: the batches", "at least one", "0");
  }
  std::size_t size() const { return std::size(range_); }
  void move_to(const TrainStep& step) { step_ = step; }
  const TrainStep& step() const { return step_; }
  decltype(auto) batch() const {
    return *std::next(std::begin(range_), static_cast<std::ptrdiff_t>(step_.batch));
  }

 private:
  const Range& range_;
  TrainStep step_;
};

template <>
class BatchSource<Minibatches> {
 public:
  static constexpr bool has_batches = true;
  BatchSource(const Minibatches& batches, std::uint64_t seed) : batches_(batches), seed_(seed) {}
  std::size_t size() const { return batches_.size(); }
  void move_to(const TrainStep& step);
  const TrainStep& step() const { return step_; }
  Batch batch() const;

 private:
  const Minibatches& batches_;
  std::uint64_t seed_;
  TrainStep step_;
  std::vector<std::size_t> order_;  ///< of the epoch of the step
};

inline namespace COSTATE_INSTRUCTIONS {

/// loss(p), loss(p, step), loss(p, batch) or loss(p, batch, step), whichever it takes.
template <class Loss, class P, class Source>
decltype(auto) call_loss(const Loss& loss, const P& p, const Source& source) {
  if constexpr (Source::has_batches) {
    using B = decltype(source.batch());
    constexpr bool takes_batch = std::is_invocable_v<const Loss&, const P&, B>;
    static_assert(takes_batch || std::is_invocable_v<const Loss&, const P&, B, const TrainStep&>,
                  "costate::train: a loss on batches must take (p, batch) or (p, batch, const TrainStep&)");
    if constexpr (takes_batch)
      return loss(p, source.batch());
    else
      return loss(p, source.batch(), source.step());
  } else if constexpr (std::is_invocable_v<const Loss&, const P&, const TrainStep&>) {
    return loss(p, source.step());
  } else {
    return loss(p);
  }
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace detail
}  // namespace costate
