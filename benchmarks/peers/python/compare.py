"""One table of all libraries from the files that the work-precision programs and the peers wrote, in Markdown.

    python3 compare.py FOLDER

A cell is the least time of the library's methods at the loosest tolerance that reaches the error, with the method.
"""

import csv
import sys
from pathlib import Path

ERRORS = ("1e-03", "1e-06", "1e-09", "1e-12")


def rows(folder):
    for path in sorted(Path(folder).glob("work_precision_*.csv")) + sorted(Path(folder).glob("peer_*.csv")):
        with path.open(newline="") as file:
            yield from (row for row in csv.DictReader(file) if row["for_error"])


def time(microseconds):
    return f"{microseconds:.3g} µs" if microseconds < 1000 else f"{microseconds / 1000:.3g} ms"


def main():
    best = {}  # (problem, quantity) -> library -> error -> (microseconds, method)
    for row in rows(sys.argv[1]):
        if float(row["error"]) > float(row["for_error"]):
            sys.exit(f"{row} does not reach its error")
        libraries = best.setdefault((row["problem"], row["quantity"]), {})
        cell = float(row["microseconds"]), row["method"]
        cells = libraries.setdefault(row["library"], {})
        cells[row["for_error"]] = min(cell, cells.get(row["for_error"], cell))
    for (problem, quantity), libraries in best.items():
        print(f"\n### {problem}, {'solve' if quantity == 'solve' else 'value and gradient'}\n")
        print("| | " + " | ".join(e.replace("e-0", "e-") for e in ERRORS) + " |\n|---|---|---|---|---|")
        for library in sorted(libraries, key=lambda name: (name != "costate", name)):
            cells = (libraries[library].get(e) for e in ERRORS)
            print(f"| {library} | " + " | ".join(f"{time(c[0])}, {c[1]}" if c else "" for c in cells) + " |")
        ratios = []
        for e in ERRORS:
            own = libraries.get("costate", {}).get(e)
            peers = [(cells[e][0], name) for name, cells in libraries.items() if name != "costate" and e in cells]
            ratios.append(f"{min(peers)[0] / own[0]:.2g}, {min(peers)[1]}" if own and peers else "")
        print("| **fastest peer ÷ costate** | " + " | ".join(ratios) + " |")


main()
