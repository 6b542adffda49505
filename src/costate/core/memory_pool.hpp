#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

namespace costate::detail {

/// Memory from a free list of this thread, in classes of powers of two. A block given back is handed out
/// again by the next request of its class, so that vectors made and dropped inside a right-hand side cost a
/// few instructions and no malloc. Blocks are aligned to 64 bytes. Blocks above 64 MiB go back to the system
/// at once.
void* pool_allocate(std::size_t bytes);
void pool_release(void* block, std::size_t bytes) noexcept;
/// Gives a block back to the system if it is a large one that nobody will ask for again: an outgrown array.
void pool_discard(void* block, std::size_t bytes) noexcept;

/// A growable array of trivially copyable numbers on the pool; new elements are not initialised.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Buffer() = default;
  explicit Buffer(std::size_t size) { resize(size); }
  Buffer(const Buffer& other) { assign(other.data_, other.size_); }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(const Buffer& other) {
    if (this != &other) assign(other.data_, other.size_);
    return *this;
  }
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~Buffer() {
    if (data_) pool_release(data_, capacity_ * sizeof(T));
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T& back() { return data_[size_ - 1]; }
  const T& back() const { return data_[size_ - 1]; }

  void clear() { size_ = 0; }
  void resize(std::size_t size) {
    if (size > capacity_) grow(size);
    size_ = size;
  }
  void push_back(const T& value) {
    const T copy = value;
    resize(size_ + 1);
    data_[size_ - 1] = copy;
  }
  /// Room for `count` more elements; the first of them.
  T* append(std::size_t count) {
    resize(size_ + count);
    return data_ + (size_ - count);
  }
  void assign(const T* from, std::size_t size) {
    resize(size);
    if (size > 0) std::memcpy(static_cast<void*>(data_), from, size * sizeof(T));
  }
  std::size_t bytes() const { return capacity_ * sizeof(T); }

 private:
  void grow(std::size_t size) {
    std::size_t capacity = capacity_ < 8 ? 8 : 2 * capacity_;
    if (capacity < size) capacity = size;
    T* data = static_cast<T*>(pool_allocate(capacity * sizeof(T)));
    if (data_) {
      std::memcpy(static_cast<void*>(data), data_, size_ * sizeof(T));
      pool_discard(data_, capacity_ * sizeof(T));
    }
    data_ = data;
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace costate::detail
