#include <costate/training/progress_bar.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <unistd.h>

namespace costate {
namespace detail {

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string progress_line(std::size_t done, std::size_t total, double loss, double seconds, std::size_t first,
                          std::size_t batches) {
  constexpr std::size_t width = 20;
  const std::size_t filled = total == 0 ? 0 : std::min(width, width * done / total);
  const double rate = seconds > 0 ? static_cast<double>(done - first) / seconds : 0;
  char numbers[128];
  std::snprintf(numbers, sizeof numbers, " %zu/%zu", done, total);
  std::string line = "[" + std::string(filled, '=') + std::string(width - filled, ' ') + "]" + numbers;
  if (batches > 0) {
    std::snprintf(numbers, sizeof numbers, "  epoch %zu/%zu", done / batches,
                  (total + batches - 1) / batches);
    line += numbers;
  }
  std::snprintf(numbers, sizeof numbers, "  loss %.5g  %.3g/s", loss, rate);
  line += numbers;
  if (rate > 0 && done < total) {
    const double left = static_cast<double>(total - done) / rate;
    if (left < 360000) {
      const int whole = static_cast<int>(left + 0.5);
      char clock[32];
      std::snprintf(clock, sizeof clock, "  %d:%02d:%02d left", whole / 3600, whole / 60 % 60, whole % 60);
      line += clock;
    }
  }
  return line;
}

}  // namespace detail

ProgressBar::ProgressBar(std::size_t total, bool enabled, std::size_t first, std::size_t batches)
    : total_(total), first_(first), batches_(batches), enabled_(enabled && isatty(STDERR_FILENO) == 1) {
  // a run that is over in a blink shows nothing
  if (enabled_) start_ = last_draw_ = detail::steady_seconds();
}

ProgressBar::~ProgressBar() {
  if (!drawn_) return;
  draw(detail::steady_seconds());
  std::fputc('\n', stderr);
}

void ProgressBar::update(std::size_t done, double loss) {
  if (!enabled_) return;
  done_ = done;
  loss_ = loss;
  const double now = detail::steady_seconds();
  if (now - last_draw_ >= 0.1) draw(now);
}

void ProgressBar::draw(double now) {
  const std::string line = detail::progress_line(done_, total_, loss_, now - start_, first_, batches_);
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
  last_draw_ = now;
  drawn_ = true;
}

}  // namespace costate
