"""Answers to one-percentile."""

from __main__ import inf, np, pd


# %% solution
def p95(histograms):
    total = {bound: sum(one[bound] for one in histograms) for bound in histograms[0]}
    for bound, count in sorted(total.items()):
        if count >= 0.95 * total[inf]:
            return bound


answer = p95


# %% right: as Prometheus does it, a straight line within the bucket
def p95(histograms):
    total = [(bound, sum(one[bound] for one in histograms)) for bound in sorted(histograms[0])]
    rank, low, before = 0.95 * total[-1][1], 0.0, 0
    for bound, count in total:
        if count >= rank:
            return low if bound == inf else low + (bound - low) * (rank - before) / (count - before)
        low, before = bound, count


answer = p95


# %% right: with pandas
def p95(histograms):
    total = pd.DataFrame(histograms).sum().sort_index()
    return total.index[total >= 0.95 * total.iloc[-1]][0]


answer = p95

# %% right: with Counter and numpy
from collections import Counter


def p95(histograms):
    total = Counter()
    for one in histograms:
        total.update(one)
    bounds = sorted(total)
    counts = np.array([total[bound] for bound in bounds])
    return bounds[int(np.searchsorted(counts, 0.95 * counts[-1]))]


answer = p95


# %% right: the middle of the bucket
def p95(histograms):
    low = 0
    for bound in sorted(histograms[0]):
        if sum(one[bound] for one in histograms) >= 0.95 * sum(one[inf] for one in histograms):
            return (low + bound) / 2
        low = bound


answer = p95


# %% right: each wait written down as its bound
def p95(histograms):
    waits = []
    for one in histograms:
        bounds, counts = list(one), list(one.values())
        waits += list(np.repeat(bounds, np.diff([0, *counts])))
    return sorted(waits)[int(0.95 * len(waits)) - 1]


answer = p95


# %% wrong: an average of the workers' percentiles
def p95(histograms):
    each = [min(bound for bound, count in one.items() if count >= 0.95 * one[inf]) for one in histograms]
    return sum(each) / len(each)


answer = p95


# %% wrong: of the slowest worker alone
def p95(histograms):
    return max(min(bound for bound, count in one.items() if count >= 0.95 * one[inf]) for one in histograms)


answer = p95


# %% wrong: of the quick worker alone
def p95(histograms):
    one = histograms[0]
    return min(bound for bound, count in one.items() if count >= 0.95 * one[inf])


answer = p95


# %% wrong: of shares that were averaged
def p95(histograms):
    busy = [one for one in histograms if one[inf]]
    shares = {bound: np.mean([one[bound] / one[inf] for one in busy]) for bound in histograms[0]}
    return min(bound for bound, share in shares.items() if share >= 0.95)


answer = p95


# %% wrong: Take the first bound whose count
def p95(histograms):
    total = pd.DataFrame(histograms).sum()
    return total.index[np.searchsorted(total, 0.95 * total[inf]) + 1]


answer = p95


# %% wrong: A bucket counts all waits up to its bound
def p95(histograms):
    total = {bound: sum(one[bound] for one in histograms) for bound in histograms[0]}
    rank, seen = 0.95 * sum(total.values()), 0
    for bound, count in total.items():
        seen += count
        if seen >= rank:
            return bound


answer = p95


# %% wrong: this looks like a count
def p95(histograms):
    return 0.95 * sum(one[inf] for one in histograms)


answer = p95


# %% wrong: You took the last bound that has too few
def p95(histograms):
    total = {bound: sum(one[bound] for one in histograms) for bound in histograms[0]}
    return max(bound for bound, count in total.items() if count <= 0.95 * total[inf])


answer = p95


# %% wrong: it returned 0.1
def p95(histograms):
    total = {bound: sum(one[bound] for one in histograms) for bound in histograms[0]}
    return next(bound for bound, count in total.items() if count >= 0.5 * total[inf])


answer = p95


# %% wrong: it returned None; it should return a number
def p95(histograms):
    total = {bound: sum(one[bound] for one in histograms) for bound in histograms[0]}
    for bound, count in total.items():
        if count == 0.95 * total[inf]:
            return bound


answer = p95


# %% wrong: with weights or without
def p95(histograms):
    weights = [one[inf] for one in histograms]
    shares = [min(bound for bound, count in one.items() if count / one[inf] >= 0.95) for one in histograms]
    return np.average(shares, weights=weights)


answer = p95


# %% wrong: it raised KeyError: 0.1
def p95(histograms):
    bounds = [0.1, 0.5, 1, 2, 5, inf]
    total = [sum(one[bound] for one in histograms) for bound in bounds]
    return next(bound for bound, count in zip(bounds, total) if count >= 0.95 * total[-1])


answer = p95


# %% wrong: it raised TypeError
def p95(histograms):
    return np.quantile(histograms, 0.95)


answer = p95


# %% wrong: the smaller ones included
def p95(histograms):
    total = {bound: sum(one[bound] for one in histograms) for bound in histograms[0]}
    return sum(bound * count for bound, count in total.items() if bound < inf) / total[inf] / 2


answer = p95

# %% wrong: the function p95 itself, which is not called
answer = 1.5
