"""The tools that are compared: how each is told to send so many uploads, so many in flight."""
import os, shutil, subprocess

from measuring import HERE, WRAPPING, is_measured, is_success, measured

TYPE = "multipart/form-data; boundary=ingest-bench-boundary"


def bare(*options):
    def command(bench, url, size, uploads, in_flight):
        return [bench.path("bare"), url, bench.upload(size), str(uploads), str(in_flight), *options]

    return command


def ours(bench, url, size, uploads, in_flight):
    return bench.ours(url, size, uploads, in_flight)[0]


def hey(bench, url, size, uploads, in_flight):
    # It rounds down to a multiple of its workers.
    return ["hey", "-n", str(uploads // in_flight * in_flight), "-c", str(in_flight), "-m", "POST", "-t", "0",
            "-T", TYPE, "-D", bench.body(size), url]


def h2load(bench, url, size, uploads, in_flight):
    return ["h2load", "--h1", "-n", str(uploads), "-c", str(in_flight), "-t", "1", "-d", bench.body(size),
            "-H", f"content-type: {TYPE}", url]


def ab(bench, url, size, uploads, in_flight):
    return ["ab", "-q", "-k", "-n", str(uploads), "-c", str(in_flight), "-s", "120", "-p", bench.body(size),
            "-T", TYPE, url]


def oha(bench, url, size, uploads, in_flight):
    return ["oha", "--no-tui", "-n", str(uploads), "-c", str(in_flight), "-m", "POST", "-T", TYPE,
            "-D", bench.body(size), url]


def wrk(bench, url, size, seconds, in_flight):
    return ["wrk", "-t", "1", "-c", str(in_flight), "-d", f"{seconds}s", "-s", os.path.join(HERE, "wrk.lua"), url,
            "--", bench.body(size), TYPE]


def k6(kind):
    def command(bench, url, size, uploads, in_flight):
        return ["k6", "run", "--quiet", "--no-usage-report", "-e", f"URL={url}", "-e", f"UPLOADS={uploads}",
                "-e", f"IN_FLIGHT={in_flight}", "-e", f"KIND={kind}", "-e", f"FILE={bench.upload(size)}",
                "-e", f"BODY={bench.body(size)}", "-e", f"TYPE={TYPE}", os.path.join(HERE, "k6.js")]

    return command


#: Name, program on PATH (None: built here), command, whether it is told seconds instead of a number of uploads.
TOOLS = {
    "bare": (None, bare(), False),
    "ingest-bench": (None, ours, False),
    "naive curl_mime_data": (None, bare("body=mime"), False),
    "hey": ("hey", hey, False),
    "h2load": ("h2load", h2load, False),
    "wrk": ("wrk", wrk, True),
    "ab": ("ab", ab, False),
    "oha": ("oha", oha, False),
    "k6 multipart": ("k6", k6("multipart"), False),
    "k6 raw": ("k6", k6("raw"), False),
}

VERSIONS = {
    "hey": ["dpkg-query", "-W", "-f=${Version}", "hey"], "h2load": ["h2load", "--version"], "wrk": ["wrk", "-v"],
    "ab": ["ab", "-V"], "oha": ["oha", "--version"], "k6": ["k6", "version"], "curl": ["curl-config", "--version"],
}


def version(program):
    """The first line of what a tool calls its version."""
    command = VERSIONS[program]
    if not shutil.which(command[0]):
        return "unknown"
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else "unknown"


def cost(bench, sink, name, size, amounts, in_flight):
    """CPU seconds per 1000 uploads by the slope between a short and a long run, and the peak memory in MB.

    A program's start and its report are not the cost of an upload, so each round runs it twice.
    """
    program, command, is_timed = TOOLS[name]
    accepts = is_measured if name == "ingest-bench" else is_success
    figures = []
    for amount in amounts[is_timed]:
        exactly = None if is_timed else amount // in_flight * in_flight if name == "hey" else amount
        (seconds, memory, _), uploads = sink.during(
            lambda: measured(command(bench, sink.url, size, amount, in_flight), accepts=accepts),
            size if name in ("ingest-bench", "k6 multipart", "naive curl_mime_data") else size + WRAPPING, exactly,
            repeats=name == "ingest-bench")
        figures.append((seconds, memory, uploads))
    (few_cpu, _, few), (many_cpu, memory, many) = figures
    return (many_cpu - few_cpu) / (many - few) * 1000, memory, many
