"""Times a peer at the loosest tolerances that reach errors of 1e-3, 1e-6, 1e-9 and 1e-12, as study.cpp does it.

Importing this module pins the process to one core and every numerical library to one thread.
"""

import math
import os
import sys
import time

os.environ.update(
    OMP_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    JAX_PLATFORMS="cpu",
)
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import numpy as np  # noqa: E402

from problems import PROBLEMS  # noqa: E402

ERRORS = (1e-3, 1e-6, 1e-9, 1e-12)
SECONDS_FOR_TIMING = 0.4
FEWEST_CALLS = 3
LONGEST_CALL = 3.0
BISECTIONS = 3


def error_of(found, wanted, relative):
    if len(found) != len(wanted) or any(math.isnan(x) for x in found):
        return math.inf
    largest = max(abs(a - b) for a, b in zip(found, wanted))
    return largest / max(abs(b) for b in wanted) if relative else largest


class Ladder:
    """One method on one problem. `prepare(tolerance)` gives a function that solves and returns what it found."""

    def __init__(self, prepare, wanted, relative):
        self.prepare, self.wanted, self.relative = prepare, wanted, relative
        self.known = {}
        self.slow_at = 0.0  # tighter tolerances are not tried

    def error(self, tolerance):
        """Infinite where the solver gives up or takes too long."""
        if tolerance < self.slow_at:
            return math.inf
        if tolerance not in self.known:
            try:
                call = self.prepare(tolerance)
                call()
                start = time.process_time()
                found = call()
                if time.process_time() - start > LONGEST_CALL:
                    self.slow_at = tolerance
                error = math.inf if self.slow_at == tolerance else error_of(np.asarray(found).ravel().tolist(), self.wanted, self.relative)
            except Exception as e:  # a peer may fail in any way; that is a result too
                print(f"  at {tolerance:.1e}: {type(e).__name__}: {str(e)[:100]}", file=sys.stderr)
                call, error = None, math.inf
            self.known[tolerance] = call, error
        return self.known[tolerance][1]

    def reaching(self, bound):
        """The loosest tolerance that reaches the error, and whose next tighter one does too."""
        steps = [10.0**-k for k in range(2, 16)]
        for i, tolerance in enumerate(steps):
            if self.error(tolerance) > bound or (i + 1 < len(steps) and self.error(steps[i + 1]) > bound):
                continue
            loose, tight = (steps[i - 1] if i else tolerance), tolerance
            for _ in range(BISECTIONS if i else 0):
                middle = math.sqrt(loose * tight)
                if self.error(middle) <= bound:
                    tight = middle
                else:
                    loose = middle
            return tight
        return None

    def least_seconds(self, tolerance):
        call = self.known[tolerance][0]
        least, spent, calls = math.inf, 0.0, 0
        while spent < SECONDS_FOR_TIMING or calls < FEWEST_CALLS:
            start = time.process_time()
            call()
            took = time.process_time() - start
            least, spent, calls = min(least, took), spent + took, calls + 1
        return least


def run(library, methods):
    """methods(problem, quantity) gives pairs of a name and a `prepare`. Arguments: folder of results, problems."""
    folder, wanted = sys.argv[1], sys.argv[2:]
    rows = ["problem,quantity,library,method,tolerance,error,microseconds,rhs_evaluations,for_error"]
    for problem in PROBLEMS:
        if wanted and problem.file not in wanted:
            continue
        problem.load(folder)
        for quantity in ("solve", "gradient"):
            gradient = quantity == "gradient"
            for name, prepare in methods(problem, quantity):
                ladder = Ladder(prepare, problem.gradient if gradient else problem.saved, gradient)
                for bound in ERRORS:
                    tolerance = ladder.reaching(bound)
                    if tolerance is None:
                        continue
                    microseconds = ladder.least_seconds(tolerance) * 1e6
                    row = (f'"{problem.name}",{quantity},{library},{name},{tolerance:.4g},{ladder.error(tolerance):.3e},'
                           f"{microseconds:.4g},,{bound:.0e}")
                    print(row, flush=True)
                    rows.append(row)
    with open(f"{folder}/peer_{library}.csv", "w") as file:
        file.write("\n".join(rows) + "\n")
