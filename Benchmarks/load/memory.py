"""Very many uploads in flight, and very many one after the other: failures and peak memory."""
from measuring import LARGE, SMALL, Missed, Sink, document, is_measured, measured


def in_flight(bench):
    """10 000 uploads at once against a server that is another process."""
    for size, limit in ((SMALL, 250), (LARGE, 900)):
        with Sink(bench) as sink:
            command, folder = bench.ours(sink.url, size, 10_000, 10_000)
            (_, memory, _), _ = sink.during(lambda: measured(command, accepts=is_measured), size, 10_000)
            record = document(folder)["rounds"][0]
            failed = 10_000 - record["counts"].get("ok", 0)
            print(f"  {record['burst']['peak_in_flight']} in flight, {record['burst']['opened_after_go']} connections"
                  f" opened after go, all sent within {record['burst']['last_sent_s']:.2f} s", flush=True)
            bench.goal("10 000 in flight: failures", failed, 0, size, "{:.0f}")
            bench.goal("10 000 in flight: peak RSS, MB", memory, limit, size, "{:.0f}")
            bench.result["parts"].setdefault("in-flight", {})[size] = {"record": record["burst"], "peak_mb": memory}


def growth(bench):
    """Peak memory of a million small uploads over that of ten thousand."""
    peaks = []
    with Sink(bench) as sink:
        for uploads in (10_000, 1_000_000):
            command, _ = bench.ours(sink.url, SMALL, uploads, 100)
            (_, memory, _), _ = sink.during(lambda: measured(command, accepts=is_measured), SMALL, uploads)
            print(f"  {uploads} uploads: {memory:.0f} MB", flush=True)
            peaks.append(memory)
    bench.goal("RSS after 1 000 000 − after 10 000, MB", peaks[1] - peaks[0], 16, SMALL, "{:.0f}")
    bench.result["parts"]["memory"] = peaks
