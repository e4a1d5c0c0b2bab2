"""Reads metrics.prom with the strict OpenMetrics parser and with the classic one."""
import json
import pathlib
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as classic

folder = pathlib.Path(sys.argv[1])
text = (folder / "metrics.prom").read_text()
run = json.loads((folder / "run.json").read_text())
for name, parse in (("OpenMetrics", openmetrics), ("classic", classic)):
    samples = {}
    families = 0
    for family in parse(text):
        families += 1
        for sample in family.samples:
            samples[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
    compared = 0
    for result in run["results"]:
        labels = {
            "target": result["target"],
            "concurrency": str(result["concurrency"]),
            "metric": result["metric"],
            "bound": "estimate",
        }
        key = ("ingest_bench_level", tuple(sorted(labels.items())))
        if key in samples:
            assert samples[key] == result["level"]["value"], key
            compared += 1
    assert compared
    print(f"{name}: {families} families, {len(samples)} samples, {compared} levels equal run.json")
