"""heyoka's Taylor method, compiled for each tolerance; its gradient is by variational equations."""

import study  # first: it pins the process
import heyoka as hy
import numpy as np


def integrators(problem, quantity):
    n = len(problem.u0)
    names = [f"u{i}" for i in range(n)]
    variables = hy.make_vars(*names)
    parameters = [hy.par[i] for i in range(len(problem.p))]
    slopes = problem.components(list(variables), parameters, hy.sqrt)
    system = [(v, hy.expression(s) if isinstance(s, float) else s) for v, s in zip(variables, slopes)]
    grid = np.array(problem.times)

    def solve(tolerance):
        integrator = hy.taylor_adaptive(system, problem.u0, pars=problem.p, tol=tolerance)

        def call():
            integrator.time = 0.0
            integrator.state[:] = problem.u0
            return integrator.propagate_grid(grid)[-1].ravel()

        return call

    def gradient(tolerance):
        variational = hy.var_ode_sys(system, hy.var_args.vars | hy.var_args.params, order=1)
        integrator = hy.taylor_adaptive(variational, problem.u0, pars=problem.p, tol=tolerance, compact_mode=n > 4)
        start = integrator.state.copy()
        columns = n + len(problem.p)

        def call():
            integrator.time = 0.0
            integrator.state[:] = start
            sums = integrator.propagate_grid(grid)[-1].sum(0)
            return sums[n:].reshape(n, columns).sum(0)

        return call

    yield "Taylor", solve if quantity == "solve" else gradient


study.run("heyoka", integrators)
