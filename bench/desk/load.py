#!/usr/bin/env python3
"""Puts a load on a desk and says whether it held. Needs Python 3, Linux and a sanad-desk; nothing else.

Begins an invented desk in a folder of its own, hires one member of the staff, serves it, and does three
things one after the other:

  peak   so many filings a second (50), each a page and a form, begun by the clock and not by the answer
         before: an answer that is late counts from when it was due
  flood  one channel gets far more than it takes in a day, without a proof of work; meanwhile another one
         is used, and the flooded one by a few who bring a proof
  day    what filers and the public do in a day, at a multiple of its speed: filing, coming back, adding,
         attaching a picture, looking at what is public

and prints, for each kind of request, how many there were, how many failed, and the 50th, 99th and highest
time. The desk may address 2 GB (RLIMIT_AS), and its memory is read before and after each part. Exit code 1
where one of these does not hold:

  - no request of the peak or the day fails, and 99 of 100 filings of the peak take less than 500 ms
  - in the flood the channel takes what it takes without a proof, says that it is full, and takes those with
    one; the other channel takes everything in less than 500 ms (99 of 100)
  - the most memory of the day's second half is at most a fifth above that of the first
  - the ledger holds afterwards and every filing that was acknowledged is there, once

usage: load.py PROGRAM [--minutes 3] [--rate 50] [--flood-seconds 30] [--day-minutes 3] [--filings-a-day 3000] [--keep]
"""

import argparse
import asyncio
import hashlib
import pathlib
import random
import re
import resource
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import zlib

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = HERE.parent.parent / "crates/sanad-desk/demo/desk.toml"
MOST_LEAVES = 16384
LIMIT_MS = 500
# All that the desk may address, which is more than what it has in memory.
MEMORY_BYTES = 2 << 30
# What the flooded channel takes without a proof of work, and how many come with one.
FLOODED_PLAIN = 25
PROOFS = 5


def run(program, *words):
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)}: {done.stderr}")
    return done.stdout


def begin(program, folder):
    """A desk whose channel of complaints takes much, and whose channel of warnings takes little."""
    text = CONFIG.read_text()
    for before, after in [
        ("filings_a_day = 200\nplain_a_day = 50", "filings_a_day = 13000\nplain_a_day = 13000"),
        ("filings_a_day = 100\n", "filings_a_day = 3000\nplain_a_day = 3000\n"),
        ("filings_a_day = 100\n", f"filings_a_day = 100\nplain_a_day = {FLOODED_PLAIN}\n"),
        ("leaves = 1024", f"leaves = {MOST_LEAVES}"),
    ]:
        assert before in text, before
        text = text.replace(before, after, 1)
    config = folder / "desk.toml"
    config.write_text(text)
    words = []
    for name in ("custodian-one", "custodian-two", "custodian-three"):
        said = run(program, "custodian", name, "--out", str(folder / f"{name}.key"))
        words.append("--custodian=" + re.search(r"--custodian (\S+)", said)[1])
    data = folder / "desk"
    run(program, "init", "--data", str(data), "--config", str(config), *words)
    seats = [
        f"--seat={body}/{role}"
        for body in ("complaints-office", "harm-board", "ombuds-office")
        for role in ("intake", "investigator", "remedy")
    ]
    run(program, "user", "--data", str(data), "add", "ann", *seats)
    return data


def serve(program, data):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))

    words = [program, "serve", "--data", str(data), "--listen", "127.0.0.1:0"]
    child = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, preexec_fn=limit)
    for line in child.stderr:
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        if found:
            return child, int(found[1])
    sys.exit("the desk does not serve")


class Times:
    """What was asked, and how long it took."""

    def __init__(self):
        self.took = {}
        self.failed = {}

    def note(self, what, seconds, is_good):
        self.took.setdefault(what, []).append(seconds * 1000)
        self.failed[what] = self.failed.get(what, 0) + (not is_good)

    def quantile(self, what, share):
        took = sorted(self.took.get(what, [0.0]))
        return took[min(len(took) - 1, int(share * len(took)))]

    def show(self, part):
        print(f"\n{part}")
        print(f"  {'what':<14}{'asked':>8}{'failed':>8}{'50 %':>9}{'99 %':>9}{'highest':>9}  ms")
        for what in sorted(self.took):
            cells = [self.quantile(what, share) for share in (0.5, 0.99, 1.0)]
            numbers = "".join(f"{cell:9.0f}" for cell in cells)
            print(f"  {what:<14}{len(self.took[what]):>8}{self.failed[what]:>8}{numbers}")


def picture():
    """A PNG of random stripes, some hundred pixels a side."""
    width, height = 320, 240
    rows = b"".join(b"\0" + bytes([random.randrange(256)]) * (3 * width) for _ in range(height))

    def chunk(name, data):
        named = name + data
        return struct.pack(">I", len(data)) + named + struct.pack(">I", zlib.crc32(named))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


class Desk:
    """A desk that is asked."""

    def __init__(self, port):
        self.port = port
        self.kept = []
        self.last = b""

    async def ask(self, method, path, body=b"", kind="application/x-www-form-urlencoded"):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n"
        if method == "POST":
            head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"\r\n" + body)
        answer = await asyncio.wait_for(reader.read(-1), 60)
        writer.close()
        self.last = answer
        return int(answer[9:12] or 0)

    async def solved(self, channel):
        """A receipt with the answer to its puzzle, as the page's script finds it."""
        await self.ask("GET", f"/en/file/{channel}")
        page = self.last.decode()
        receipt = re.search(r'name="receipt" value="([0-9 ]+)"', page)[1].replace(" ", "")
        puzzle, bits = re.search(r'data-puzzle="([0-9a-f]+)" data-bits="(\d+)"', page).groups()
        most = 1 << (256 - int(bits))
        for number in range(1 << 32):
            answer = f"{number:016x}"
            if int.from_bytes(hashlib.sha256((puzzle + answer).encode()).digest()) < most:
                return receipt, answer

    async def file(self, channel, times, what, due, solved=None):
        """A filing: the form, then its sending. The time runs from when it was due."""
        receipt, answer = solved or ("".join(random.choice("0123456789") for _ in range(20)), "0" * 16)
        form = (
            f"receipt={receipt}&noted=yes&work={answer}&district=upper-valley&year=2026&month=&day="
            f"&text=INVENTED+for+a+measurement+{'word+' * random.randrange(5, 200)}"
        )
        try:
            await self.ask("GET", f"/en/file/{channel}")
            status = await self.ask("POST", f"/en/file/{channel}", form.encode())
        except (OSError, asyncio.TimeoutError):
            status = 0
        times.note(what, time.monotonic() - due, status == 200)
        if status == 200:
            self.kept.append(receipt)
        return status

    async def timed(self, times, what, method, path, body=b"", **more):
        begun = time.monotonic()
        try:
            status = await self.ask(method, path, body, **more)
        except (OSError, asyncio.TimeoutError):
            status = 0
        times.note(what, time.monotonic() - begun, status == 200)

    async def one_of_a_day(self, times):
        """What one of those who come in a day does: five of ten file, some of them with a picture."""
        chance = random.random()
        receipt = random.choice(self.kept) if self.kept else None
        if chance < 0.5 or receipt is None:
            await self.file("complaints", times, "file", time.monotonic())
        elif chance < 0.75:
            await self.timed(times, "come back", "POST", "/ur/receipt", f"receipt={receipt}".encode())
        elif chance < 0.85:
            body = f"receipt={receipt}&text=INVENTED+addition+{random.random()}".encode()
            await self.timed(times, "add", "POST", "/ps/receipt/add", body)
        elif chance < 0.9:
            await self.attach(times, random.choice(self.kept[-50:]))
        else:
            path = random.choice(["/en/record", "/counts.csv", "/ledger.txt", "/en", "/ps/verify"])
            await self.timed(times, "public", "GET", path)

    async def attach(self, times, receipt):
        edge = "edge"
        head = f'--{edge}\r\nContent-Disposition: form-data; name="receipt"\r\n\r\n{receipt}\r\n'
        head += f'--{edge}\r\nContent-Disposition: form-data; name="picture"; filename="p.png"\r\n\r\n'
        body = head.encode() + picture() + f"\r\n--{edge}--\r\n".encode()
        kind = f"multipart/form-data; boundary={edge}"
        await self.timed(times, "attach", "POST", "/en/receipt/attach", body, kind=kind)


async def by_the_clock(rate, seconds, job):
    """Begins `job(due)` so many times a second, whatever becomes of it, and waits for all at the end."""
    begun, jobs = time.monotonic(), set()
    for number in range(int(rate * seconds)):
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        task = asyncio.create_task(job(due))
        jobs.add(task)
        task.add_done_callback(jobs.discard)
    while jobs:
        await asyncio.sleep(0.05)


def memory(child, what="VmRSS"):
    """Kilobytes that the process has in memory; with `VmHWM` the most that it ever had."""
    status = pathlib.Path(f"/proc/{child.pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+)", status)[1])


class Verdict:
    """What had to hold."""

    def __init__(self):
        self.holds = True

    def say(self, is_good, sentence):
        self.holds &= is_good
        print(f"  {'holds' if is_good else 'DOES NOT HOLD'}: {sentence}")


async def peak(desk, options, verdict):
    times = Times()
    await by_the_clock(options.rate, 60 * options.minutes, lambda due: desk.file("complaints", times, "file", due))
    times.show(f"peak: {options.rate} filings a second for {options.minutes} minutes")
    verdict.say(times.failed.get("file") == 0, "no filing failed")
    high = times.quantile("file", 0.99)
    verdict.say(high < LIMIT_MS, f"99 of 100 filings took less than {LIMIT_MS} ms ({high:.0f})")


async def flood(desk, options, verdict):
    times, statuses = Times(), []

    async def one(due):
        statuses.append(await desk.file("warnings", times, "flooded", due))

    async def other(due):
        await desk.file("harm", times, "other channel", due)

    seconds = options.flood_seconds
    proofs = [await desk.solved("warnings") for _ in range(PROOFS)]
    with_proof = []

    async def proven(due):
        status = await desk.file("warnings", times, "with a proof", due, proofs.pop())
        with_proof.append(status)

    await asyncio.gather(by_the_clock(2 * options.rate, seconds, one), by_the_clock(5, seconds, other),
                         by_the_clock(PROOFS / seconds, seconds, proven))
    times.show(f"flood: {2 * options.rate} a second on one channel for {seconds} seconds")
    taken, full = statuses.count(200), statuses.count(503)
    verdict.say(taken == FLOODED_PLAIN and full > 0, f"the flooded channel took {taken} and refused {full}")
    verdict.say(with_proof == [200] * PROOFS, f"it took {with_proof.count(200)} of {PROOFS} that brought a proof of work")
    verdict.say(times.failed.get("other channel") == 0, "the other channel took everything")
    high = times.quantile("other channel", 0.99)
    verdict.say(high < LIMIT_MS, f"99 of 100 filings there took less than {LIMIT_MS} ms ({high:.0f})")


async def day(desk, child, options, verdict):
    times, seconds = Times(), 60 * options.day_minutes
    # Half of those who come file.
    rate = 2 * options.filings_a_day / seconds
    levels = []
    for _ in range(8):
        await by_the_clock(rate, seconds / 8, lambda _due: desk.one_of_a_day(times))
        levels.append(memory(child))
    speed = 24 * 60 / options.day_minutes
    times.show(f"day: {options.filings_a_day} filings and as much else, at {speed:.0f} times its speed")
    print("  memory after each eighth, in MB:", " ".join(f"{level / 1024:.0f}" for level in levels))
    verdict.say(sum(times.failed.values()) == 0, "no request failed")
    # A reading can fall into the middle of a derivation or of a picture: what counts is the most.
    grown = max(levels[4:]) / max(levels[:4]) - 1
    verdict.say(grown <= 0.2, f"the most memory of the second half is {100 * grown:+.0f} % of that of the first")


def check_after(program, data, desk, verdict):
    """Every acknowledged filing is there once, and the ledger holds."""
    print("\nafterwards")
    database = sqlite3.connect(data / "desk.sqlite")
    files = database.execute("SELECT count(*) FROM file").fetchone()[0]
    distinct = database.execute("SELECT count(DISTINCT lookup) FROM file").fetchone()[0]
    database.close()
    verdict.say(files == distinct == len(desk.kept), f"{len(desk.kept)} were acknowledged, and {files} are kept")
    said = run(program, "backup", "--data", str(data), "--to", str(data.parent / "backup"))
    verdict.say("head" in said, "a backup was made, whose ledgers were checked")
    size = (data / "desk.sqlite").stat().st_size / max(1, files) / 1024
    print(f"  {size:.1f} KB of database a file")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--flood-seconds", type=int, default=30)
    parser.add_argument("--day-minutes", type=float, default=3)
    parser.add_argument("--filings-a-day", type=int, default=3000)
    parser.add_argument("--keep", action="store_true", help="leave the folder where it is")
    options = parser.parse_args()
    if options.rate * 60 * options.minutes + options.filings_a_day * 1.1 > 13000:
        parser.error("more filings than the channel of complaints takes in a day: 13000")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="desk-load-"))
    verdict = Verdict()
    try:
        data = begin(options.program, folder)
        child, port = serve(options.program, data)
        desk = Desk(port)
        try:
            print(f"memory at the start: {memory(child) / 1024:.0f} MB")
            asyncio.run(peak(desk, options, verdict))
            print(f"  memory: {memory(child) / 1024:.0f} MB")
            asyncio.run(flood(desk, options, verdict))
            print(f"  memory: {memory(child) / 1024:.0f} MB")
            asyncio.run(day(desk, child, options, verdict))
            print(f"  the most memory of all: {memory(child, 'VmHWM') / 1024:.0f} MB of {MEMORY_BYTES >> 20} that it may address")
        finally:
            child.terminate()
            child.wait()
        check_after(options.program, data, desk, verdict)
    finally:
        if options.keep:
            print(f"left in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
