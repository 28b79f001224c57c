"""The work of the crate's `bench_front` example in numpy, written to be fast.

Single precision, in-place operations, blocks that stay in cache, one `partition` for all
quantiles, two processes over places. Prints the same lines, so that results can be compared:
the index must agree to 1e-6, widths and Sobol indices to Monte-Carlo error.

    python3 bench/front/numpy_peer.py
"""

import multiprocessing
import os
import resource
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

PLACES, MONTHS, INDICATORS, PILLARS = 160, 240, 40, 10
PER = INDICATORS // PILLARS
DRAWS, LEVEL, FLOOR, SPREAD = 1000, 0.9, 0.5, 0.25
BLOCK = 8
FRONT_OF = np.arange(PILLARS) % 3
FRONT_WEIGHTS = np.array([1.0, 2.0, 1.0], np.float32)
WEIGHTS = (1.0 + np.arange(INDICATORS) % 3).astype(np.float32)
ERRORS = (0.2 + 0.01 * np.arange(INDICATORS)).astype(np.float32)


def panel():
    i = np.arange(INDICATORS)[:, None, None]
    p = np.arange(PLACES)[None, :, None]
    m = np.arange(MONTHS)[None, None, :]
    values = np.sin(0.7 * p + 0.3 * i) * 4 + np.cos(0.05 * m + 0.9 * i) * 2 + np.sin(1.3 * p * (i + 1.0))
    gap = (p * 31 + m * 17 + i * 13 + p * m) % 10 == 0
    return np.where(gap, np.nan, values)


def z_scale(values, known):
    """Slope and intercept of 50 + 15 z, per indicator."""
    count = known.sum(axis=(1, 2))
    filled = np.nan_to_num(values)
    mean = filled.sum(axis=(1, 2)) / count
    filled -= mean[:, None, None]
    filled *= known
    np.square(filled, out=filled)
    slope = 15 / np.sqrt(filled.sum(axis=(1, 2)) / (count - 1))
    return slope, 50 - slope * mean


def shares(given):
    """Evidence per node (pillars, fronts, overall), nodes × places × months."""
    pillar = given.reshape(PILLARS, PER, PLACES, MONTHS).sum(1)
    pillar /= WEIGHTS.reshape(PILLARS, PER).sum(1)[:, None, None]
    front = np.stack([pillar[FRONT_OF == f].mean(0) for f in range(3)])
    overall = np.tensordot(FRONT_WEIGHTS / FRONT_WEIGHTS.sum(), front, 1)
    return np.concatenate([pillar, front, overall[None]])


def fit(values):
    """What an index needs beside the values: a scale, weights of what is known, evidence."""
    known = ~np.isnan(values)
    slope, intercept = z_scale(values, known)
    given = known.astype(np.float32) * WEIGHTS[:, None, None]
    return slope, intercept, given, shares(given) + 1e-9 >= FLOOR


VALUES = panel()
LOW, HIGH = np.nanmin(VALUES, axis=(1, 2)), np.nanmax(VALUES, axis=(1, 2))
Z_SLOPE, Z_INTERCEPT, GIVEN, ENOUGH = fit(VALUES)
SLOPE = {"z": Z_SLOPE, "mm": 100 / (HIGH - LOW)}
INTERCEPT = {"z": Z_INTERCEPT, "mm": -SLOPE["mm"] * LOW}


def lift(scores):
    scores *= 0.99
    scores += 1
    return np.log(scores, out=scores)


def settle(means):
    np.exp(means, out=means)
    means -= 1
    means /= 0.99
    return means


def weighted(scores, weights, axis):
    total = weights.sum(axis)
    return (scores * weights).sum(axis), total


def join(scores, weights, pillar_weights, front_weights, enough, geometric):
    """Nodes × cells × draws from scores, indicators × cells × draws, gaps weighing nothing."""
    cells, draws = scores.shape[1:]
    out = np.empty((PILLARS + 4, cells, draws), np.float32)
    if geometric:
        lift(scores)
    by_pillar = scores.reshape(PILLARS, PER, cells, draws)
    own = weights.reshape(PILLARS, PER, cells, -1)
    with np.errstate(invalid="ignore", divide="ignore"):
        np.einsum("pkcd,pkce->pcd", by_pillar, own, out=out[:PILLARS], optimize=False) if own.shape[
            3
        ] == 1 else np.multiply(by_pillar, own).sum(1, out=out[:PILLARS])
        out[:PILLARS] /= own.sum(1)
        if geometric:
            settle(out[:PILLARS])
        out[:PILLARS][~enough[:PILLARS]] = np.nan
        level_up(out, out[:PILLARS], pillar_weights, enough, geometric, front_weights)
    return out


def level_up(out, pillars, pillar_weights, enough, geometric, front_weights):
    for front in range(3):
        rows = np.flatnonzero(FRONT_OF == front)
        mean_into(out[PILLARS + front], pillars[rows], pillar_weights[rows], geometric)
        out[PILLARS + front][~enough[PILLARS + front]] = np.nan
    mean_into(out[-1], out[PILLARS : PILLARS + 3], front_weights, geometric)
    out[-1][~enough[-1]] = np.nan


def mean_into(target, values, weights, geometric):
    present = ~np.isnan(values[..., :1])
    own = weights * present
    lifted = np.where(present, values, 0)
    if geometric:
        lift(lifted)
    np.multiply(lifted, own, out=lifted)
    np.sum(lifted, 0, out=target)
    target /= own.sum(0)
    if geometric:
        settle(target)


def quantiles(out):
    tail = (1 - LEVEL) / 2
    positions = [q * (out.shape[-1] - 1) for q in (tail, 0.5, 1 - tail)]
    ranks = sorted({int(x) + k for x in positions for k in (0, 1)})
    out.partition(ranks, axis=-1)
    return np.stack(
        [out[..., int(x)] + (x - int(x)) * (out[..., int(x) + 1] - out[..., int(x)]) for x in positions]
    )


def uniform_weights(rng, members, draws):
    return (1 + SPREAD * (2 * rng.random((members, 1, draws), np.float32) - 1)).astype(np.float32)


def place_intervals(task):
    place, alternatives = task
    rng = np.random.Generator(np.random.SFC64(place + 1))
    shared = np.random.Generator(np.random.SFC64(999))
    if alternatives:
        kinds = np.sort(shared.integers(0, 4, DRAWS))
        bounds = np.searchsorted(kinds, range(5))
        segments = [
            (slice(bounds[k], bounds[k + 1]), ("mm", "z")[k % 2], k >= 2) for k in range(4)
        ]
        spread = [uniform_weights(shared, n, DRAWS) for n in (INDICATORS, PILLARS, 3)]
    else:
        segments = [(slice(0, DRAWS), "z", False)]
        spread = [np.ones((n, 1, 1), np.float32) for n in (INDICATORS, PILLARS, 3)]
    widths = np.full(MONTHS, np.nan)
    for start in range(0, MONTHS, BLOCK):
        months = slice(start, start + BLOCK)
        block(rng, place, months, segments, spread, alternatives, widths)
    return widths


def block(rng, place, months, segments, spread, alternatives, widths):
    values = np.nan_to_num(VALUES[:, place, months])
    given = GIVEN[:, place, months, None]
    cells = values.shape[1]
    nodes = np.empty((PILLARS + 4, cells, DRAWS), np.float32)
    for draws, scale, geometric in segments:
        count = draws.stop - draws.start
        scores = rng.standard_normal((INDICATORS, cells, count), np.float32)
        scores *= (SLOPE[scale] * ERRORS)[:, None, None].astype(np.float32)
        middle = INTERCEPT[scale][:, None] + SLOPE[scale][:, None] * values
        scores += middle[:, :, None].astype(np.float32)
        np.clip(scores, 0, 100, out=scores)
        part = [s[..., draws] if alternatives else s for s in spread]
        nodes[..., draws] = join(
            scores,
            given * part[0],
            part[1],
            FRONT_WEIGHTS[:, None, None] * part[2],
            ENOUGH[:, place, months],
            geometric,
        )
    low, _, high = quantiles(nodes)
    widths[months] = (high - low)[-1]


def point_index():
    """Fits the scale and computes the index, as the crate's `index` does."""
    slope, intercept, given, enough = fit(VALUES)
    scores = intercept[:, None, None] + slope[:, None, None] * VALUES
    scores = np.clip(np.nan_to_num(scores), 0, 100).reshape(INDICATORS, -1, 1)
    given = given.astype(np.float64).reshape(INDICATORS, -1, 1)
    by_pillar = (scores * given).reshape(PILLARS, PER, -1).sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        pillars = by_pillar / given.reshape(PILLARS, PER, -1).sum(1)
    pillars[~enough[:PILLARS].reshape(PILLARS, -1)] = np.nan
    fronts = np.stack([np.nanmean(pillars[FRONT_OF == f], 0) for f in range(3)])
    fronts[~enough[PILLARS : PILLARS + 3].reshape(3, -1)] = np.nan
    own = FRONT_WEIGHTS[:, None] * ~np.isnan(fronts)
    overall = np.nansum(fronts * own, 0) / own.sum(0)
    return np.where(enough[-1].ravel(), overall, np.nan)


def sobol(points=512):
    """Total indices by Jansen; factors: scale, join, spread of weights, errors of ten pillars."""
    rng = np.random.Generator(np.random.SFC64(5))
    month, factors = MONTHS - 1, 3 + PILLARS
    values = np.nan_to_num(VALUES[:, :, month])
    given, enough = GIVEN[:, :, month, None], ENOUGH[:, :, month]

    def sample():
        return {
            "kind": rng.integers(0, 2, (2, points)),
            "spread": [uniform_weights(rng, n, points) for n in (INDICATORS, PILLARS, 3)],
            "noise": rng.standard_normal((INDICATORS, PLACES, points), np.float32),
        }

    def run(scale, how, spread, noise):
        out = np.empty((PLACES, points), np.float32)
        for k in range(4):
            chosen = np.flatnonzero((scale == k % 2) & (how == k // 2))
            if not len(chosen):
                continue
            name = ("mm", "z")[k % 2]
            scores = noise[..., chosen] * (SLOPE[name] * ERRORS)[:, None, None].astype(np.float32)
            middle = INTERCEPT[name][:, None] + SLOPE[name][:, None] * values
            scores += middle[:, :, None].astype(np.float32)
            np.clip(scores, 0, 100, out=scores)
            part = [s[..., chosen] for s in spread]
            fronts = FRONT_WEIGHTS[:, None, None] * part[2]
            out[:, chosen] = join(scores, given * part[0], part[1], fronts, enough, k >= 2)[-1]
        return out

    a, b = sample(), sample()
    at_a = run(*a["kind"], a["spread"], a["noise"])
    at_b = run(*b["kind"], b["spread"], b["noise"])
    variance = np.concatenate([at_a, at_b], 1).var(1, ddof=1)
    ranks_of(at_a), ranks_of(at_b)
    totals = []
    for factor in range(factors):
        kind, spread, noise = a["kind"].copy(), a["spread"], a["noise"]
        if factor < 2:
            kind[factor] = b["kind"][factor]
        elif factor == 2:
            spread = b["spread"]
        else:
            rows = slice((factor - 3) * PER, (factor - 2) * PER)
            noise = noise.copy()
            noise[rows] = b["noise"][rows]
        mixed = run(*kind, spread, noise)
        ranks_of(mixed)
        totals.append(np.nanmean(((at_a - mixed) ** 2).mean(1) / 2 / variance))
    return totals


def ranks_of(values):
    return np.argsort(np.argsort(-values, axis=0), axis=0) + 1


def cpu():
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def timed(name, work):
    wall, before = time.perf_counter(), cpu()
    result = work()
    print(f"{name}_seconds {time.perf_counter() - wall:.3f}")
    print(f"{name}_cpu_seconds {cpu() - before:.3f}")
    return result


def all_places(alternatives):
    with multiprocessing.Pool(2) as pool:
        tasks = [(place, alternatives) for place in range(PLACES)]
        widths = pool.map(place_intervals, tasks, chunksize=4)
        pool.close()
        pool.join()
    return np.nanmean(widths)


def main():
    print(f"index_mean {np.nanmean(timed('index', point_index)):.9f}")
    print(f"errors_width {timed('errors', lambda: all_places(False)):.4f}")
    print(f"alternatives_width {timed('alternatives', lambda: all_places(True)):.4f}")
    totals = timed("sobol", sobol)
    print("sobol_total", " ".join(f"{total:.3f}" for total in totals[:4]))
    print(f"memory_mb {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")


if __name__ == "__main__":
    main()
