#pragma once

#include <cstddef>
#include <optional>

namespace costate {

/// The exact gradient of the discrete map: the recorded steps are pulled back one by one, from the last to
/// the first, on the mesh that the controller chose. This is what a gradient through `solve` is without
/// asking. One vjp of the right-hand side per stage. Memory: the stage inputs of all steps, or with
/// `checkpoints` = c only c states, the mesh (16 bytes a step) and the stages of one of c segments at a time,
/// at the price of one more forward solve; the bits are the same for every c.
struct DiscreteAdjoint {
  std::optional<std::size_t> checkpoints{};  ///< states kept; unset: every stage of every step is kept
};

/// The exact gradient of the same discrete map carried forward: tangents of all inputs, eight at a time,
/// along the recorded mesh. Cost grows with the number of inputs; the choice for few inputs and many outputs.
struct ForwardSensitivity {};

/// Central differences along the recorded mesh, h = step · max(1, |x|) for each input. The oracle for the
/// others, not a tool.
struct FiniteDifference {
  double step = 0;  ///< relative step; 0: the cube root of the rounding unit
};

}  // namespace costate
