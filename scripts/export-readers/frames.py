"""Reads the CSV files with pandas and no option, and works out levels from the single uploads."""
import json
import pathlib
import sys

import pandas

folder = pathlib.Path(sys.argv[1])
run = json.loads((folder / "run.json").read_text())
summary, rounds, uploads = (
    pandas.read_csv(folder / name) for name in ("summary.csv", "rounds.csv", "requests.csv.gz")
)
levels = pandas.Series([result["level"]["value"] for result in run["results"]])
# Reading a decimal number, pandas may miss its last bit.
assert ((summary["value"] - levels).abs() <= 1e-12 * levels.abs()).all()


def of(frame, row):
    """The measured rows of a target and concurrency."""
    own = (frame["target"] == row.target) & (frame["concurrency"] == row.concurrency)
    return frame[own & (frame["warmup"] == 0)]


def nearest_rank(times, millionths):
    return sorted(times)[max(1, -(-len(times) * millionths // 1_000_000)) - 1]


compared = 0
for metric, millionths in (("p50", 500_000), ("p99", 990_000)):
    for row in summary[(summary["metric"] == metric) & summary["size_class"].isna()].itertuples():
        counted = of(rounds, row)
        assert abs(counted[f"{metric}_s"].median() - row.value) < 1e-9, (metric, row.target)
        own = of(uploads, row)
        ranks = own[own["outcome"] == "ok"].groupby("round")["response_ns"].apply(nearest_rank, millionths)
        assert abs(ranks.median() / 1e9 - row.value) < 1e-9, (metric, row.target)
        compared += 1
assert compared
columns = len(summary.columns), len(rounds.columns), len(uploads.columns)
print(f"{columns} columns; {compared} levels worked out from {len(uploads)} uploads equal summary.csv")
