"""torchdiffeq on the CPU; gradients by backpropagation through the solver."""

import study
import torch
from torchdiffeq import odeint

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
study.SECONDS_FOR_TIMING = 0.2
study.LONGEST_CALL = 1.0
study.BISECTIONS = 1


def methods(problem, quantity):
    f = problem.array_rhs(torch)
    ts, u0, p = torch.tensor(problem.times), torch.tensor(problem.u0, dtype=float), torch.tensor(problem.p)

    def solved(start, q, tolerance, method):
        return odeint(lambda t, u: f(u, q), start, ts, rtol=tolerance, atol=tolerance, method=method)

    def solve(method):
        def call(tolerance):
            with torch.no_grad():
                return solved(u0, p, tolerance, method).ravel()

        return lambda tolerance: lambda: call(tolerance)

    def gradient(method):
        def call(tolerance):
            start, q = u0.clone().requires_grad_(), p.clone().requires_grad_()
            return torch.cat(torch.autograd.grad(solved(start, q, tolerance, method).sum(), (start, q)))

        return lambda tolerance: lambda: call(tolerance)

    yield "dopri5", (solve if quantity == "solve" else gradient)("dopri5")


study.run("torchdiffeq", methods)
