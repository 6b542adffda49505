"""diffrax and torchdiffeq on the spiral network: value and gradient, Adam × 300, batches of 64 and 1024.

The settings are those with which each is fastest; a gradient is checked against the library's own at a relative
tolerance of 1e-9 in double precision.
"""

import sys
import time

import study  # noqa: F401  pins the process
import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import spiral_network as spiral
import torch
from torchdiffeq import odeint

jax.config.update("jax_enable_x64", True)
torch.set_num_threads(1)
WORST_ERROR = 5e-2


def least_seconds(call, seconds=0.5, calls=3):
    call()
    least, spent, made = float("inf"), 0.0, 0
    while spent < seconds or made < calls:
        start = time.process_time()
        call()
        took = time.process_time() - start
        least, spent, made = min(least, took), spent + took, made + 1
    return least


def diffrax_loss(samples, dtype, rtol=spiral.RTOL, atol=spiral.ATOL, max_steps=128):
    u0, wanted, ts = (jnp.array(x, dtype) for x in (*spiral.task(samples), spiral.TIMES))

    def slope(t, u, p):
        w1, b1, w2, b2 = spiral.split(p)
        return jnp.tanh(u**3 @ w1 + b1) @ w2 + b2

    def loss(p):
        found = diffrax.diffeqsolve(
            diffrax.ODETerm(slope), diffrax.Tsit5(), ts[0], ts[-1], None, u0, p, saveat=diffrax.SaveAt(ts=ts),
            stepsize_controller=diffrax.PIDController(rtol=rtol, atol=atol), max_steps=max_steps,
        ).ys  # fmt: skip
        return ((found - wanted) ** 2).sum()

    return loss


def diffrax_adam(loss):
    def step(carry, i):
        p, m, v = carry
        g = jax.grad(loss)(p)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        correction = jnp.sqrt(1 - 0.999**i) / (1 - 0.9**i)
        return ((p - spiral.RATE * correction * m / (jnp.sqrt(v) + 1e-8)).astype(p.dtype), m, v), None

    steps = jnp.arange(1.0, 301.0)
    return jax.jit(lambda p: jax.lax.scan(step, (p, jnp.zeros_like(p), jnp.zeros_like(p)), steps.astype(p.dtype))[0][0])


def torch_loss(samples, dtype):
    u0, wanted, ts = (torch.tensor(x, dtype=dtype) for x in (*spiral.task(samples), spiral.TIMES))

    def loss(p):
        w1, b1, w2, b2 = spiral.split(p)
        found = odeint(lambda t, u: torch.tanh(u**3 @ w1 + b1) @ w2 + b2, u0, ts, rtol=spiral.RTOL, atol=spiral.ATOL)
        return ((found - wanted) ** 2).sum()

    return loss


def main():
    rows = ["task,type,library,error,microseconds"]

    def add(task, kind, library, error, seconds):
        rows.append(f"{task},{kind},{library},{error},{seconds * 1e6:.5g}")
        print(rows[-1], flush=True)

    for samples in (1, 64, 1024):
        task = "value and gradient" if samples == 1 else f"batch of {samples}"
        exact = np.asarray(jax.grad(diffrax_loss(samples, jnp.float64, 1e-9, 1e-9, 4096))(jnp.array(spiral.weights())))

        def checked(gradient):
            error = abs(np.asarray(gradient, dtype=float) - exact).max() / abs(exact).max()
            if not error <= WORST_ERROR:
                sys.exit(f"{task}: error {error}")
            return f"{error:.1e}"

        for kind, dtype in (("float", jnp.float32), ("double", jnp.float64)):
            p = jnp.array(spiral.weights(), dtype)
            loss = diffrax_loss(samples, dtype)
            both = jax.jit(jax.value_and_grad(loss))
            seconds = least_seconds(lambda: jax.block_until_ready(both(p)))
            add(task, kind, "diffrax", checked(both(p)[1]), seconds)
            if samples == 1:
                adam = diffrax_adam(loss)
                add("Adam x 300", kind, "diffrax", "", least_seconds(lambda: adam(p).block_until_ready()))
        for kind, dtype in (("float", torch.float32), ("double", torch.float64)):
            loss = torch_loss(samples, dtype)
            q = torch.tensor(spiral.weights(), dtype=dtype, requires_grad=True)
            seconds = least_seconds(lambda: torch.autograd.grad(loss(q), q))
            add(task, kind, "torchdiffeq", checked(torch.autograd.grad(loss(q), q)[0]), seconds)
            if samples == 1:

                def adam():
                    q = torch.tensor(spiral.weights(), dtype=dtype, requires_grad=True)
                    optimizer = torch.optim.Adam([q], lr=spiral.RATE)
                    for _ in range(300):
                        optimizer.zero_grad()
                        loss(q).backward()
                        optimizer.step()

                start = time.process_time()
                adam()
                add("Adam x 300", kind, "torchdiffeq", "", time.process_time() - start)
    with open(f"{sys.argv[1]}/spiral_peers.csv", "w") as file:
        file.write("\n".join(rows) + "\n")


main()
