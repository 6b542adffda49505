"""The equations of the work-precision programs, once in single components (for symbolic libraries), once in arrays.

The numbers, the saved times and what is right come from the files that those programs write, so that all libraries
solve the same thing and are judged by the same reference.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Callable


def lotka_volterra(u, p, sqrt):
    x, y = u
    return [p[0] * x - p[1] * x * y, -p[2] * y + p[3] * x * y]


def kepler(u, p, sqrt):
    square = u[0] * u[0] + u[1] * u[1]
    pull = p[0] / (square * sqrt(square))
    return [u[2], u[3], -pull * u[0], -pull * u[1]]


def lorenz(u, p, sqrt):
    return [p[0] * (u[1] - u[0]), u[0] * (p[1] - u[2]) - u[1], u[0] * u[1] - p[2] * u[2]]


def pleiades(u, p, sqrt):
    slope = list(u[14:]) + [0.0] * 14
    for i in range(7):
        for j in range(i):
            dx, dy = u[j] - u[i], u[7 + j] - u[7 + i]
            square = dx * dx + dy * dy
            weight = 1.0 / (square * sqrt(square))
            slope[14 + i] += p[j] * dx * weight
            slope[21 + i] += p[j] * dy * weight
            slope[14 + j] -= p[i] * dx * weight
            slope[21 + j] -= p[i] * dy * weight
    return slope


def pleiades_in_arrays(u, p, np):
    x, y = u[:7], u[7:14]
    dx, dy = x[None, :] - x[:, None], y[None, :] - y[:, None]
    square = dx * dx + dy * dy + np.eye(7, dtype=u.dtype)
    pull = p[None, :] / (square * np.sqrt(square))
    return np.concatenate([u[14:], (pull * dx).sum(1), (pull * dy).sum(1)])


@dataclass
class Problem:
    name: str  # as the work-precision programs print it
    file: str
    components: Callable
    u0: list
    p: list
    in_arrays: Callable = None

    def load(self, folder):
        lines = (Path(folder) / f"reference_{self.file}.csv").read_text().splitlines()
        self.times, self.saved, self.gradient = ([float(x) for x in line.split(",")] for line in lines)
        return self

    def array_rhs(self, np):
        """f(u, p) for jax.numpy or torch."""
        if self.in_arrays:
            return lambda u, p: self.in_arrays(u, p, np)
        return lambda u, p: np.stack(self.components(u, p, np.sqrt))


PROBLEMS = [
    Problem("Lotka-Volterra", "lotka_volterra", lotka_volterra, [1.0, 1.0], [1.5, 1.0, 3.0, 1.0]),
    Problem("Kepler, e = 0.5", "kepler", kepler, [0.5, 0.0, 0.0, 3.0**0.5], [1.0]),
    Problem("Lorenz", "lorenz", lorenz, [1.0, 0.0, 0.0], [10.0, 28.0, 8.0 / 3.0]),
    Problem(
        "Pleiades",
        "pleiades",
        pleiades,
        [3, 3, -1, -3, 2, -2, 2, 3, -3, 2, 0, 0, -4, 4, 0, 0, 0, 0, 0, 1.75, -1.5, 0, 0, 0, -1.25, 1, 0, 0],
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
        pleiades_in_arrays,
    ),
]
