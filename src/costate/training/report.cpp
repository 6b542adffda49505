#include <costate/training/report.hpp>

#include <cstdarg>
#include <cstdio>

namespace costate {
namespace {

[[gnu::format(printf, 2, 3)]] void add_line(std::string& text, const char* format, ...) {
  char line[256];
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  text += line;
  text += '\n';
}

std::string digits(double loss) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", loss);
  return text;
}

}  // namespace

std::string_view message(StopReason reason) {
  switch (reason) {
    case StopReason::max_iterations:
      return "the iteration limit was reached";
    case StopReason::converged:
      return "converged";
    case StopReason::stalled:
      return "no lower loss was found";
    case StopReason::not_finite_at_start:
      return "the loss or its gradient is not finite at the start";
    case StopReason::not_finite:
      return "the loss or its gradient was not finite";
    case StopReason::halted:
      return "the callback asked for the end";
    case StopReason::interrupted:
      return "interrupted";
    case StopReason::not_saved:
      return "a file of the run could not be written";
  }
  return "";
}

std::string_view advice(StopReason reason) {
  switch (reason) {
    case StopReason::stalled:
      return "if the loss is not low enough: tighten the tolerances of the solve (a coarse one makes the "
             "loss a staircase), "
             "check_gradient, or start with Adam";
    case StopReason::not_finite_at_start:
      return "other starting parameters, a shorter time span, or a solve that reaches its end from here; NaN "
             "in the "
             "data needs {.missing = Missing::skip} in the loss";
    case StopReason::not_finite:
      return "a smaller learning rate or a shorter time span; `minimizer` is the best point before";
    case StopReason::not_saved:
      return "make room for the file, then resume; what was found until here is in the result";
    default:
      return {};
  }
}

template <class T>
std::string report(const TrainResult<T>& result) {
  std::string text;
  add_line(text, "%s on %zu parameter%s", result.optimizer.c_str(), result.last.size(),
           result.last.size() == 1 ? "" : "s");
  const std::string best = digits(result.minimum), last = digits(result.last_loss);
  const bool went_up =
      result.minimum < result.last_loss && best != last;  // by more than the rounding of a line
  add_line(text, "  loss         %s -> %s%s", digits(result.initial_loss).c_str(), best.c_str(),
           went_up ? " (best)" : "");
  if (went_up) add_line(text, "  last loss    %s", last.c_str());
  add_line(text, "  gradient     %.3g -> %.3g (largest component)", result.initial_gradient_norm,
           result.gradient_norm);
  add_line(text, "  iterations   %zu of at most %zu", result.iterations, result.max_iterations);
  if (result.resumed_at > 0) add_line(text, "  resumed at   %zu", result.resumed_at);
  if (result.epochs > 0) add_line(text, "  epochs       %zu", result.epochs);
  if (!result.validations.empty())
    add_line(text, "  validation   %.6g -> %.6g (judges)", result.validations.front().loss,
             static_cast<double>(result.minimum));
  if (result.skipped > 0) add_line(text, "  taken back   %zu (loss or gradient not finite)", result.skipped);
  add_line(text, "  evaluations  %zu", result.evaluations);
  add_line(text, "  time         %.3g s", result.seconds);
  text += "  stopped      " + result.message + '\n';
  if (const std::string_view hint = advice(result.stop_reason); !hint.empty())
    text.append("  try          ").append(hint) += '\n';
  if (result.initial_gradient_norm == 0) {
    text +=
        "  note         the gradient at the start is exactly zero: does the loss depend on the parameters?\n";
  }
  text.pop_back();
  return text;
}

template std::string report(const TrainResult<float>&);
template std::string report(const TrainResult<double>&);

}  // namespace costate
