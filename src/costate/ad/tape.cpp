#include <costate/ad/tape.hpp>

#include <atomic>
#include <stdexcept>

namespace costate::detail {

void throw_two_tapes() {
  throw std::invalid_argument(
      "costate::Var: want operands of one gradient, got operands of two: an inner gradient closes over a "
      "variable of an outer one "
      "(pass it as an argument of the inner gradient, or take the inner gradient at a Var point), or a Var "
      "outlived its gradient");
}

void throw_no_tape() {
  throw std::invalid_argument(
      "costate::Var: want an operation inside value_and_gradient, got one outside: a Var outlived its "
      "gradient");
}

std::uint32_t next_tape_id() {
  static std::atomic<std::uint32_t> last{0};
  std::uint32_t id = ++last;
  while (id == 0) id = ++last;  // 0 marks constants
  return id;
}

Arena::~Arena() {
  for (const Chunk& chunk : chunks_) pool_release(chunk.data, chunk.bytes);
}

void* Arena::allocate_from_next(std::size_t bytes) {
  std::size_t next = chunks_.empty() ? 0 : chunk_ + 1;
  while (next < chunks_.size() && chunks_[next].bytes < bytes) ++next;
  if (next >= chunks_.size()) {
    std::size_t size = chunks_.empty() ? 1 << 14 : 2 * chunks_.back().bytes;
    while (size < bytes) size *= 2;
    chunks_.push_back({static_cast<char*>(pool_allocate(size)), size});
    next = chunks_.size() - 1;
  }
  chunk_ = next;
  used_ = bytes;
  return chunks_[next].data;
}

std::size_t Arena::bytes() const {
  std::size_t total = 0;
  for (const Chunk& chunk : chunks_) total += chunk.bytes;
  return total;
}

}  // namespace costate::detail
