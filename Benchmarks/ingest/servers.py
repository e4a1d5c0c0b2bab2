"""Servers that run while they are measured, uploads to them from threads, and figures beside their goals."""

import http.client
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KEYS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench-secret"}
BOUNDARY = "bench-boundary"
missed = []


def judge(what, value, goal, unit="x", most=False):
    """Prints a figure beside its goal."""
    good = value <= goal if most else value >= goal
    print(f"  {what:56} {value:8.2f} {unit:4} goal {'<=' if most else '>='} {goal:g}  {'ok' if good else 'MISSED'}",
          flush=True)
    if not good:
        missed.append(what)


class Server:
    """A server that runs until its block ends."""

    def __init__(self, command, port, **environment):
        self.port = port
        self.process = subprocess.Popen(command, env={**os.environ, **KEYS, **environment}, cwd=ROOT,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                if self.process.poll() is not None:
                    sys.exit(f"server on port {self.port} ended at once")
                time.sleep(0.05)
        sys.exit(f"no server on port {self.port}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def family(self):
        """The process and its children."""
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True)
        return [self.process.pid, *map(int, listed.stdout.split())]

    def cpu(self, children=True):
        """Seconds of processor time; with children those of all that there are."""
        total = 0
        for pid in self.family() if children else [self.process.pid]:
            for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
                total += int((thread / "schedstat").read_text().split()[0])
        return total / 1e9

    def peak(self, pid):
        """The most memory a process had, in MB."""
        return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def form(pdf):
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n' \
           "Content-Type: application/pdf\r\n\r\n"
    return head.encode() + pdf + f"\r\n--{BOUNDARY}--\r\n".encode()


def upload(connection, route, body):
    connection.request("POST", f"/ingest/{route}", body,
                       {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
    response = connection.getresponse()
    response.read()
    return response.status


def uploads(port, route, body, count, at_once):
    """Uploads per second, and the statuses."""
    statuses, lock, left = [], threading.Lock(), [count]

    def client():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while True:
            with lock:
                if left[0] == 0:
                    break
                left[0] -= 1
            try:
                status = upload(connection, route, body)
            except OSError:
                status = 0
                connection.close()
            with lock:
                statuses.append(status)
        connection.close()

    start = time.monotonic()
    threads = [threading.Thread(target=client) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count / (time.monotonic() - start), statuses
