"""What the engine's design rests on, measured again against the libcurl that is found."""
import json, subprocess

from closed import bare_burst
from measuring import LARGE, SMALL, Sink, measured, middle


def repeat(bench):
    """Measures each fact and says whether it still holds."""
    holds = {}
    with Sink(bench) as sink:
        holds["a burst starts one by one"] = burst_spread(bench, sink)
        holds["page faults of freed buffers dominate"] = freed_buffers(bench, sink)
        holds["small buffers cost more CPU, large ones memory"] = buffer_sizes(bench, sink)
        holds["millisecond timers blur an open loop"] = timers(bench, sink)
    holds["opening at go measures the backlog"] = backlog(bench)
    holds["Expect costs a second where it is ignored"] = expecting(bench)
    holds["STARTTRANSFER_TIME is not the first byte of the response"] = first_byte(bench)
    holds["an upload is sent twice, unseen"] = sent_twice(bench)
    for fact, value in holds.items():
        print(f"  {'holds' if value else 'NO LONGER HOLDS'}: {fact}", flush=True)
    bench.result["parts"]["facts"] = holds


def bare(bench, sink, size, uploads, in_flight, *options):
    """What the bare loop prints, and its peak memory."""
    command = [bench.path("bare"), sink.url, bench.upload(size), str(uploads), str(in_flight), *options]
    _, memory, output = measured(command)
    return json.loads(output), memory


def last_sent(bench, sink, uploads, *options):
    """The ms from go to the last upload sent, the median of some bursts."""
    report, _ = bare(bench, sink, LARGE, uploads, uploads, "burst=5", *options)
    return middle(report["last_sent_ns"]) / 1e6


def burst_spread(bench, sink):
    """Fact 3: each transfer copies its first buffer before the next one starts, unless the first read is short."""
    is_shorter = []
    for uploads in (100, 1000):
        whole = last_sent(bench, sink, uploads, "buffer=262144")
        short = last_sent(bench, sink, uploads, "buffer=262144", "body=read", "first=1024")
        print(f"  go → last sent of {uploads}: {whole:.1f} ms, first read of 1 KB {short:.1f} ms", flush=True)
        is_shorter.append(short < 0.5 * whole)
    return all(is_shorter)


def freed_buffers(bench, sink):
    """Fact 4: CPU of a burst by upload buffer, with and without a pool of freed blocks."""
    gains = []
    for buffer in (65_536, 131_072, 262_144, 1_048_576):
        plain, kept = ([bare_burst(bench, sink, LARGE, f"buffer={buffer}", f"pool={pool}") for _ in range(3)]
                       for pool in (0, 1))
        print(f"  burst, buffer {buffer // 1024} KB: {middle(plain):.3f} CPU s per 1000, with a pool {middle(kept):.3f}",
              flush=True)
        gains.append(middle(kept) / middle(plain))
    return gains[-1] < 0.8 and gains[-2] < 0.95


def buffer_sizes(bench, sink):
    """Fact 5: CPU of 16 KB buffers, and the memory of many large uploads in flight."""
    loop = {buffer: middle([bare(bench, sink, LARGE, 1500, 100, f"buffer={buffer}")[0]["cpu_ns"] for _ in range(3)])
            for buffer in (16_384, 131_072)}
    ratio = loop[16_384] / loop[131_072]
    peaks = {buffer: bare(bench, sink, LARGE, 5000, 5000, "burst=1", f"buffer={buffer}")[1]
             for buffer in (16_384, 65_536, 262_144)}
    shown = ", ".join(f"{buffer // 1024} KB {peak:.0f} MB" for buffer, peak in peaks.items())
    print(f"  CPU of 16 KB buffers: {ratio:.2f} × that of 128 KB; 5000 × 945 KB in flight: {shown}", flush=True)
    return ratio > 1.3 and peaks[262_144] > 2 * peaks[65_536] > 2 * peaks[16_384]


def backlog(bench):
    """Fact 7: 1000 connections opened at go against a backlog of 128."""
    with Sink(bench, "backlog=128") as sink:
        at_go, _ = bare(bench, sink, SMALL, 1000, 1000, "burst=1", "opened=0")
        before, _ = bare(bench, sink, SMALL, 1000, 1000, "burst=1")
    late, early = (report["last_sent_ns"][0] / 1e6 for report in (at_go, before))
    print(f"  1000 connections, backlog 128: opened at go, last sent after {late:.0f} ms; before, {early:.0f} ms",
          flush=True)
    return late > 900 > 9 * early


def timers(bench, sink):
    """Fact 10: an open loop of 200/s by whole milliseconds and by nanoseconds."""
    p50 = {timer: bare(bench, sink, SMALL, 1000, 50, "rate=200", f"timer={timer}")[0]["p50_ns"] / 1e6
           for timer in ("ms", "ns")}
    print(f"  200/s: p50 {p50['ms']:.2f} ms by epoll_wait, {p50['ns']:.2f} ms by epoll_pwait2", flush=True)
    return p50["ms"] > 1.5 * p50["ns"]


def expecting(bench):
    """Fact 12: an upload of 1.5 MB with libcurl's Expect field: ignored, honoured, and left out."""
    size, walls = 1_500_000, {}
    for name, options, expect in (("ignored", [], 1), ("removed", [], 0), ("honoured", ["continue=1"], 1)):
        with Sink(bench, *options) as sink:
            report, _ = bare(bench, sink, size, 60, 20, f"expect={expect}")
            walls[name] = 60 / (report["wall_ns"] / 1e9)
    print("  Expect " + ", ".join(f"{name} {rate:.0f}/s" for name, rate in walls.items()), flush=True)
    return walls["ignored"] * 5 < walls["removed"]


def first_byte(bench):
    """Fact 13: STARTTRANSFER_TIME of an upload whose server thinks for 200 ms."""
    report = facts(bench, "first-byte")
    print(f"  the server thinks {report['server_thinks_ms']} ms, STARTTRANSFER_TIME says"
          f" {report['starttransfer_ms']:.2f} ms", flush=True)
    return report["starttransfer_ms"] < 20


def sent_twice(bench):
    """Fact 14: a kept connection that dies before the first response byte."""
    report = facts(bench, "sent-twice")
    alone, refused = report["by_itself"], report["second_refused"]
    print(f"  {alone['asked']} uploads on dying connections: the server received {alone['server_uploads']}"
          f" ({alone['server_bytes'] / 1e6:.2f} MB), {alone['fine']} look fine; the second attempt refused:"
          f" {refused['server_uploads']}", flush=True)
    return alone["server_uploads"] == 2 * alone["asked"] and refused["server_uploads"] == refused["asked"]


def facts(bench, name):
    """What facts.c prints."""
    done = subprocess.run([bench.path("facts"), name], stdout=subprocess.PIPE, check=True, timeout=60)
    return json.loads(done.stdout)
