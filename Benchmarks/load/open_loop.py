"""The open loop: whether the rate is kept, and how late uploads are sent."""
from measuring import LARGE, NAMES, SMALL, Sink, document, is_measured, measured, middle

RATE, SECONDS = 1000, 10


def steady(bench):
    """1000 arrivals a second for 10 s."""
    for size in (LARGE, SMALL):
        off, half, late, peaks = [], [], [], []
        with Sink(bench) as sink:
            for _ in range(3):
                command, folder = bench.ours(
                    sink.url, size, "", 200, "--rate", f"{RATE}/s", "--duration", f"{SECONDS}s")
                (_, memory, _), uploads = sink.during(lambda: measured(command, accepts=is_measured), size)
                record = document(folder)["rounds"][0]
                lags = record["client"]
                off.append(abs(uploads / (RATE * SECONDS) - 1) * 100)
                half.append(lags["send_lag_p50_s"] * 1000)
                late.append(lags["send_lag_p99_s"] * 1000)
                peaks.append(memory)
        bench.goal("open loop 1000/s: rate off by, %", middle(off), 0.1, size, "{:.3f}", (min(off), max(off)))
        bench.goal("open loop 1000/s: send lag p50, ms", middle(half), 0.1, size, "{:.3f}", (min(half), max(half)))
        bench.goal("open loop 1000/s: send lag p99, ms", middle(late), 1.0, size, "{:.3f}", (min(late), max(late)))
        bench.result["parts"].setdefault("open-loop", {})[NAMES[size]] = {"off": off, "p50": half, "p99": late}
