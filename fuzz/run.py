#!/usr/bin/env python3
"""Run fuzz targets for a stated time of the processor, however busy the machine is, over as many sittings as it takes.

    python3 fuzz/run.py --corpus DIR [--minutes 30] [--beside 2] TARGET...

A target counts as run when it has had its minutes of processor time without a finding. What each has had so far,
with its executions, stands in DIR/sittings.csv; a run that is stopped (Ctrl-C, or SIGTERM) is written there too, and the next one
goes on where it ended. DIR/TARGET is the target's corpus, which the targets extend. Findings go to DIR/findings.

The targets are built first, without a sanitiser: what they look for is panics and broken laws, and the code has no
`unsafe` of its own. Exit 1 where there is a finding.
"""

import argparse
import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
STORE_TARGETS = {"external", "draws", "shipped", "card"}
MEMORY = Path("/dev/shm")
INTERRUPTED, SECOND = 72, os.sysconf("SC_CLK_TCK")
COLUMNS = ["target", "processor_seconds", "executions", "finding"]


def build(targets):
    """Builds the targets; gives the folder of their programs."""
    host = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout
    triple = next(line.split()[1] for line in host.splitlines() if line.startswith("host:"))
    for target in targets:
        feature = ["--features", "store"] if target in STORE_TARGETS else []
        command = ["cargo", "fuzz", "build", "--fuzz-dir", str(HERE), "-s", "none", *feature, target]
        environment = {"RUSTC_BOOTSTRAP": "1", **os.environ}
        subprocess.run(command, check=True, env=environment, cwd=HERE.parent)
    return HERE / "target" / triple / "release"


def had(book):
    """Seconds of processor time that each target has had without a finding."""
    seconds = {}
    if book.exists():
        with book.open() as rows:
            for row in csv.DictReader(rows):
                before = 0.0 if row["finding"] else seconds.get(row["target"], 0.0)
                seconds[row["target"]] = before + float(row["processor_seconds"]) * (not row["finding"])
    return seconds


def processor_seconds(pid):
    """Processor time of a process so far; None where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else (int(fields[11]) + int(fields[12])) / SECOND


class Sitting:
    """One target that runs."""

    def __init__(self, target, program, corpus, left):
        self.target, self.left, self.used, self.asked = target, left, 0.0, False
        seeds, findings = corpus / target, corpus / "findings"
        for folder in (seeds, findings):
            folder.mkdir(parents=True, exist_ok=True)
        self.log = corpus / f"{target}.log"
        command = [program, seeds, f"-artifact_prefix={findings}/{target}-", "-max_len=32768", "-print_final_stats=1"]
        command += ["-rss_limit_mb=4096", "-timeout=60"]
        # Targets that give readers a path write each input to a file; on a disk they would wait for it.
        memory = {"TMPDIR": str(MEMORY)} if MEMORY.is_dir() else {}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **memory}
            )

    def has_ended(self):
        used = processor_seconds(self.process.pid)
        if used is None:
            return True
        self.used = used
        if used >= self.left and not self.asked:
            self.stop()
        return False

    def stop(self):
        self.asked = True
        self.process.send_signal(signal.SIGINT)

    def row(self):
        code = self.process.wait()
        lines = self.log.read_text(errors="replace").splitlines()
        counts = [line.split()[-1] for line in lines if line.startswith("stat::number_of_executed_units")]
        finding = "" if code in (0, INTERRUPTED) else f"exit {code}, see {self.log}"
        return [self.target, f"{self.used:.0f}", counts[-1] if counts else "", finding]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True, help="folder of corpora and of what was run")
    parser.add_argument("--minutes", type=float, default=30.0, help="processor minutes for each target")
    parser.add_argument("--beside", type=int, default=2, help="targets that run at the same time")
    parser.add_argument("targets", nargs="+")
    given = parser.parse_args()
    # A shell makes what it starts in the background deaf to Ctrl-C, so that this one asks for it.
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.default_int_handler)
    given.corpus.mkdir(parents=True, exist_ok=True)
    book = given.corpus / "sittings.csv"
    before = had(book)
    programs = build(given.targets)
    waiting = [(name, given.minutes * 60 - before.get(name, 0.0)) for name in given.targets]
    waiting = [(name, left) for name, left in waiting if left > 1]
    running, found, stopping = [], False, False
    while waiting or running:
        try:
            while waiting and len(running) < given.beside and not stopping:
                name, left = waiting.pop(0)
                running.append(Sitting(name, programs / name, given.corpus, left))
            time.sleep(1)
            for ended in [one for one in running if one.has_ended()]:
                running.remove(ended)
                row = ended.row()
                found |= bool(row[3])
                is_new = not book.exists()
                with book.open("a") as rows:
                    csv.writer(rows).writerows(([COLUMNS] if is_new else []) + [row])
                print(*row, flush=True)
        except KeyboardInterrupt:
            stopping, waiting = True, []
            for one in running:
                one.stop()
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
