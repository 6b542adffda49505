#pragma once

#include <costate/ad/gradient.hpp>
#include <costate/training/train_progress.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace costate {

struct EarlyStoppingOptions {
  std::size_t patience = 10;  ///< validations in a row without a lower one that end the run, >= 1
  double min_decrease = 0;    ///< what a lower one must be lower by, >= 0
  /// Iterations from one validation to the next, >= 1. Unset: an epoch, or ten where there are no batches.
  std::optional<std::size_t> every{};
};

struct ValidationOptions {
  std::optional<std::size_t> every{};  ///< as of EarlyStoppingOptions
};

namespace detail {

/// When to validate and when to stop, a function of what TrainProgress has.
class ValidationRule {
 public:
  /// Without a patience it never ends the run.
  ValidationRule(const char* callback, std::optional<std::size_t> every, std::optional<std::size_t> patience,
                 double min_decrease);

  bool due(const TrainProgress& at) const;
  /// Whether the run should end: at.validation and those before are what it knows.
  bool ends(const TrainProgress& at) const;

 private:
  std::optional<std::size_t> every_, patience_;
  double min_decrease_;
};

}  // namespace detail

/// A callback that evaluates a loss of the parameters on data that the training does not see. That loss
/// judges which parameters are the best. One that is not finite is never the best, and counts as none that is
/// lower.
template <class Loss>
class Validator {
 public:
  Validator(Loss loss, const detail::ValidationRule& rule) : loss_(std::move(loss)), rule_(rule) {}

  template <class P>
  bool operator()(const P& p, double /*loss*/, TrainProgress& at) {
    if (!rule_.due(at)) return false;
    at.validation = static_cast<double>(detail::loss_of(loss_(p)));
    return rule_.ends(at);
  }

 private:
  Loss loss_;
  detail::ValidationRule rule_;
};

/// Validates, and ends the run where that has not become lower for a while.
///
///     const auto result = train(loss, p, Adam{}, batches, {.epochs = 500}, early_stopping(validation,
///     {.patience = 20}));
///
/// `validation(p)` returns a number, or a tuple that begins with one. The start counts as the first of
/// them. L. Prechelt, "Early stopping – but when?", in: Neural Networks: Tricks of the Trade (1998), §2: the
/// criterion UP, with a patience instead of strips.
template <class Loss>
Validator<Loss> early_stopping(Loss validation, const EarlyStoppingOptions& options = {}) {
  return {std::move(validation), {"early_stopping", options.every, options.patience, options.min_decrease}};
}

/// Validates and never ends the run.
template <class Loss>
Validator<Loss> validate(Loss validation, const ValidationOptions& options = {}) {
  return {std::move(validation), {"validate", options.every, std::nullopt, 0.0}};
}

}  // namespace costate
