#include <costate/core/memory_pool.hpp>

#include <array>
#include <bit>
#include <new>

namespace costate::detail {
namespace {

constexpr std::size_t smallest = 6;  // 64 bytes: a cache line, and the alignment of the widest registers
constexpr std::size_t largest = 26;  // 64 MiB
constexpr std::align_val_t alignment{64};

struct Link {
  Link* next;
};

// Trivially destructible, so that it can still be used by the destructors of other thread-local objects; the
// Janitor frees what it holds when the thread ends, and `closed` sends later releases straight to the system.
struct Pool {
  std::array<Link*, largest + 1> free{};
  bool closed = false;
};
constinit thread_local Pool pool;

struct Janitor {
  bool armed = false;
  ~Janitor() {
    pool.closed = true;
    for (Link*& head : pool.free)
      while (head) ::operator delete(std::exchange(head, head->next), alignment);
  }
};
thread_local Janitor janitor;

std::size_t size_class(std::size_t bytes) {
  return bytes <= (std::size_t{1} << smallest) ? smallest
                                               : static_cast<std::size_t>(std::bit_width(bytes - 1));
}

}  // namespace

void* pool_allocate(std::size_t bytes) {
  const std::size_t c = size_class(bytes);
  if (c > largest) return ::operator new(bytes, alignment);
  if (Link* block = pool.free[c]) {
    pool.free[c] = block->next;
    return block;
  }
  janitor.armed = true;  // touches the object, so that its destructor is registered for this thread
  return ::operator new (std::size_t{1} << c, alignment);
}

void pool_release(void* block, std::size_t bytes) noexcept {
  const std::size_t c = size_class(bytes);
  if (c > largest || pool.closed) return ::operator delete(block, alignment);
  Link* link = static_cast<Link*>(block);
  // a thread may give back what others made without ever asking for memory itself
  if (!pool.free[c]) janitor.armed = true;
  link->next = pool.free[c];
  pool.free[c] = link;
}

void pool_discard(void* block, std::size_t bytes) noexcept {
  const std::size_t c = size_class(bytes);
  if (c > 16) return ::operator delete(block, alignment);
  pool_release(block, bytes);
}

}  // namespace costate::detail
