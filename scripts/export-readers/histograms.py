"""Reads run.hlog with the Python port of HdrHistogram, and compares its distribution with the .hgrm files."""
import io
import json
import pathlib
import sys

from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

folder = pathlib.Path(sys.argv[1])
run = json.loads((folder / "run.json").read_text())
wholes = {}
reference = HdrHistogram(1, 3_600_000_000, 3)
reader = HistogramLogReader(str(folder / "run.hlog"), reference)
intervals = 0
while True:
    interval = reader.get_next_interval_histogram()
    if interval is None:
        break
    intervals += 1
    whole = wholes.setdefault(interval.get_tag(), HdrHistogram(1, 3_600_000_000, 3))
    whole.add(interval)
print(f"run.hlog: {intervals} intervals, tags {', '.join(sorted(wholes))}")
assert intervals

counts = {}
for round in run["rounds"]:
    if not round["warmup"]:
        counts[round["target"]] = counts.get(round["target"], 0) + round["counts"].get("ok", 0)
compared = 0
for tag, whole in wholes.items():
    assert whole.get_total_count() <= counts[tag.split("-c")[0]]
    for path in folder.glob(f"{tag}-c*.hgrm"):
        printed = io.BytesIO()
        whole.output_percentile_distribution(printed, 1000.0, 5)

        def numbers(text):
            lines = [l for l in text.splitlines() if l and not l.startswith("#") and "Value" not in l]
            return [tuple(float(n) for n in l.split()[:3]) for l in lines]

        ours = numbers(path.read_text())
        theirs = numbers(printed.getvalue().decode())
        assert len(ours) == len(theirs), (len(ours), len(theirs))
        for left, right in zip(ours, theirs):
            assert abs(left[0] - right[0]) < 1.5e-3 and abs(left[1] - right[1]) < 1e-9, (left, right)
            assert left[2] == right[2], (left, right)
        compared += 1
        p99 = whole.get_value_at_percentile(99) / 1000
        print(f"{path.name}: {len(ours)} lines are those that hdrh prints; p99 {p99:.1f} ms")
assert compared
