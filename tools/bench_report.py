"""Puts what `make bench` and `make bench-peers` measured last into pages and pictures.

    python3 tools/bench_report.py BUILD PAGES

Reads BUILD/results, writes PAGES/measured.md, PAGES/work_precision.md, PAGES/peers.md and the pictures.
"""

import csv
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADING = re.compile(r"^### (.*)$", re.M)
# Rows of the summary: heading of a table, name of the task in spiral_peers.csv and its type, problem and quantity in
# the peers' tables.
SUMMARY = {
    "Lotka–Volterra solve": ("Lotka–Volterra solve, 101", None, ("Lotka-Volterra", "solve")),
    "its gradient": ("Lotka–Volterra gradient,", None, ("Lotka-Volterra", "gradient")),
    "solve by Vern7, error 1e-8": ("Lotka–Volterra solve by Vern7 at an error of 1e-08", None, None),
    "its gradient by Vern7": ("Lotka–Volterra gradient by Vern7 at an error of 1e-08", None, None),
    "solve by Vern9, error 1e-11": ("Lotka–Volterra solve by Vern9 at an error of 1e-11", None, None),
    "its gradient by Vern9": ("Lotka–Volterra gradient by Vern9 at an error of 1e-11", None, None),
    "spiral, value and gradient, float": ("Spiral neural ODE, value and gradient, single", ("value and gradient", "float"), None),
    "spiral, value and gradient, double": ("Spiral neural ODE, value and gradient, double", ("value and gradient", "double"), None),
    "Adam × 300, float": ("Spiral neural ODE, Adam × 300, single", ("Adam x 300", "float"), None),
    "Adam × 300, double": ("Spiral neural ODE, Adam × 300, double", ("Adam x 300", "double"), None),
    "batch of 64, float": ("Spiral network, 64 samples, value and gradient, single", ("batch of 64", "float"), None),
    "batch of 64, double": ("Spiral network, 64 samples, value and gradient, double", ("batch of 64", "double"), None),
    "batch of 1024, float": ("Spiral network, 1024 samples, value and gradient, single", ("batch of 1024", "float"), None),
    "batch of 1024, double": ("Spiral network, 1024 samples, value and gradient, double", ("batch of 1024", "double"), None),
}  # fmt: skip
PEERS = ("Boost.odeint", "SUNDIALS", "heyoka", "diffrax", "torchdiffeq")


def read(path):
    return path.read_text() if path.exists() else ""


def rows_of(path):
    return list(csv.DictReader(path.open(newline=""))) if path.exists() else []


def machine(build):
    """What everything ran on, in a sentence."""
    names = re.findall(r"^model name\s*:\s*(.*)$", read(Path("/proc/cpuinfo")), re.M)
    cache = read(build / "bench/CMakeCache.txt")
    compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache, re.M)
    version = ""
    if compiler:
        version = subprocess.run([compiler.group(1), "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    load = read(build / "results/load.txt").strip()
    return f"Machine: {names[0] if names else 'unknown'}, one core; {version}, `-O3` with the flags of `costate::native`; " + (
        f"load average before the run {load}." if load else "load not recorded."
    )


def microseconds(text):
    number, unit = text.split()
    return float(number) * (1000 if unit == "ms" else 1)


def shown(value):
    return "" if value is None else f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def own_rows(tables, heading):
    """Least microseconds of the limit and of the first row of the library below a heading."""
    text = next((t for name, t in tables if name.startswith(heading)), "")
    found = {}
    for line in text.splitlines():
        cells = [c.strip() for c in line.strip("|").split("|")]
        if len(cells) < 4 or not re.match(r"[\d.]+ (µs|ms)", cells[1]):
            continue
        for key in ("limit", "costate"):
            if cells[0].startswith(key):
                found.setdefault(key, microseconds(cells[1]))
    return found.get("limit"), found.get("costate")


def summary(results, tables):
    at_error = {}
    for path in [*results.glob("work_precision_*.csv"), *results.glob("peer_*.csv")]:
        for row in rows_of(path):
            if row["for_error"] == "1e-06":
                key = row["problem"], row["quantity"], row["library"]
                at_error[key] = min(float(row["microseconds"]), at_error.get(key, float("inf")))
    spiral = {(r["task"], r["type"], r["library"]): float(r["microseconds"]) for r in rows_of(results / "spiral_peers.csv")}
    lines = ["| | limit | costate | ÷ limit | " + " | ".join(PEERS) + " |", "|---" * (4 + len(PEERS)) + "|"]
    for name, (heading, task, problem) in SUMMARY.items():
        limit, own = own_rows(tables, heading)
        ratio = f"{own / limit:.2f}" if limit and own else ""
        peers = [(at_error if problem else spiral).get((*(problem or task or ()), peer)) for peer in PEERS]
        lines.append(f"| {name} | {shown(limit)} | {shown(own)} | {ratio} | " + " | ".join(map(shown, peers)) + " |")
    return "\n".join(lines)


def split_tables(text):
    parts = HEADING.split(text)
    return [(parts[i], parts[i + 1]) for i in range(1, len(parts) - 1, 2)]


def main():
    build, pages = Path(sys.argv[1]), Path(sys.argv[2])
    results = build / "results"
    if not results.is_dir():
        sys.exit(f"{results} is not there: run `make bench` first")
    pages.mkdir(parents=True, exist_ok=True)
    programs = sorted(p for p in results.glob("benchmarks.*.md") if "work_precision" not in p.name)
    texts = "".join(read(p) for p in programs)
    note = f"Written by `make bench-report`; nothing here is edited by hand. {machine(build)}"
    (pages / "measured.md").write_text(
        "# Measured: limits, allocations, cost of gradients\n\n"
        "Every table that `make bench` prints, one row a program, least and median of many repetitions.\n\n"
        f"{note}\n\n## All in one table\n\n"
        "Microseconds. Limit and costate: the tables below (Tsit5 where no method is named; the solve and its gradient at a tolerance of "
        "1e-8; Verner's pairs without the interpolants of all steps, which nobody reads). Peers of the "
        "solve and of its gradient: their fastest method at an error of 1e-6; of the network: the same weights, data and tolerances, "
        "from `make bench-peers`. An empty cell: the library does not do it, or was not there.\n\n"
        f"{summary(results, split_tables(texts))}\n{texts.replace('### ', '## ')}"
    )  # fmt: skip
    work = ["# Measured: error against work\n\n"
            "How long each method takes to reach an error, in time and in evaluations of the right-hand side.\n\n" + note]  # fmt: skip
    for program in sorted(results.glob("benchmarks.work_precision.*.md")):
        for heading, table in split_tables(read(program)):
            problem, _, quantity = heading.rpartition(", ")
            slug = re.sub(r"[- ]", "_", problem.split(",")[0]).lower() + ("_solve" if quantity == "solve" else "_gradient")
            picture = results / f"work_precision_{slug}.svg"
            work.append(f"## {heading}")
            if picture.exists():
                shutil.copy(picture, pages / picture.name)
                work.append(f"![{heading}: error against time and right-hand sides]({picture.name})")
            work.append(table.strip())
    (pages / "work_precision.md").write_text("\n\n".join(work) + "\n")
    peers = read(results / "peers.md")
    if '|' in peers:
        (pages / "peers.md").write_text(
            "# Measured: peers at equal accuracy\n\n"
            "The fastest method of each library at the loosest tolerance that reaches an error of 1e-3, 1e-6, 1e-9 and 1e-12.\n\n"
            f"{note}\n\nA Python call is inside the times of heyoka, diffrax and torchdiffeq; compiling is not. An empty cell: not "
            f"reached, or a call longer than the limit in `benchmarks/peers/python/study.py`.\n{peers.replace('### ', '## ')}"
        )  # fmt: skip


main()
