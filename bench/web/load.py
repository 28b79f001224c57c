"""Load on `sanad serve`, from the same machine: kept answers, heavy questions, slow readers, an import.

usage: load.py PROGRAM CASE FOLDER SECONDS

Traffic goes to 127.0.0.1 alone, with bounds on connections and on time. Needs Python 3.11 and nothing
else; where Datasette stands beside this Python, it is measured over the same panel.
"""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

CONNECTIONS = 100
KEPT = [
    "/",
    "/map",
    "/place/PK2",
    "/claims",
    "/chronicle",
    "/api/v1/panel.json?unit=adm1&from=2021-01&to=2021-12",
    "/api/v1/panel.csv?unit=adm2&from=2021-01&to=2021-03",
    "/api/v1/claims.json",
    "/map.svg?figure=map",
]
# Different for each of fifty people: another ensemble, another span of months.
HEAVY = [f"/api/v1/scenario.json?seed={seed}&members=1000" for seed in range(100, 125)] + [
    f"/api/v1/panel.json?unit=adm2&from=19{year}-01&to=2021-12" for year in range(89, 100)
] + [f"/scenarios?seed={seed}" for seed in range(200, 214)]


class Client:
    """One connection that is kept open."""

    def __init__(self, port):
        self.port, self.reader, self.writer = port, None, None

    async def get(self, path):
        """The status of an answer, read to its end."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        length = re.search(rb"content-length: (\d+)", head.lower())
        if length:
            await self.reader.readexactly(int(length[1]))
        elif b"chunked" in head.lower():
            while size := int(await self.reader.readline(), 16):
                await self.reader.readexactly(size + 2)
            await self.reader.readline()
        if b"connection: close" in head.lower():
            self.close()
        return status

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.writer = None


async def load(port, paths, seconds, connections=CONNECTIONS):
    """Asks on many connections at a time, each path in turn. Gives times in seconds and statuses."""
    times, statuses, end = [], {}, time.monotonic() + seconds

    async def one(number):
        client, at = Client(port), number
        while time.monotonic() < end:
            begun = time.monotonic()
            try:
                status = await client.get(paths[at % len(paths)])
            except (OSError, asyncio.IncompleteReadError):
                status = 0
                client.close()
            times.append(time.monotonic() - begun)
            statuses[status] = statuses.get(status, 0) + 1
            at += 1
        client.close()

    await asyncio.gather(*(one(number) for number in range(connections)))
    return times, statuses


def report(name, times, statuses, seconds):
    """Prints a line of results and gives the answers a second."""
    times = sorted(times)
    at = lambda share: 1000 * times[min(len(times) - 1, int(share * len(times)))]
    print(
        f"{name:<44} {len(times) / seconds:8.0f} answers/s  p50 {at(0.5):6.1f} ms  p99 {at(0.99):6.1f} ms  "
        f"longest {at(1):7.1f} ms  {statuses}",
        flush=True,
    )
    return len(times) / seconds


async def until_ready(port, path):
    """The time until an answer is there, asked for again as the server says."""
    begun, client = time.monotonic(), Client(port)
    while True:
        status = await client.get(path)
        if status not in (202, 503):
            client.close()
            return time.monotonic() - begun, status
        await asyncio.sleep(0.5)


def memory(process):
    """Peak memory of a process in MB."""
    text = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", text)[1]) / 1000


def serve(program, *arguments):
    process = subprocess.Popen([program, "serve", *arguments, "--listen", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True)
    said = process.stderr.readline()
    return process, int(re.search(r"127\.0\.0\.1:(\d+)", said)[1])


async def slow(port, count):
    """Connections that say half a request, and readers that take no byte of a large answer."""
    held = []
    for number in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        text = b"GET / HTTP/1.1\r\nHo" if number % 2 else f"GET {KEPT[5]} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        writer.write(text)
        held.append(writer)
    return held


async def measure(program, case, folder, seconds):
    observatory = folder / "observatory"
    shutil.rmtree(observatory, ignore_errors=True)
    importing = [program, "import", "case", case, "--observatory", str(observatory)]
    subprocess.run(importing, check=True, stderr=subprocess.DEVNULL)
    begun = time.monotonic()
    process, port = serve(program, "--observatory", str(observatory))
    first, _ = await until_ready(port, "/about")
    print(f"answers {time.monotonic() - begun:.2f} s after its start ({first:.2f} s after it listens)")
    for path in KEPT:
        took, status = await until_ready(port, path)
        print(f"  {took:6.2f} s  {status}  {path}")
    print(f"memory {memory(process):.0f} MB")
    kept = report("kept pages and tables, 100 connections", *await load(port, KEPT, seconds), seconds)
    held = await slow(port, 100)
    report("the same beside 100 slow or half-open ones", *await load(port, KEPT, seconds / 2), seconds / 2)
    for writer in held:
        writer.close()

    asked = await asyncio.gather(*(until_ready(port, path) for path in HEAVY))
    waits = sorted(wait for wait, _ in asked)
    good = sum(status == 200 for _, status in asked)
    print(f"{len(HEAVY)} heavy questions at once: {good} answered, first {waits[0]:.1f} s, last {waits[-1]:.1f} s, memory {memory(process):.0f} MB")

    # An import in the middle: the case with another title.
    changed = folder / "case"
    shutil.rmtree(changed, ignore_errors=True)
    shutil.copytree(case, changed)
    card = changed / "case.toml"
    card.write_text(re.sub(r'^title = ".*"', 'title = "Another title"', card.read_text(), count=1, flags=re.M))
    importing[3] = str(changed)
    loading = asyncio.create_task(load(port, ["/about", "/api/v1/places.json"], seconds / 2, 20))
    await asyncio.sleep(seconds / 8)
    other = await asyncio.create_subprocess_exec(*importing, stderr=subprocess.DEVNULL)
    times, statuses = await loading
    await other.wait()
    report("with an import in the middle, 20 connections", times, statuses, seconds / 2)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/about") as page:
        print("the new state is served" if b"Another title" in page.read() else "THE OLD STATE IS SERVED")
    panel = urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/panel.json?unit=adm1&from=1989-01&to=2021-12").read()
    process.terminate()
    process.wait()
    return panel, kept


async def datasette(folder, panel, seconds):
    """The same panel in SQLite behind Datasette: its page of rows and its JSON."""
    program = Path(sys.executable).parent / "datasette"
    if not program.exists():
        print("skipped: there is no Datasette beside this Python")
        return None
    rows, database = folder / "panel.json", folder / "panel.db"
    rows.write_bytes(panel)
    database.unlink(missing_ok=True)
    tool = Path(sys.executable).parent / "sqlite-utils"
    subprocess.run([tool, "insert", database, "panel", rows], check=True)
    port = 18701
    process = subprocess.Popen([program, "serve", database, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    paths = ["/panel/panel", "/panel/panel.json?_size=84&month__startswith=2021", "/panel/panel.csv?_size=84"]
    for _ in range(100):
        await asyncio.sleep(0.2)
        try:
            await Client(port).get(paths[0])
            break
        except OSError:
            continue
    rate = report("datasette, the same panel, 100 connections", *await load(port, paths, seconds), seconds)
    process.terminate()
    process.wait()
    return rate


def main():
    program, case, folder, seconds = sys.argv[1], sys.argv[2], Path(sys.argv[3]), float(sys.argv[4])
    # What else ran: the load of the machine in the minute before, which is near 0 on a quiet one.
    print(f"{os.cpu_count()} processors, {seconds:.0f} s each, load before {os.getloadavg()[0]:.1f}")
    panel, kept = asyncio.run(measure(program, case, folder, seconds))
    print(f"panel: {len(json.loads(panel))} rows")
    other = asyncio.run(datasette(folder, panel, seconds))
    if other:
        print(f"{kept / other:.1f} times the answers a second of Datasette in this run")


if __name__ == "__main__":
    main()
