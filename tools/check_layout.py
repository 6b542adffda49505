"""Checks that the trees mirror each other and that files keep their size.

1. A header src/costate/<room>/x.hpp of a MIRRORED room is a part: a test tests/<room>/*_test.cpp includes it, and a
   page docs/<room>/*.md names it as costate/<room>/x.hpp. One test or page may serve a family. SUPPORT names the
   headers that are no part.
2. Every tests/**/*_test.cpp lies in the folder of a room, or in one of OTHER_TEST_FOLDERS.
3. Sources are at most MAX_LINES long (tables of coefficients aside), without tabs, with a final newline.

    python3 tools/check_layout.py [root]
"""

import sys
from fnmatch import fnmatch
from pathlib import Path

from check_includes import rooms_in_order

MIRRORED = ("methods", "sensitivity", "nn", "optimizers")

# Concepts, engines and what several parts share: no test or page is asked for them by name.
SUPPORT = {
    "methods/explicit_runge_kutta.hpp",
    "methods/explicit_runge_kutta_pullback.hpp",
    "methods/explicit_tableau.hpp",
    "methods/method_family.hpp",
    "methods/order_conditions.hpp",
    "methods/stability.hpp",
    "methods/table_unrolling.hpp",
    "nn/dense_kernels.hpp",
    "nn/layer.hpp",
    "optimizers/bounds.hpp",
    "optimizers/hessian_objective.hpp",
    "optimizers/line_search.hpp",
    "optimizers/objective.hpp",
    "optimizers/residual_objective.hpp",
    "optimizers/update_rule.hpp",
    "sensitivity/adjoint_tolerances.hpp",
    "sensitivity/continuous_adjoint.hpp",
    "sensitivity/derivative_guard.hpp",
    "sensitivity/forward_states.hpp",
    "sensitivity/jacobian_record.hpp",
    "sensitivity/kronrod_quadrature.hpp",
    "sensitivity/moving_ends.hpp",
    "sensitivity/quadrature_rules.hpp",
    "sensitivity/recorded_solve.hpp",
    "sensitivity/solve_inputs.hpp",
}

OTHER_TEST_FOLDERS = {"contracts", "properties", "seed"}

MAX_LINES = 400
COEFFICIENTS = {"src/costate/methods/vern*.hpp"}
TREES = ("src", "tests", "examples", "benchmarks", "model_problems", "tools", "cmake")
TEXT = {".hpp", ".cpp", ".py", ".sh", ".cmake", ".txt", ".md"}


def mirrors(root):
    for room in MIRRORED:
        tests = "".join(p.read_text() for p in sorted((root / "tests" / room).rglob("*_test.cpp")))
        pages = "".join(p.read_text() for p in sorted((root / "docs" / room).rglob("*.md")))
        for header in sorted((root / "src/costate" / room).glob("*.hpp")):
            part = f"{room}/{header.name}"
            if part in SUPPORT:
                continue
            if f"#include <costate/{part}>" not in tests:
                yield header, f"no test in tests/{room} includes it"
            if f"costate/{part}" not in pages:
                yield header, f"no page in docs/{room} names costate/{part}"
    for part in sorted(SUPPORT):
        if not (root / "src/costate" / part).is_file():
            yield root / "tools/check_layout.py", f"names {part}, which does not exist"


def test_folders(root):
    known = {*rooms_in_order(root), *OTHER_TEST_FOLDERS}
    for test in sorted((root / "tests").rglob("*_test.cpp")):
        if test.relative_to(root / "tests").parts[0] not in known:
            yield test, "lies in a folder that is no room"


def sizes(root):
    for tree in TREES:
        for path in sorted((root / tree).rglob("*")):
            if not path.is_file() or path.suffix not in TEXT:
                continue
            text = path.read_text()
            lines = text.count("\n")
            name = path.relative_to(root).as_posix()
            if lines > MAX_LINES and path.suffix in {".hpp", ".cpp"} and not any(fnmatch(name, c) for c in COEFFICIENTS):
                yield path, f"has {lines} lines, more than {MAX_LINES}"
            if "\t" in text:
                yield path, f"has a tab in line {text[: text.index(chr(9))].count(chr(10)) + 1}"
            if not text.endswith("\n"):
                yield path, "has no final newline"


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = [*mirrors(root), *test_folders(root), *sizes(root)]
    for path, sentence in found:
        print(f"{path.relative_to(root)}: {sentence}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
