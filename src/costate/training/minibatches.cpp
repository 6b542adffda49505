#include <costate/core/errors.hpp>
#include <costate/random/philox.hpp>
#include <costate/training/detail/batch_source.hpp>
#include <costate/training/minibatches.hpp>
#include <costate/training/train_step.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace costate {
namespace {

// what a draw of a run is for, in the last word of its counter
constexpr std::uint32_t for_order = 0x6f726465, for_noise = 0x6e6f6973;

constexpr std::uint32_t low(std::uint64_t word) {
  return static_cast<std::uint32_t>(word);
}
constexpr std::uint32_t high(std::uint64_t word) {
  return static_cast<std::uint32_t>(word >> 32);
}

/// ⌊word · bound / 2⁶⁴⌋ for bound < 2³²
constexpr std::uint64_t scaled(std::uint64_t word, std::uint64_t bound) {
  return (high(word) * bound + (low(word) * bound >> 32)) >> 32;
}

}  // namespace

namespace detail {
TrainStep train_step(std::uint64_t seed, std::size_t iteration, std::size_t batches) {
  const auto words = philox4x32({low(iteration), high(iteration), 0, for_noise}, {low(seed), high(seed)});
  TrainStep step{.iteration = iteration, .key = std::uint64_t{words[0]} << 32 | words[1]};
  if (batches > 0) {
    step.epoch = iteration / batches;
    step.batch = iteration % batches;
  }
  return step;
}

void BatchSource<Minibatches>::move_to(const TrainStep& step) {
  if (order_.empty() || step.epoch != step_.epoch) batches_.write_order(seed_, step.epoch, order_);
  step_ = step;
}

Batch BatchSource<Minibatches>::batch() const {
  const std::size_t size = batches_.options().size, first = step_.batch * size;
  return {order_.data() + first, std::min(size, order_.size() - first), step_.batch, step_.epoch};
}
}  // namespace detail

Minibatches::Minibatches(std::size_t count, MinibatchOptions options) : count_(count), options_(options) {
  const auto number = [](std::size_t n) { return static_cast<double>(n); };
  if (options.size == 0) detail::reject("Minibatches.size", "a number >= 1", 0.0);
  if (count == 0) detail::reject("Minibatches: count", "a number >= 1", 0.0);
  if (high(count) > 0) detail::reject("Minibatches: count", "a number below 2^32", number(count));
  if (options.drop_last && options.size > count)
    detail::reject("Minibatches.size", "at most the count where the smaller batch is dropped",
                   number(options.size));
}

std::size_t Minibatches::size() const {
  const std::size_t whole = count_ / options_.size;
  return whole + (!options_.drop_last && count_ % options_.size > 0);
}

void Minibatches::write_order(std::uint64_t seed, std::size_t epoch, std::vector<std::size_t>& order) const {
  order.resize(count_);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (!options_.shuffle) return;
  for (std::size_t left = count_; left > 1; --left) {
    const auto words = philox4x32({low(left), low(epoch), high(epoch), for_order}, {low(seed), high(seed)});
    std::swap(order[left - 1], order[scaled(std::uint64_t{words[0]} << 32 | words[1], left)]);
  }
}

}  // namespace costate
