"""The open loop: whether the rate is kept, and how late uploads are sent."""
import csv, gzip, os

from measuring import LARGE, NAMES, SMALL, Sink, is_measured, measured, middle

RATE, SECONDS = 1000, 10


def steady(bench):
    """1000 arrivals a second for 10 s."""
    for size in (LARGE, SMALL):
        off, half, late = [], [], []
        with Sink(bench) as sink:
            for _ in range(3):
                command, folder = bench.ours(
                    sink.url, size, "", 200, "--rate", f"{RATE}/s", "--duration", f"{SECONDS}s",
                    formats="json,csv")
                sink.during(lambda: measured(command, accepts=is_measured), size, RATE * SECONDS, repeats=True)
                sent, lags = sent_and_lags(folder)
                off.append(abs((len(sent) - 1) / (sent[-1] - sent[0]) * 1e9 / RATE - 1) * 100)
                half.append(lags[len(lags) // 2])
                late.append(lags[len(lags) * 99 // 100])
        bench.goal("open loop 1000/s: rate off by, %", middle(off), 0.1, size, "{:.3f}", (min(off), max(off)))
        bench.goal("open loop 1000/s: send lag p50, ms", middle(half), 0.1, size, "{:.3f}", (min(half), max(half)))
        bench.goal("open loop 1000/s: send lag p99, ms", middle(late), 1.0, size, "{:.3f}", (min(late), max(late)))
        bench.result["parts"].setdefault("open-loop", {})[NAMES[size]] = {"off": off, "p50": half, "p99": late}


def sent_and_lags(folder):
    """When each upload of our run was sent, in ns from go, and how late that was in ms; both rising."""
    with gzip.open(os.path.join(folder, "requests.csv.gz"), "rt") as file:
        rows = [(int(row["sent_ns"]), int(row["intended_ns"])) for row in csv.DictReader(file)]
    return sorted(sent for sent, _ in rows), sorted((sent - intended) / 1e6 for sent, intended in rows)
