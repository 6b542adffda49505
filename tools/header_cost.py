"""Prints what each room's header costs a program that includes it: seconds of the compiler's front end and lines after
preprocessing.

Fails where a room's header does not compile alone, or brings in, through whatever, one of the standard headers that
tools/check_includes.py calls slow.

    python3 tools/header_cost.py <compiler> <folder of the room headers> [root]
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from check_includes import HEAVY, rooms_in_order


def seconds_of_children():
    use = resource.getrusage(resource.RUSAGE_CHILDREN)
    return use.ru_utime + use.ru_stime


def front_end(command, source):
    """The least of two runs."""
    least = float("inf")
    for _ in range(2):
        start = seconds_of_children()
        subprocess.run([*command, "-fsyntax-only", source], check=True)
        least = min(least, seconds_of_children() - start)
    return least


def main():
    compiler, include = sys.argv[1], Path(sys.argv[2])
    root = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(__file__).resolve().parents[1]
    command = [compiler, "-std=c++20", f"-I{root / 'src'}", f"-I{include}"]
    rooms = [room for room in rooms_in_order(root) if (include / f"costate/{room}.hpp").is_file()]
    slow_ones = False
    print(f"{'header':<22}{'seconds':>9}{'lines':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for name in [*rooms, "costate"]:
            source = Path(folder) / f"{name}.cpp"
            source.write_text(f"#include <costate/{name}.hpp>\n")
            seconds = front_end(command, source)
            text = subprocess.run([*command, "-E", source], capture_output=True, text=True, check=True).stdout.splitlines()
            lines = sum(1 for line in text if line.strip() and not line.startswith("#"))
            included = {Path(line.split('"')[1]).name for line in text if line.startswith("# ")}
            print(f"{name + '.hpp':<22}{seconds:9.2f}{lines:9}")
            for slow in sorted(included & HEAVY):
                print(f"    brings in <{slow}>")
                slow_ones = True
    return 1 if slow_ones else 0


if __name__ == "__main__":
    sys.exit(main())
