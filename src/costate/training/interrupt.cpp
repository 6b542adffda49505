#include <costate/training/interrupt.hpp>

#include <atomic>
#include <csignal>
#include <mutex>

namespace costate {
namespace {

// A signal handler is the process's, hence the only static state of the training room.
std::mutex guards_mutex;
std::size_t guards = 0;            // under guards_mutex
struct sigaction previous_action;  // written under guards_mutex while `installed` is false
std::atomic<bool> installed{false};
std::atomic<unsigned> interrupts{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<unsigned>::is_always_lock_free);

extern "C" void costate_on_interrupt(int) {
  interrupts.fetch_add(1);
  if (installed.exchange(false)) sigaction(SIGINT, &previous_action, nullptr);
}

bool is_ours(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == costate_on_interrupt;
}

}  // namespace

InterruptGuard::InterruptGuard(bool enabled) : enabled_(enabled) {
  if (!enabled_) return;
  const std::lock_guard lock(guards_mutex);
  ++guards;
  seen_ = interrupts.load();
  if (installed.load()) return;
  struct sigaction current;
  if (sigaction(SIGINT, nullptr, &current) != 0 || is_ours(current)) return;
  if ((current.sa_flags & SA_SIGINFO) == 0 && current.sa_handler == SIG_IGN) return;
  previous_action = current;
  struct sigaction ours = {};
  ours.sa_handler = costate_on_interrupt;
  sigemptyset(&ours.sa_mask);
  ours.sa_flags = SA_RESTART;  // system calls inside a loss need not know
  installed.store(true);
  if (sigaction(SIGINT, &ours, nullptr) != 0) installed.store(false);
}

InterruptGuard::~InterruptGuard() {
  if (!enabled_) return;
  const std::lock_guard lock(guards_mutex);
  if (--guards > 0) return;
  // somebody else's handler that was set meanwhile stays
  struct sigaction current;
  if (sigaction(SIGINT, nullptr, &current) != 0 || !is_ours(current)) {
    installed.store(false);
    return;
  }
  if (installed.exchange(false)) sigaction(SIGINT, &previous_action, nullptr);
}

bool InterruptGuard::interrupted() const {
  return enabled_ && interrupts.load() != seen_;
}

}  // namespace costate
