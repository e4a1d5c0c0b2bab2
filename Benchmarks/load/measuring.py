"""What all parts of the load benchmark share: programs built and pinned, the sink, the table of goals."""
import json, os, platform, random, shutil, signal, socket, statistics, subprocess, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
CLIENT, SERVER = 0, min(1, os.cpu_count() - 1)
WRAPPING = 155  # what stands around a file in a multipart body
LARGE, SMALL = 944_943 - WRAPPING, 1_151 - WRAPPING
NAMES = {LARGE: "L", SMALL: "S"}


class Missed(Exception):
    """A measurement that could not be made, and why."""


def pinned(cpu):
    def pin():
        if cpu is not None and os.cpu_count() > 1:
            os.sched_setaffinity(0, {cpu})

    return pin


def is_success(status, output):
    return status == 0


def is_measured(status, output):
    """Whether our program did its work: a flood of uploads on few CPUs makes it call its own run INVALID."""
    return status == 0 or status == 1 and "INVALID" in output


def measured(command, cpu=CLIENT, accepts=is_success, longest=300):
    """Runs a command to its end: CPU seconds (user + system) and peak memory in MB from wait4, and its output."""
    with tempfile.TemporaryFile() as words, tempfile.TemporaryFile() as report:
        process = subprocess.Popen(command, preexec_fn=pinned(cpu), stdout=report, stderr=words)
        # A tool that waits for an answer which never comes would wait for ever.
        limit = threading.Timer(longest, process.kill)
        limit.start()
        _, status, usage = os.wait4(process.pid, 0)
        limit.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        report.seek(0), words.seek(0)
        output, errors = report.read().decode(errors="replace"), words.read().decode(errors="replace")
    if not accepts(process.returncode, output):
        raise Missed(f"{' '.join(map(str, command))}: status {process.returncode}: {errors[-500:] or output[-500:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output


class Bench:
    """A folder with the built programs, uploads and one sink at a time; all gone at the end."""

    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.result = {
            "machine": platform.platform(), "cpus": os.cpu_count(), "load": os.getloadavg()[0],
            "seed": options.seed, "rounds": options.rounds, "versions": {}, "parts": {}, "goals": [], "not_run": {},
        }

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="ingest-bench-load-")
        for name, flags in (("bare", ["-lcurl"]), ("sink", []), ("facts", ["-lcurl", "-lpthread"])):
            source = os.path.join(HERE, name + ".c")
            subprocess.run(["cc", "-O2", source, "-o", self.path(name), *flags], check=True)
        self.serial = 0
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def upload(self, size):
        """A file of seeded bytes."""
        path = self.path(f"{size}.pdf")
        if not os.path.exists(path):
            with open(path, "wb") as file:
                file.write(random.Random(size).randbytes(size))
        return path

    def body(self, size):
        """The same file as a multipart body, for tools that send what they are given."""
        path = self.path(f"{size}.body")
        if not os.path.exists(path):
            with open(path, "wb") as file, open(self.upload(size), "rb") as content:
                file.write(b"--ingest-bench-boundary\r\nContent-Disposition: form-data; name=\"file\"; ")
                file.write(b"filename=\"sample.pdf\"\r\nContent-Type: application/pdf\r\n\r\n")
                file.write(content.read())
                file.write(b"\r\n--ingest-bench-boundary--\r\n")
        return path

    def ours(self, url, size, requests, in_flight, *more, rounds=1, formats="json"):
        """Our program's command line; the folder of its results is new each time."""
        self.serial += 1
        folder = self.path(f"run-{self.serial}")
        command = [
            self.options.program, "run", self.upload(size), str(requests), "--target", f"sink={url}",
            "-c", str(in_flight), "--rounds", str(rounds), "--warmup", "0", "--quiet", "--format", formats,
            "-o", folder, *more,
        ]
        return [part for part in command if part], folder

    def goal(self, what, value, limit, size=None, shown="{:.2f}", spread=None):
        """Prints and keeps a figure with its goal; a missed one is printed as missed."""
        met = value <= limit if limit is not None else None
        label = {None: "", True: "  met", False: "  MISSED"}[met]
        where = f" [{NAMES[size]}]" if size in NAMES else ""
        range_text = f" ({shown.format(spread[0])} … {shown.format(spread[1])})" if spread else ""
        goal_text = f", goal ≤ {shown.format(limit)}" if limit is not None else ""
        print(f"  {what}{where}: {shown.format(value)}{range_text}{goal_text}{label}", flush=True)
        self.result["goals"].append(
            {"what": what, "size": NAMES.get(size), "value": value, "spread": spread, "goal": limit, "met": met})

    def not_run(self, tool, why):
        if tool not in self.result["not_run"]:
            print(f"  {tool}: not run ({why})", flush=True)
        self.result["not_run"][tool] = why


class Sink:
    """The server that swallows uploads, on a CPU of its own."""

    def __init__(self, bench, *options):
        self.bench, self.options = bench, options

    def __enter__(self):
        port_file = self.bench.path("port")
        if os.path.exists(port_file):
            os.remove(port_file)
        self.process = subprocess.Popen(
            [self.bench.path("sink"), port_file, *self.options], preexec_fn=pinned(SERVER))
        while not os.path.exists(port_file) or not os.path.getsize(port_file):
            if self.process.poll() is not None:
                raise Missed("the sink did not start")
            time.sleep(0.01)
        with open(port_file) as file:
            self.port = int(file.read())
        self.url = f"http://127.0.0.1:{self.port}/upload"
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def counts(self):
        """Uploads, body bytes and connections so far, this one not counted."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(b"GET /count HTTP/1.1\r\nHost: sink\r\n\r\n")
            answer = b""
            while True:
                answer += connection.recv(4096)
                head, separator, text = answer.partition(b"\r\n\r\n")
                if separator and len(text) == int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]):
                    break
        uploads, size, connections = map(int, text.split())
        self.asked = getattr(self, "asked", 0) + 1
        return uploads, size, connections - self.asked

    def during(self, action, least_body, exactly=None, repeats=False):
        """Does something and gives its result with the uploads that arrived whole meanwhile.

        Our program measures a block again that something disturbed: `repeats` then allows more uploads.
        """
        before = self.counts()
        result = action()
        after = self.counts()
        uploads, size = after[0] - before[0], after[1] - before[1]
        if exactly is not None and (uploads < exactly if repeats else uploads != exactly):
            raise Missed(f"the sink saw {uploads} uploads, {exactly} were asked for")
        if size < uploads * least_body:
            raise Missed(f"the sink saw {size} body bytes in {uploads} uploads of {least_body}")
        return result, uploads


def document(folder):
    """The run document of one of our runs."""
    with open(os.path.join(folder, "run.json")) as file:
        return json.load(file)


def middle(values):
    return statistics.median(values)
