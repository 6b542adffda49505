#include <costate/core/memory_pool.hpp>
#include <costate/core/vector.hpp>

#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <thread>
#include <utility>
#include <vector>

namespace costate::detail {
namespace {

bool aligned(const void* block) {
  return reinterpret_cast<std::uintptr_t>(block) % 64 == 0;
}

TEST(MemoryPool, AlignsEveryBlockTo64Bytes) {
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{65},
                                  std::size_t{1000}, std::size_t{1} << 20, (std::size_t{1} << 26) + 1}) {
    void* block = pool_allocate(bytes);
    EXPECT_TRUE(aligned(block)) << bytes;
    std::memset(block, 0xa5, bytes);
    pool_release(block, bytes);
  }
}

TEST(MemoryPool, HandsABlockOutAgainToItsClass) {
  void* block = pool_allocate(100);
  pool_release(block, 100);
  EXPECT_EQ(pool_allocate(128), block) << "65 to 128 bytes are one class";
  void* other = pool_allocate(128);
  EXPECT_NE(other, block);
  pool_release(other, 128);
  pool_release(block, 128);
  EXPECT_EQ(pool_allocate(70), block) << "the block that was given back last";
  pool_release(block, 70);
  void* larger = pool_allocate(129);
  EXPECT_NE(larger, block);
  pool_release(larger, 129);
}

TEST(MemoryPool, TakesBlocksOfOtherThreads) {
  // made there and dropped here, and the other way round, also in threads that never ask for memory
  // themselves
  Vector<double> made;
  std::thread([&] { made = Vector<double>(1000); }).join();
  EXPECT_EQ(made.size(), 1000u);
  for (const double x : made) EXPECT_EQ(x, 0);
  std::thread([moved = std::move(made)]() mutable {
    const Vector<double> dropped_here = std::move(moved);
  }).join();
  std::vector<Vector<double>> many;
  for (int i = 0; i < 100; ++i) many.emplace_back(100);
  std::thread([&] { many.clear(); }).join();
  std::thread([] {}).join();
}

TEST(MemoryPool, OutlivesTheThreadsThatUseIt) {
  // an object with the life of its thread gives its block back after the pool's own clean-up, or before it
  struct Keeper {
    Vector<double> numbers;
  };
  for (const bool keeper_first : {true, false}) {
    std::thread([=] {
      static thread_local Keeper keeper;
      if (keeper_first) keeper.numbers = Vector<double>(10);
      const Vector<double> other(20);
      keeper.numbers = Vector<double>(30);
    }).join();
  }
}

TEST(Buffer, GrowsAndKeepsItsNumbers) {
  Buffer<int> buffer;
  EXPECT_TRUE(buffer.empty());
  for (int i = 0; i < 1000; ++i) buffer.push_back(i);
  ASSERT_EQ(buffer.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(buffer[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(buffer.back(), 999);
  EXPECT_TRUE(aligned(buffer.data()));
  const int* memory = buffer.data();
  buffer.clear();
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.append(10), memory) << "memory is kept";
}

TEST(Buffer, TakesAnElementOfItsOwn) {
  Buffer<int> buffer(8);
  buffer[0] = 42;
  buffer.push_back(buffer[0]);  // grows while the argument lies in the old memory
  EXPECT_EQ(buffer.back(), 42);
}

TEST(Buffer, CopiesMovesAndSwaps) {
  Buffer<int> a(3);
  a[0] = 1, a[1] = 2, a[2] = 3;
  Buffer<int> b = a;
  b[0] = 9;
  EXPECT_EQ(a[0], 1);
  EXPECT_NE(a.data(), b.data());
  const int* memory = b.data();
  Buffer<int> c = std::move(b);
  EXPECT_EQ(c.data(), memory);
  EXPECT_TRUE(b.empty());
  b = c;
  EXPECT_EQ(b[0], 9);
  Buffer<int>& self = c;
  c = self;
  EXPECT_EQ(c[2], 3);
  c = std::move(a);
  EXPECT_EQ(c[0], 1);
  const Buffer<int> nothing;
  Buffer<int> copy_of_nothing = nothing;
  EXPECT_TRUE(copy_of_nothing.empty());
  copy_of_nothing = c;
  EXPECT_EQ(copy_of_nothing.size(), 3u);
  c = nothing;
  EXPECT_TRUE(c.empty());
}

}  // namespace
}  // namespace costate::detail
