"""The spiral network of first_benchmarks.cpp and batches.cpp: the same weights, samples and data."""

import numpy as np

TIMES = np.linspace(0.0, 1.5, 30)
RTOL, ATOL = 1e-3, 1e-6
RATE = 0.05


def uniform_numbers(state):
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield 2 * (state >> 11) * 2.0**-53 - 1


def weights():
    """W1 column by column, b1, W2 column by column, b2."""
    numbers, w = uniform_numbers(42), np.zeros(252)
    for i in range(50):
        for j in (i, 50 + i, 150 + 2 * i, 151 + 2 * i):
            w[j] = np.sqrt(6.0 / 52) * next(numbers)
    return w


def starts(samples):
    """[samples × 2]; one sample starts at (2, 0)."""
    if samples == 1:
        return np.array([[2.0, 0.0]])
    numbers = uniform_numbers(7)
    return np.array([[2 * next(numbers), 2 * next(numbers)] for _ in range(samples)])


def data(u):
    """[times × samples × 2] by Runge and Kutta's rule with 40 steps between the times."""

    def slope(v):
        c = v**3
        return np.stack([-0.1 * c[:, 0] - 2 * c[:, 1], 2 * c[:, 0] - 0.1 * c[:, 1]], 1)

    result, h = [u], (TIMES[1] - TIMES[0]) / 40
    for _ in TIMES[1:]:
        for _ in range(40):
            a = slope(u)
            b = slope(u + h / 2 * a)
            c = slope(u + h / 2 * b)
            u = u + h / 6 * (a + 2 * b + 2 * c + slope(u + h * c))
        result.append(u)
    return np.stack(result)


def task(samples):
    """Where it starts and what is wanted; one sample is a vector, as every library likes it best."""
    u = starts(samples)
    return (u[0], data(u)[:, 0]) if samples == 1 else (u, data(u))


def split(p):
    """W1ᵀ, b1, W2ᵀ, b2 of a flat vector of any library."""
    return p[:100].reshape(2, 50), p[100:150], p[150:250].reshape(50, 2), p[250:]
