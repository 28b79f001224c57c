"""A second implementation of the index, written from the handbook alone.

It shares no code with the Rust crate and takes the plainest way (loops over cells, numpy for
arithmetic), so that the two can only agree by being right, or wrong in the same way. It prints a
fixture that the crate's tests compare with to 1e-9:

    python3 bench/front/reference.py > crates/sanad-front/tests/it/fixtures/reference.csv

Needs numpy. The panel is made from integers by a formula that both sides know; see `cell`.
"""

import math

import numpy as np

PLACES, MONTHS, INDICATORS = 9, 8, 7
PILLARS = [[0, 1, 2], [3, 4], [5, 6]]
PILLAR_WEIGHTS = [1.0, 2.0, 1.0]
FRONTS = [[0], [1, 2]]
FRONT_WEIGHTS = [1.0, 3.0]
WEIGHTS = [1.0, 2.0, 0.5, 1.0, 1.0, 3.0, 1.0]
NEGATIVE = [False, True, False, False, True, False, False]
AGES = [0, 2, 6, 0, 3, 1, 0]
FLOOR = 0.4


def cell(place, month, indicator):
    """A value, or None for a gap."""
    code = (place * 7919 + month * 10473 + indicator * 12997 + place * month * indicator * 31) % 1009
    if code % 4 == 0:
        return None
    value = code / 7.0 + indicator * 3.0
    # A few far values, so that outliers are treated.
    if indicator in (0, 3) and code % 101 == 7:
        value *= 40.0
    return value


def panel():
    values = np.full((INDICATORS, PLACES, MONTHS), np.nan)
    for indicator in range(INDICATORS):
        for place in range(PLACES):
            for month in range(MONTHS):
                value = cell(place, month, indicator)
                if value is not None:
                    values[indicator, place, month] = value
    return values


def carry(values):
    carried = values.copy()
    for indicator in range(INDICATORS):
        for place in range(PLACES):
            for month in range(MONTHS):
                if not math.isnan(values[indicator, place, month]):
                    continue
                for age in range(1, AGES[indicator] + 1):
                    if month - age < 0:
                        break
                    earlier = values[indicator, place, month - age]
                    if not math.isnan(earlier):
                        carried[indicator, place, month] = earlier
                        break
    return carried


def expectation_maximisation(values, ridge=1e-6, tolerance=1e-6, rounds=200):
    """Conditional means of the gaps under a multivariate normal model, row by row."""
    rows = values.reshape(INDICATORS, -1).T
    centre, spread = np.nanmean(rows, 0), np.nanstd(rows, 0, ddof=1)
    z = (rows - centre) / spread
    mu, sigma = np.zeros(INDICATORS), np.eye(INDICATORS)
    observed_any = ~np.isnan(z).all(1)

    def complete(mu, sigma):
        full, extra = z.copy(), np.zeros_like(sigma)
        for r in range(len(z)):
            if not observed_any[r]:
                continue
            o = ~np.isnan(z[r])
            m = ~o
            if not m.any():
                continue
            slope = np.linalg.solve(sigma[np.ix_(o, o)], sigma[np.ix_(o, m)]).T
            full[r, m] = mu[m] + slope @ (z[r, o] - mu[o])
            extra[np.ix_(m, m)] += sigma[np.ix_(m, m)] - slope @ sigma[np.ix_(o, m)]
        return full, extra

    for _ in range(rounds):
        full, extra = complete(mu, sigma)
        used = full[observed_any]
        new_mu = used.mean(0)
        new_sigma = (used.T @ used + extra) / len(used) - np.outer(new_mu, new_mu)
        new_sigma += ridge * np.eye(INDICATORS)
        moved = max(np.abs(new_mu - mu).max(), np.abs(new_sigma - sigma).max())
        mu, sigma = new_mu, new_sigma
        if moved < tolerance:
            break
    full, _ = complete(mu, sigma)
    filled = full * spread + centre
    return np.where(np.isnan(rows), filled, rows).T.reshape(values.shape)


def skewness(x):
    n, d = len(x), x - x.mean()
    return (n * (n - 1)) ** 0.5 / (n - 2) * (n**0.5 * (d**3).sum() / (d**2).sum() ** 1.5)


def kurtosis(x):
    n, d = len(x), x - x.mean()
    ratio = n * (d**4).sum() / (d**2).sum() ** 2
    return ((n + 1) * (ratio - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))


def passes(x):
    return abs(skewness(x)) < 2.0 or kurtosis(x) < 3.5


def winsorise(column, most=5):
    """The COIN Tool's rule on a column with gaps: move the farthest points, else take logs."""
    shape, x = column.shape, column[~np.isnan(column)].copy()
    original, moved_high, moved_low = x.copy(), 0, 0
    while not passes(x) and moved_high + moved_low < most:
        if skewness(x) >= 0:
            top = x == x.max()
            x[top] = x[~top].max()
            moved_high = top.sum()
        else:
            bottom = x == x.min()
            x[bottom] = x[~bottom].min()
            moved_low = bottom.sum()
    if not passes(x):
        x = np.log(original - original.min() + 0.01 * (original.max() - original.min()))
    treated = np.full(shape, np.nan)
    treated[~np.isnan(column)] = x
    return treated


def normalise(column, negative, how):
    known = column[~np.isnan(column)]
    x = -column if negative else column
    known = -known if negative else known
    if how == "min_max":
        return 100 * (x - known.min()) / (known.max() - known.min())
    if how == "z_score":
        return np.clip(50 + 15 * (x - known.mean()) / known.std(ddof=1), 0, 100)
    if how == "rank":
        scores = np.full(x.shape, np.nan)
        for at in np.argwhere(~np.isnan(x)):
            value = x[tuple(at)]
            below, same = (known < value).sum(), (known == value).sum()
            scores[tuple(at)] = 100 * (below + (same - 1) / 2) / (len(known) - 1)
        return scores
    raise ValueError(how)


def mean(parts, how):
    """Weighted mean of (weight, score) pairs that are not gaps; None of nothing."""
    parts = [(w, s) for w, s in parts if s is not None and not math.isnan(s)]
    total = sum(w for w, _ in parts)
    if total == 0:
        return None
    if how == "arithmetic":
        return sum(w * s for w, s in parts) / total
    product = math.prod((1 + 0.99 * s) ** (w / total) for w, s in parts)
    return (product - 1) / 0.99


def index(scores, evident, how):
    """Values of pillars, fronts and overall for one cell."""
    share = [
        sum(WEIGHTS[i] for i in members if evident[i]) / sum(WEIGHTS[i] for i in members)
        for members in PILLARS
    ]
    pillars = [
        mean([(WEIGHTS[i], scores[i]) for i in members], how) if share[p] >= FLOOR - 1e-12 else None
        for p, members in enumerate(PILLARS)
    ]
    front_share = [
        sum(PILLAR_WEIGHTS[p] * share[p] for p in members) / sum(PILLAR_WEIGHTS[p] for p in members)
        for members in FRONTS
    ]
    fronts = [
        mean([(PILLAR_WEIGHTS[p], pillars[p]) for p in members], how)
        if front_share[f] >= FLOOR - 1e-12
        else None
        for f, members in enumerate(FRONTS)
    ]
    overall_share = sum(w * s for w, s in zip(FRONT_WEIGHTS, front_share)) / sum(FRONT_WEIGHTS)
    overall = mean(list(zip(FRONT_WEIGHTS, fronts)), how) if overall_share >= FLOOR - 1e-12 else None
    return pillars + fronts + [overall]


def main():
    raw = panel()
    carried = carry(raw)
    fills = {"none": raw, "last_value": carried, "em": expectation_maximisation(carried)}
    print("imputation,treatment,normalisation,aggregation,node,place,month,value")
    for imputation, values in fills.items():
        evidence = raw if imputation == "none" else carried
        for treatment in ("none", "winsorise"):
            treated = np.array([winsorise(c) if treatment == "winsorise" else c for c in values])
            for scale in ("min_max", "z_score", "rank"):
                scores = np.array([normalise(c, NEGATIVE[i], scale) for i, c in enumerate(treated)])
                for how in ("arithmetic", "geometric"):
                    write(imputation, treatment, scale, how, scores, evidence)


def write(imputation, treatment, scale, how, scores, evidence):
    # A few cells of every alternative keep the fixture small.
    for place in (0, 4, 8):
        for month in (1, 7):
            evident = ~np.isnan(evidence[:, place, month])
            for node, value in enumerate(index(scores[:, place, month], evident, how)):
                text = "" if value is None else repr(float(value))
                print(f"{imputation},{treatment},{scale},{how},{node},{place},{month},{text}")


if __name__ == "__main__":
    main()
