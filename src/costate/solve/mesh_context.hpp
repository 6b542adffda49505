#pragma once

#include <costate/solve/mesh.hpp>

#include <cstddef>
#include <vector>

namespace costate::detail {

/// Within its life the solves of this thread are numbered; their meshes are kept in the first pass and
/// followed in later ones, so that finite differences see one smooth map. Used by check_gradient.
class MeshContext {
 public:
  MeshContext() : previous_(current()) { current() = this; }
  MeshContext(const MeshContext&) = delete;
  MeshContext& operator=(const MeshContext&) = delete;
  ~MeshContext() { current() = previous_; }

  /// From the first solve again, now along the meshes that were kept.
  void replay() {
    replaying_ = true;
    position_ = 0;
  }
  /// For the next solve of this thread: where to keep its mesh, and which to follow.
  struct Use {
    Mesh* keep = nullptr;
    const Mesh* follow = nullptr;
  };
  static Use next() {
    MeshContext* context = current();
    if (context == nullptr) return {};
    if (!context->replaying_) return {&context->meshes_.emplace_back(new Mesh)->mesh(), nullptr};
    if (context->position_ >= context->meshes_.size()) return {};
    return {nullptr, &context->meshes_[context->position_++]->mesh()};
  }

 private:
  // Keeps its address while the list grows.
  class Kept {
   public:
    Kept(Mesh* mesh) : mesh_(mesh) {}
    Kept(Kept&& other) noexcept : mesh_(other.mesh_) { other.mesh_ = nullptr; }
    Kept& operator=(Kept&&) = delete;
    ~Kept() { delete mesh_; }
    const Kept* operator->() const { return this; }
    Mesh& mesh() const { return *mesh_; }

   private:
    Mesh* mesh_;
  };
  static MeshContext*& current() {
    static constinit thread_local MeshContext* context = nullptr;
    return context;
  }

  std::vector<Kept> meshes_;
  std::size_t position_ = 0;
  bool replaying_ = false;
  MeshContext* previous_;
};

}  // namespace costate::detail
