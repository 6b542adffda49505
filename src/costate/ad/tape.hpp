#pragma once

#include <costate/core/memory_pool.hpp>
#include <costate/core/status.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

namespace costate {

namespace detail {

[[noreturn]] void throw_two_tapes();
[[noreturn]] void throw_no_tape();
std::uint32_t next_tape_id();

/// Bytes that keep their address until they are rewound: payloads of tape nodes.
class Arena {
 public:
  struct Marker {
    std::size_t chunk = 0, used = 0;
  };
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();
  void* allocate(std::size_t bytes, std::size_t alignment) {
    bytes = (bytes + 15) / 16 * 16;
    used_ = (used_ + alignment - 1) / alignment * alignment;  // chunks begin at multiples of 64
    if (chunk_ < chunks_.size() && used_ + bytes <= chunks_[chunk_].bytes) {
      used_ += bytes;
      return chunks_[chunk_].data + (used_ - bytes);
    }
    return allocate_from_next(bytes);
  }
  Marker marker() const { return {chunk_, used_}; }
  void rewind(Marker to) { chunk_ = to.chunk, used_ = to.used; }
  std::size_t bytes() const;

 private:
  struct Chunk {
    char* data;
    std::size_t bytes;
  };
  void* allocate_from_next(std::size_t bytes);
  Buffer<Chunk> chunks_;
  std::size_t chunk_ = 0, used_ = 0;
};

/// What a node keeps on the tape beyond bytes: the record of a solve. Kept between gradients, so that its
/// buffers are reused.
struct TapeRecord {
  virtual ~TapeRecord() = default;
  /// The gradient is over: lets go of what belongs to the user (functions and what they capture), keeps the
  /// buffers.
  virtual void release() {}
};

}  // namespace detail

/// The operations of one computation, for the reverse sweep. A scalar operation is a node of two partials and
/// two indices; a layer, a reduction or a whole solve is one block with a pullback of its own. Used through
/// Var and value_and_gradient.
template <class T>
class Tape {
 public:
  /// adjoints: of the whole tape; first: the index of the block's first output. Adds to the adjoints of the
  /// block's inputs.
  using Pullback = void (*)(T* adjoints, void* payload, std::int32_t first);
  struct Marker {
    std::size_t nodes, blocks;
    detail::Arena::Marker arena;
  };

  Tape() : id_(detail::next_tape_id()) {}
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;
  ~Tape() {
    for (Kept& kept : records_) delete kept.record;
  }

  /// The tape on which this thread's operations on Var<T> are recorded, or null.
  static Tape*& current() {
    static constinit thread_local Tape* tape = nullptr;
    return tape;
  }

  std::uint32_t id() const { return id_; }
  std::size_t size() const { return nodes_.size(); }
  std::size_t bytes() const { return nodes_.bytes() + adjoints_.bytes() + blocks_.bytes() + arena_.bytes(); }

  std::int32_t push(const T& pa, std::int32_t a, const T& pb, std::int32_t b) {
    nodes_.push_back(Node{pa, pb, a, b});
    return static_cast<std::int32_t>(nodes_.size() - 1);
  }
  /// `count` independent variables; the index of the first.
  std::int32_t push_leaves(std::size_t count) {
    const auto first = static_cast<std::int32_t>(nodes_.size());
    if (count > 0) nodes_.append(count)[count - 1] = Node{T(0), T(0), row_mark, first};
    return first;
  }
  /// A block of `count` outputs; the index of the first. One without outputs is pulled back too: a solve that
  /// saves nothing may still be read between.
  std::int32_t push_block(std::size_t count, Pullback pullback, void* payload) {
    const auto first = static_cast<std::int32_t>(nodes_.size());
    Node* nodes = nodes_.append(count == 0 ? 1 : count);
    if (count > 1) nodes[count - 1] = Node{T(0), T(0), row_mark, first + 1};
    nodes[0] = Node{T(0), T(0), block_mark, static_cast<std::int32_t>(blocks_.size())};
    blocks_.push_back(Block{pullback, payload});
    return first;
  }
  /// Memory for a payload; lives until the tape is rewound below it. Trivially destructible types only.
  template <class P>
  P* allocate(std::size_t count = 1) {
    static_assert(std::is_trivially_destructible_v<P>);
    static_assert(alignof(P) <= 64);
    return static_cast<P*>(arena_.allocate(count * sizeof(P), alignof(P)));
  }
  /// An object that outlives the recording and is reused by the next one on this tape.
  template <class R>
  R& keep() {
    static const char type = 0;
    for (Kept& kept : records_) {
      if (kept.type == &type && !kept.used) {
        kept.used = true;
        return static_cast<R&>(*kept.record);
      }
    }
    R* record = new R();
    records_.push_back(Kept{record, &type, true});
    return *record;
  }

  /// The records made since the last reset let go of what belongs to the user.
  void release_records() {
    for (Kept& kept : records_)
      if (kept.used) kept.record->release();
  }

  Marker marker() const { return {nodes_.size(), blocks_.size(), arena_.marker()}; }
  void rewind(const Marker& to) {
    nodes_.resize(to.nodes);
    blocks_.resize(to.blocks);
    arena_.rewind(to.arena);
  }
  /// Forgets everything but keeps the memory; Vars of before are refused from now on.
  void reset() {
    nodes_.clear();
    blocks_.clear();
    arena_.rewind({});
    for (Kept& kept : records_) kept.used = false;
    failure_ = Status::success;
    failure_used_ = false;
    id_ = detail::next_tape_id();
  }

  /// The adjoints of all nodes, the new ones zeroed; those that were there keep their values.
  T* adjoints() {
    const std::size_t old = adjoints_.size();
    adjoints_.resize(nodes_.size());
    for (std::size_t i = old; i < nodes_.size(); ++i) adjoints_[i] = T(0);
    return adjoints_.data();
  }
  /// Those from number `from` on are zero when they are next asked for.
  void forget_adjoints(std::size_t from = 0) {
    if (from < adjoints_.size()) adjoints_.resize(from);  // never grows: what it grew over would not be zero
  }
  /// Reverse sweep over the nodes from the newest down to number `until`.
  void sweep(std::size_t until = 0) {
    T* adjoint = adjoints();
    for (std::size_t i = nodes_.size(); i-- > until;) {
      const Node& node = nodes_[i];
      if (node.a >= 0) {
        const T g = adjoint[i];
        if constexpr (std::is_floating_point_v<T>) {
          if (g == T(0))
            continue;  // what the loss does not use may have an infinite derivative, and 0 · ∞ is not 0
        }
        adjoint[node.a] = adjoint[node.a] + node.pa * g;
        if (node.b >= 0) adjoint[node.b] = adjoint[node.b] + node.pb * g;
      } else if (node.a == block_mark) {
        const Block& block = blocks_[static_cast<std::size_t>(node.b)];
        block.pullback(adjoint, block.payload, static_cast<std::int32_t>(i));
      } else if (node.a == row_mark) {
        i = static_cast<std::size_t>(node.b);
      }
    }
  }

  /// A solve recorded here failed: what a loss makes of it is +∞ with a zero gradient.
  void report_failure(Status status) { failure_ = status; }
  Status failure() const { return failure_; }
  /// The loss has a derivative by numbers of a failed solve, and the solve has none to give, whatever it
  /// reached.
  void report_use_of_failure() { failure_used_ = true; }
  bool failure_used() const { return failure_used_; }

 private:
  // A row of leaves, or the outputs of a block behind its first, is written only at its end: the sweep goes
  // on before the row, and nobody looks at the nodes between.
  static constexpr std::int32_t block_mark = -2, row_mark = -3;
  struct Node {
    T pa, pb;
    // a = block_mark: the first output of block b; a = row_mark: the end of a row that begins at b
    std::int32_t a, b;
  };
  struct Block {
    Pullback pullback;
    void* payload;
  };
  struct Kept {
    detail::TapeRecord* record;
    const void* type;
    bool used;
  };

  detail::Buffer<Node> nodes_;
  detail::Buffer<T> adjoints_;
  detail::Buffer<Block> blocks_;
  detail::Buffer<Kept> records_;
  detail::Arena arena_;
  std::uint32_t id_;
  Status failure_ = Status::success;
  bool failure_used_ = false;
};

namespace detail {

/// Makes a tape the current one of this thread for the life of the scope.
template <class T>
class TapeScope {
 public:
  explicit TapeScope(Tape<T>* tape) : previous_(std::exchange(Tape<T>::current(), tape)) {}
  TapeScope(const TapeScope&) = delete;
  TapeScope& operator=(const TapeScope&) = delete;
  ~TapeScope() { Tape<T>::current() = previous_; }

 private:
  Tape<T>* previous_;
};

/// A tape out of this thread's store, given back at the end of the scope with its memory, so that a gradient
/// after the first allocates nothing that grows.
template <class T>
class BorrowedTape {
 public:
  BorrowedTape() {
    Store& s = store();
    if (s.depth == s.tapes.size()) s.tapes.push_back(new Tape<T>());
    tape_ = s.tapes[s.depth++];
    tape_->reset();
    tape_->forget_adjoints();
  }
  BorrowedTape(const BorrowedTape&) = delete;
  BorrowedTape& operator=(const BorrowedTape&) = delete;
  ~BorrowedTape() {
    tape_->release_records();
    --store().depth;
  }
  Tape<T>& operator*() const { return *tape_; }
  Tape<T>* operator->() const { return tape_; }
  Tape<T>* get() const { return tape_; }

 private:
  struct Store {
    Buffer<Tape<T>*> tapes;
    std::size_t depth = 0;
    ~Store() {
      for (Tape<T>* tape : tapes) delete tape;
    }
  };
  static Store& store() {
    static thread_local Store store;
    return store;
  }
  Tape<T>* tape_;
};

}  // namespace detail
}  // namespace costate
