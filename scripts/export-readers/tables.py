"""Reads the CSV files of a results folder strictly, and compares levels with run.json."""
import csv
import gzip
import io
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
run = json.loads((folder / "run.json").read_text())


def rows(text):
    table = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert all(None not in row and None not in row.values() for row in table), "ragged rows"
    return table


summary = rows((folder / "summary.csv").read_text())
assert len(summary) == len(run["results"])
for row, result in zip(summary, run["results"]):
    assert float(row["value"]) == result["level"]["value"]
    assert row["metric"] == result["metric"]
rounds = rows((folder / "rounds.csv").read_text())
assert len(rounds) == len(run["rounds"])
uploads = rows(gzip.open(folder / "requests.csv.gz", "rt", newline="").read())
assert len(uploads) == sum(sum(r["counts"].values()) for r in run["rounds"])
for row in uploads:
    if row["done_ns"] and row["intended_ns"]:
        assert int(row["response_ns"]) == int(row["done_ns"]) - int(row["intended_ns"])
print(f"{len(summary)} results, {len(rounds)} rounds and {len(uploads)} uploads agree with run.json")
