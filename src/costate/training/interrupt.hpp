#pragma once

namespace costate {

/// While one lives, the first Ctrl-C (SIGINT) sets a flag instead of ending the program, and gives the
/// previous handler back at once, so that a second Ctrl-C does what it always did. Guards may live in several
/// threads: a Ctrl-C reaches all that were alive. A process that ignores SIGINT (a background job) goes on
/// ignoring it.
class InterruptGuard {
 public:
  explicit InterruptGuard(bool enabled = true);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// Whether Ctrl-C was pressed since this guard was made.
  bool interrupted() const;

 private:
  bool enabled_;
  unsigned seen_ = 0;
};

}  // namespace costate
