"""Time the fit of a three-dimensional Hawkes process: this program, tick, and numba.

Usage, from the root of the repository:

    python -m venv VENV && VENV/bin/pip install numpy scipy numba tick==0.8.0.2 numpydoc
    cargo build --release -p sanad-cycle --example hawkes_speed
    VENV/bin/python bench/cycle/speed.py target/release/examples/hawkes_speed WORKDIR [EVENTS ...]

10^4, 10^5 and 10^6 events of exponential kernels, simulated by this program, the same for all.
  decays estimated   27 parameters, this program (exact Hessian) against numba (exact gradient, one
                     pass, both sums, scipy's L-BFGS-B, one kind at a time, kinds on threads)
  decays known       12 parameters, this program against tick's likelihood and gradient under the
                     same L-BFGS-B, on as many threads as it takes
All start from the same point. Reading is not timed; each is run three times, the best is shown;
numba and tick are warmed up first. Log-likelihoods must agree to 1e-6 relative, parameters of the
known-decay fits to 1e-3.
"""

import concurrent.futures
import subprocess
import sys
import time

import numba
import numpy as np
from scipy.optimize import minimize
from tick.hawkes import ModelHawkesExpKernLogLik

DECAY = 1.5


@numba.njit(cache=False, fastmath=False, nogil=True)
def value_and_gradient(target, times, starts, span, x):
    """Log-likelihood of one kind's events and its gradient in (mu, n, ln beta)."""
    kinds = len(starts) - 1
    gradient = np.zeros(1 + 2 * kinds)
    first, last = starts[target], starts[target + 1]
    mu = x[0]
    value = -mu * span
    gradient[0] = -span
    at = starts[:-1].copy()
    r = np.zeros(kinds)
    s = np.zeros(kinds)
    seen = np.zeros(kinds)
    beta = np.exp(x[1 + kinds:])
    for k in range(first, last):
        now = times[k]
        rate = mu
        for j in range(kinds):
            gap = now - seen[j]
            fade = np.exp(-beta[j] * gap)
            s[j] = fade * (s[j] + gap * r[j])
            r[j] = fade * r[j]
            seen[j] = now
            while at[j] < starts[j + 1] and times[at[j]] < now:
                gap = now - times[at[j]]
                fade = np.exp(-beta[j] * gap)
                r[j] += fade
                s[j] += gap * fade
                at[j] += 1
            rate += x[1 + j] * beta[j] * r[j]
        value += np.log(rate)
        inverse = 1.0 / rate
        gradient[0] += inverse
        for j in range(kinds):
            gradient[1 + j] += inverse * beta[j] * r[j]
            gradient[1 + kinds + j] += inverse * x[1 + j] * beta[j] * (r[j] - beta[j] * s[j])
    for j in range(kinds):
        for k in range(starts[j], starts[j + 1]):
            left = span - times[k]
            fade = np.exp(-beta[j] * left)
            value -= x[1 + j] * (1.0 - fade)
            gradient[1 + j] -= 1.0 - fade
            gradient[1 + kinds + j] -= x[1 + j] * beta[j] * left * fade
    return value, gradient


def fit_numba(times, starts, span):
    kinds = len(starts) - 1

    def one(target):
        rate = (starts[target + 1] - starts[target]) / span
        scale = float(starts[target + 1] - starts[target])

        def loss(x):
            value, gradient = value_and_gradient(target, times, starts, span, x)
            return -value / scale, -gradient / scale

        start = np.concatenate([[0.5 * rate], np.full(kinds, 0.5 / kinds), np.zeros(kinds)])
        bounds = [(1e-9, None)] + [(0, None)] * kinds + [(np.log(0.01), np.log(100))] * kinds
        return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds,
                        options=dict(maxiter=1000, ftol=1e-14, gtol=1e-8))

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = list(pool.map(one, range(kinds)))
    return -sum(f.fun * (starts[i + 1] - starts[i]) for i, f in enumerate(found))


def fit_tick(kinds_times, span):
    model = ModelHawkesExpKernLogLik(DECAY, n_threads=2)
    model.fit(kinds_times, end_times=span)
    kinds = len(kinds_times)
    rate = np.array([len(t) for t in kinds_times]) / span
    start = np.concatenate([0.5 * rate, np.full(kinds * kinds, 0.5 / kinds)])
    found = minimize(lambda x: (model.loss(x), model.grad(x)), start, jac=True, method="L-BFGS-B",
                     bounds=[(1e-9, None)] * len(start),
                     options=dict(maxiter=1000, ftol=1e-14, gtol=1e-8))
    # tick's loss is, per event, minus the log-likelihood ratio to processes of rate one.
    return -found.fun * model.n_jumps - kinds * span, found.x


def best(call):
    taken, value = [], None
    for _ in range(3):
        start = time.perf_counter()
        value = call()
        taken.append(time.perf_counter() - start)
    return min(taken), value


def ours(program, *arguments):
    lines = subprocess.run([program, "fit", *arguments], check=True, capture_output=True, text=True)
    runs = [np.array(line.split(","), dtype=float) for line in lines.stdout.split()]
    return min(run[0] for run in runs), runs[-1][1], runs[-1][2:]


def agree(name, mine, other, limit):
    apart = np.max(np.abs(np.asarray(mine) / np.asarray(other) - 1))
    assert apart < limit, f"{name}: {mine} and {other}"
    return apart


def main(program, folder, sizes):
    for size in sizes:
        file = f"{folder}/hawkes.f64"
        subprocess.run([program, "simulate", str(size), file], check=True, capture_output=True)
        data = np.fromfile(file)
        span, at, kinds_times = data[0], 1, []
        for _ in range(3):
            count = int(data[at])
            kinds_times.append(data[at + 1:at + 1 + count].copy())
            at += 1 + count
        starts = np.concatenate([[0], np.cumsum([len(t) for t in kinds_times])]).astype(np.int64)
        times = np.concatenate(kinds_times)
        print(f"== {len(times)} events", flush=True)

        value_and_gradient(0, times[:10].copy(), np.array([0, 4, 7, 10]), span, np.full(7, 0.1))
        free, free_value, _ = ours(program, file)
        numba_time, numba_value = best(lambda: fit_numba(times, starts, span))
        apart = agree("log-likelihood", free_value, numba_value, 1e-6)
        print(f"decays estimated   this program {free:9.4f} s   numba {numba_time:9.4f} s   "
              f"ratio {numba_time / free:5.1f}   log-likelihoods apart {apart:.1e}", flush=True)

        known, known_value, found = ours(program, file, str(DECAY))
        tick_time, (tick_value, tick_found) = best(lambda: fit_tick(kinds_times, span))
        apart = agree("log-likelihood", known_value, tick_value, 1e-6)
        parameters = agree("parameters", found[:12], tick_found, 1e-3)
        print(f"decays known       this program {known:9.4f} s   tick  {tick_time:9.4f} s   "
              f"ratio {tick_time / known:5.1f}   log-likelihoods apart {apart:.1e}, "
              f"parameters {parameters:.1e}", flush=True)
        print(f"this program with decays estimated against tick with decays known: "
              f"ratio {tick_time / free:5.1f}", flush=True)


main(sys.argv[1], sys.argv[2], [int(size) for size in sys.argv[3:]] or [10**4, 10**5, 10**6])
