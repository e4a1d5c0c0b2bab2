"""Reads bench.txt as benchstat does: medians and the exact rank-sum p of each unit, beside those of run.json."""
import collections
import functools
import json
import pathlib
import statistics
import sys

folder = pathlib.Path(sys.argv[1])
run = json.loads((folder / "run.json").read_text())
metrics = {"req/s": "throughput", "p50-sec": "p50", "p95-sec": "p95", "p99-sec": "p99", "max-sec": "max"}
values = collections.defaultdict(list)
for line in (folder / "bench.txt").read_text().splitlines():
    if not line.startswith("Benchmark"):
        continue
    words = line.split()
    name = dict(part.split("=", 1) for part in words[0].split("/")[1:])
    for number, unit in zip(words[2::2], words[3::2]):
        values[name["target"], int(name["c"]), unit].append(float(number))


@functools.lru_cache(None)
def ways(n, m, u):
    """How many orders of n and m values have the statistic U = u."""
    if u < 0:
        return 0
    if n == 0 or m == 0:
        return 1 if u == 0 else 0
    return ways(n - 1, m, u - m) + ways(n, m - 1, u)


def rank_sum(first, second):
    u = sum(a > b for a in first for b in second)
    n, m = len(first), len(second)
    u = min(u, n * m - u)
    total = sum(ways(n, m, k) for k in range(n * m + 1))
    return min(1, 2 * sum(ways(n, m, k) for k in range(u + 1)) / total)


compared = 0
for result in run["results"]:
    unit = next((unit for unit, metric in metrics.items() if metric == result["metric"]), None)
    own = values.get((result["target"], result["concurrency"], unit))
    if not own:
        continue
    assert abs(statistics.median(own) - result["level"]["value"]) <= 1e-12 * abs(result["level"]["value"])
    if result["unpaired"]:
        baseline = values[result["change"]["baseline"], result["concurrency"], unit]
        if len(set(own + baseline)) == len(own + baseline):
            assert abs(rank_sum(baseline, own) - result["unpaired"]["p"]) < 1e-9
            ratio = statistics.median(own) / statistics.median(baseline)
            assert abs(ratio - result["change"]["ratio_of_medians"]) < 1e-9
            p = rank_sum(baseline, own)
            print(f"{unit}: {statistics.median(own):.4g} vs base {100 * (ratio - 1):+.2f}% (p={p:.2g})")
    compared += 1
assert compared
print(f"{compared} medians equal the levels of run.json")
