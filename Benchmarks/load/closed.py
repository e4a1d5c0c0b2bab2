"""The closed loop against the other tools, and the burst against the bare loop."""
import json, os, shutil, tempfile

from measuring import LARGE, NAMES, SMALL, Missed, Sink, document, is_measured, measured, middle
from tools import TOOLS, VERSIONS, cost, version

IN_FLIGHT = 100

#: Our CPU over that of another tool, at most, for each size.
CPU_GOALS = {
    "bare": (1.00, 1.10), "hey": (1.00, 0.95), "h2load": (0.85, 2.3), "wrk": (2.3, 2.9), "k6 multipart": (0.25, 0.25),
    "k6 raw": (0.35, 0.28), "naive curl_mime_data": (0.70, 0.75), "ab": (None, None), "oha": (None, None),
}
MEMORY_GOALS = (45, 30)


def compare(bench, size):
    """Runs every tool in each round, in random order, and prints our CPU over theirs."""
    names, index = [], (LARGE, SMALL).index(size)
    for name, (program, _, _) in TOOLS.items():
        if program and not shutil.which(program):
            bench.not_run(program, "not on PATH")
        else:
            names.append(name)
            if program:
                bench.result["versions"][program] = version(program)
    bench.result["versions"]["curl"] = version("curl")
    # Uploads, or seconds for a tool that takes only those: a short and a long run each.
    amounts = {False: (400, 3000) if size == LARGE else (1000, 30_000), True: (1, 2)}
    costs, peaks = {name: [] for name in names}, {name: 0 for name in names}
    with Sink(bench) as sink:
        for _ in range(bench.options.rounds):
            for name in bench.random.sample(names, len(names)):
                figure, memory, _ = cost(bench, sink, name, size, amounts, IN_FLIGHT)
                costs[name].append(figure)
                peaks[name] = max(peaks[name], memory)
    for name in sorted(names, key=lambda name: middle(costs[name])):
        print(f"  {name}: {middle(costs[name]):.4f} CPU s per 1000 uploads"
              f" ({min(costs[name]):.4f} … {max(costs[name]):.4f}), {peaks[name]:.0f} MB", flush=True)
    own = costs["ingest-bench"]
    for name in names:
        if name == "ingest-bench":
            continue
        pairs = [ours / theirs for ours, theirs in zip(own, costs[name])]
        ratio = middle(own) / middle(costs[name])
        bench.goal(f"CPU ÷ {name}", ratio, CPU_GOALS[name][index], size, spread=(min(pairs), max(pairs)))
    bench.goal("peak RSS, MB", peaks["ingest-bench"], MEMORY_GOALS[index], size, shown="{:.0f}")
    if "k6 multipart" in peaks and size == LARGE:
        bench.goal("peak RSS ÷ k6", peaks["ingest-bench"] / peaks["k6 multipart"], 0.07, size)
    bench.result["parts"][f"closed-{NAMES[size]}"] = {"cpu_per_1000": costs, "peak_mb": peaks}


def burst(bench):
    """Bursts over connections that are open: processor time of the sending thread from go to the last answer."""
    figures = {}
    with Sink(bench) as sink:
        for size, limit in ((LARGE, (1.00, 6, 75)), (SMALL, (1.10, 2.5, 60))):
            bare, own, sent = [], [], {100: [], 1000: []}
            for _ in range(bench.options.rounds):
                for tool in bench.random.sample(["bare", "ours"], 2):
                    if tool == "bare":
                        bare.append(bare_burst(bench, sink, size))
                    else:
                        rounds = own_burst(bench, sink, size, 100, 6)
                        own.append(middle([cpu for cpu, _ in rounds]))
                        sent[100] += [last for _, last in rounds]
                sent[1000] += [last for _, last in own_burst(bench, sink, size, 1000, 2)]
            pairs = [ours / theirs for ours, theirs in zip(own, bare)]
            print(f"  bare {middle(bare):.4f}, ingest-bench {middle(own):.4f} CPU s per 1000 uploads", flush=True)
            bench.goal("burst CPU ÷ bare", middle(own) / middle(bare), limit[0], size, spread=(min(pairs), max(pairs)))
            for number, most in ((100, limit[1]), (1000, limit[2])):
                values = sent[number]
                bench.goal(f"go → last sent of {number}, ms", middle(values), most, size, "{:.1f}",
                           (min(values), max(values)))
            figures[NAMES[size]] = {"bare": bare, "ingest-bench": own, "last_sent_ms": sent}
    bench.result["parts"]["burst"] = figures


def bare_burst(bench, sink, size, *options, uploads=100, rounds=6):
    """CPU seconds per 1000 uploads of bare bursts."""
    command = [bench.path("bare"), sink.url, bench.upload(size), str(uploads), str(uploads), f"burst={rounds}", *options]
    (_, _, output), _ = sink.during(lambda: measured(command), size, uploads * rounds)
    return json.loads(output)["cpu_ns"] / 1e6 / (uploads * rounds)


def own_burst(bench, sink, size, uploads, rounds):
    """CPU seconds per 1000 uploads, and the ms from go to the last sent, of each of our rounds."""
    command, folder = bench.ours(sink.url, size, uploads, uploads, rounds=rounds)
    sink.during(lambda: measured(command, accepts=is_measured), size, uploads * rounds, repeats=True)
    figures = []
    for record in document(folder)["rounds"]:
        if record["burst"]["opened_after_go"]:
            raise Missed(f"{record['burst']['opened_after_go']} connections were opened after go")
        figures.append((record["client"]["cpu_s"] * 1000 / uploads, record["burst"]["last_sent_s"] * 1000))
    return figures
