"""diffrax on the CPU; gradients forward (one jvp a direction, vectorized) and in reverse."""

import study
import diffrax
import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


def methods(problem, quantity):
    f = problem.array_rhs(jnp)
    ts, u0, p = jnp.array(problem.times), jnp.array(problem.u0, dtype=float), jnp.array(problem.p)
    n = len(problem.u0)

    def solution(solver, x, tolerance, adjoint, max_steps):
        return diffrax.diffeqsolve(
            diffrax.ODETerm(lambda t, u, q: f(u, q)), solver, ts[0], ts[-1], None, x[:n], x[n:],
            saveat=diffrax.SaveAt(ts=ts), stepsize_controller=diffrax.PIDController(rtol=tolerance, atol=tolerance),
            adjoint=adjoint, max_steps=max_steps,
        ).ys  # fmt: skip

    x0 = jnp.concatenate([u0, p])

    def prepared(compiled):
        def prepare(tolerance):
            return lambda: compiled(x0, tolerance).block_until_ready()

        return prepare

    for solver in (diffrax.Tsit5(), diffrax.Dopri8()):
        name = type(solver).__name__
        if quantity == "solve":
            adjoint = diffrax.RecursiveCheckpointAdjoint()
            yield name, prepared(jax.jit(lambda x, tol: solution(solver, x, tol, adjoint, 100_000)))
            continue
        for way, differentiate, adjoint in (
            ("forward", jax.jacfwd, diffrax.ForwardMode()),
            ("reverse", jax.grad, diffrax.RecursiveCheckpointAdjoint()),
        ):
            loss = lambda x, tol: solution(solver, x, tol, adjoint, 4096).sum()  # noqa: E731
            yield f"{name} {way}", prepared(jax.jit(differentiate(loss)))


study.run("diffrax", methods)
