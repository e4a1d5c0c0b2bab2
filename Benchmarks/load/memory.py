"""Very many uploads in flight, and very many one after the other: failures and peak memory."""
import subprocess, time

from measuring import CLIENT, LARGE, SMALL, Missed, Sink, document, is_measured, measured, pinned


def in_flight(bench):
    """10 000 uploads at once against a server that is another process."""
    for size, limit in ((SMALL, 250), (LARGE, 900)):
        with Sink(bench) as sink:
            command, folder = bench.ours(sink.url, size, 10_000, 10_000)
            (_, memory, _), _ = sink.during(lambda: measured(command, accepts=is_measured), size, 10_000, repeats=True)
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
            (_, memory, _), _ = sink.during(lambda: measured(command, accepts=is_measured), SMALL, uploads, repeats=True)
            print(f"  {uploads} uploads: {memory:.0f} MB", flush=True)
            peaks.append(memory)
    bench.goal("RSS after 1 000 000 − after 10 000, MB", peaks[1] - peaks[0], 16, SMALL, "{:.0f}")
    bench.result["parts"]["memory"] = peaks


def soak(bench):
    """An open loop of 200/s for ten minutes: how much memory grows after the first minute."""
    rate, seconds = 200, bench.options.soak_seconds
    with Sink(bench) as sink:
        command, folder = bench.ours(sink.url, SMALL, "", 100, "--rate", f"{rate}/s", "--duration", f"{seconds}s")

        def watch():
            process = subprocess.Popen(command, preexec_fn=pinned(CLIENT), stdout=subprocess.DEVNULL)
            begin, sizes = time.monotonic(), []
            # Up to the end of the load: the report is made after it.
            while process.poll() is None and time.monotonic() - begin < seconds:
                sizes.append((time.monotonic() - begin, resident(process.pid)))
                time.sleep(1)
            if process.wait() not in (0, 1):
                raise Missed(f"the program ended with {process.returncode}")
            return sizes

        sizes, uploads = sink.during(watch, SMALL)
    settled = [size for second, size in sizes if second >= min(60, seconds / 4)]
    lost = document(folder)["rounds"][0]["counts"]
    print(f"  {uploads} uploads arrived, outcomes {lost}; {settled[0]:.1f} MB after the first minute,"
          f" {max(settled):.1f} MB at most later", flush=True)
    bench.goal("open loop 200/s: growth after the first minute, MB", max(settled) - settled[0], 10, SMALL, "{:.1f}")
    bench.goal("open loop 200/s: uploads missing", abs(uploads - rate * seconds), 0, SMALL, "{:.0f}")
    bench.result["parts"]["soak"] = sizes


def resident(process):
    """Memory of a running process in MB."""
    with open(f"/proc/{process}/status") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    raise Missed("the program ended early")
