#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace costate {

struct MinibatchOptions {
  std::size_t size = 32;   ///< samples of a batch, >= 1
  bool shuffle = true;     ///< another order in every epoch; false: 0, 1, 2, … in all of them
  bool drop_last = false;  ///< leave out the last batch of an epoch where it is smaller than the others
};

/// The samples 0 … count − 1 in batches, for `train`:
///
///     const Minibatches batches(data.size(), {.size = 32});
///     train([&](const auto& p, const Batch& batch) { … for (const std::size_t i : batch) … }, p, Adam{},
///     batches,
///           {.epochs = 100, .seed = 1});
///
/// The order of an epoch is a function of the seed and the epoch alone. Throws std::invalid_argument where
/// there would be no batch.
class Minibatches {
 public:
  explicit Minibatches(std::size_t count, MinibatchOptions options = {});

  /// Batches of one epoch.
  std::size_t size() const;
  std::size_t count() const { return count_; }
  const MinibatchOptions& options() const { return options_; }

  /// Writes the samples in the order of one epoch: a permutation by Fisher and Yates, each exchange drawn
  /// from (seed, epoch, place). D. Knuth, The Art of Computer Programming 2, 3rd ed., §3.4.2, Algorithm P.
  void write_order(std::uint64_t seed, std::size_t epoch, std::vector<std::size_t>& order) const;

 private:
  std::size_t count_;
  MinibatchOptions options_;
};

/// The samples of one iteration, a range of std::size_t. It is a view: it lives as long as the call of the
/// loss that it is given to.
class Batch {
 public:
  Batch() = default;
  Batch(const std::size_t* first, std::size_t size, std::size_t index, std::size_t epoch)
      : first_(first), size_(size), index_(index), epoch_(epoch) {}

  const std::size_t* begin() const { return first_; }
  const std::size_t* end() const { return first_ + size_; }
  std::size_t size() const { return size_; }
  std::size_t operator[](std::size_t i) const { return first_[i]; }
  std::size_t index() const { return index_; }  ///< which batch of its epoch
  std::size_t epoch() const { return epoch_; }  ///< epochs before it

 private:
  const std::size_t* first_ = nullptr;
  std::size_t size_ = 0, index_ = 0, epoch_ = 0;
};

}  // namespace costate
