"""Outside reference for the continuous-time Hawkes likelihood and fit.

What:   simulates two short records (two kinds, exponential kernels) by thinning, evaluates and
        maximises their likelihood with `tick` (decays known and equal, the only case tick's
        likelihood model has) and with scipy (decays of every link estimated, likelihood written
        here as the plain double sum over pairs of events), and prints the fixture that
        crates/sanad-cycle/tests/it/reference.rs reads.
Needs:  Python 3.11; pip install tick==0.8.0.2 numpydoc numpy scipy   (tick needs numpydoc to import
        its models properly).
Run:    python bench/cycle/reference.py > crates/sanad-cycle/tests/fixtures/hawkes_reference.csv

Lines of the fixture: name,value,value,...
"""

import numpy as np
from scipy.optimize import minimize
from tick.hawkes import ModelHawkesExpKernLogLik

SPAN = 300.0
BASELINE = np.array([0.35, 0.25])
BRANCHING = np.array([[0.45, 0.20], [0.15, 0.35]])
DECAY_SHARED = 1.5
DECAY_LINKS = np.array([[1.5, 0.6], [1.0, 2.5]])


def thin(decay, rng):
    """Ogata's thinning; times rounded to 1e-5, far below the gaps between events."""
    times, now = [[], []], 0.0

    def rates(t):
        return np.array([
            BASELINE[i] + sum(
                BRANCHING[i, j] * decay[i, j] * np.exp(-decay[i, j] * (t - np.array(times[j]))).sum()
                for j in range(2))
            for i in range(2)])

    while True:
        bound = rates(now).sum()
        now += rng.exponential(1.0 / bound)
        if now > SPAN:
            return [np.array(sorted(set(np.round(kind, 5)))) for kind in times]
        pick, at = rng.uniform() * bound, rates(now)
        if pick < at.sum():
            times[0 if pick < at[0] else 1].append(now)


def log_likelihood(times, mu, n, beta):
    """The definition, as a double sum; row i target, column j source."""
    total = 0.0
    for i in range(2):
        rate = np.full(len(times[i]), mu[i])
        total -= mu[i] * SPAN
        for j in range(2):
            gap = times[i][:, None] - times[j][None, :]
            heights = np.where(gap > 0, np.exp(-beta[i, j] * np.where(gap > 0, gap, 0.0)), 0.0)
            rate += n[i, j] * beta[i, j] * heights.sum(axis=1)
            total -= n[i, j] * (1.0 - np.exp(-beta[i, j] * (SPAN - times[j]))).sum()
        total += np.log(rate).sum()
    return total


def maximise(function, start, bounds):
    best = start
    for _ in range(4):
        found = minimize(lambda x: -function(x), best, method="L-BFGS-B", bounds=bounds,
                         options=dict(maxiter=5000, maxfun=200000, ftol=1e-15, gtol=1e-9))
        best = found.x
    found = minimize(lambda x: -function(x), best, method="Nelder-Mead", bounds=bounds,
                     options=dict(maxiter=40000, maxfev=80000, xatol=1e-9, fatol=1e-12, adaptive=True))
    return found.x if -found.fun >= function(best) else best


def line(name, values):
    print(name + "," + ",".join(repr(float(v)) for v in np.ravel(values)))


def main():
    rng = np.random.default_rng(20240101)
    shared = thin(np.full((2, 2), DECAY_SHARED), rng)
    links = thin(DECAY_LINKS, rng)
    for k in range(2):
        line(f"shared_times_{k}", shared[k])
    for k in range(2):
        line(f"links_times_{k}", links[k])

    # tick: coefficients are mu, then the branching matrix row by row. Its loss is, per event, minus
    # the log-likelihood *ratio* to Poisson processes of rate one, which adds span x kinds.
    model = ModelHawkesExpKernLogLik(DECAY_SHARED)
    model.fit(shared, end_times=SPAN)

    def tick_value(x):
        return -model.loss(np.asarray(x)) * model.n_jumps - 2 * SPAN

    def tick_gradient(x):
        return -model.grad(np.asarray(x)) * model.n_jumps

    truth = np.concatenate([BASELINE, BRANCHING.ravel()])
    line("tick_log_likelihood_at_truth", [tick_value(truth)])
    line("tick_gradient_at_truth", tick_gradient(truth))
    own = log_likelihood(shared, BASELINE, BRANCHING, np.full((2, 2), DECAY_SHARED))
    assert abs(own / tick_value(truth) - 1) < 1e-9, (own, tick_value(truth))
    found = minimize(lambda x: -tick_value(x), truth, jac=lambda x: -tick_gradient(x),
                     method="L-BFGS-B", bounds=[(1e-9, None)] * 6,
                     options=dict(maxiter=5000, ftol=1e-15, gtol=1e-10))
    line("tick_fit", found.x)
    line("tick_fit_log_likelihood", [tick_value(found.x)])

    def free(x):
        return log_likelihood(links, x[:2], x[2:6].reshape(2, 2), np.exp(x[6:]).reshape(2, 2))

    start = np.concatenate([truth, np.log(DECAY_LINKS).ravel()])
    bounds = [(1e-9, None)] * 2 + [(0, None)] * 4 + [(np.log(0.01), np.log(100))] * 4
    best = maximise(free, start, bounds)
    line("links_log_likelihood_at_truth", [free(start)])
    line("links_fit", np.concatenate([best[:6], np.exp(best[6:])]))
    line("links_fit_log_likelihood", [free(best)])


main()
