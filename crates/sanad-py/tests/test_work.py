"""Long work: Ctrl-C, threads, progress, memory."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pytest
from conftest import CASE

import sanad

INTERRUPTED = """
import os, signal, sys, threading, time
import sanad
case = sanad.Case(sys.argv[1])
def press():
    press.at = time.monotonic()
    os.kill(os.getpid(), signal.SIGINT)
threading.Timer(2.0, press).start()
try:
    case.backtest((2010, 2022), ["sanad", "hurdle", "switching", "forest"], draws=1000)
except KeyboardInterrupt:
    print(time.monotonic() - press.at)
else:
    sys.exit("the back-test ended before it could be interrupted")
"""


def test_ctrl_c_ends_a_backtest_within_a_second():
    command = [sys.executable, "-c", INTERRUPTED, str(CASE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 1.0


def test_the_interpreter_runs_on_while_rust_works(case):
    steps, done = 0, threading.Event()

    def count():
        nonlocal steps
        while not done.is_set():
            steps += 1
            time.sleep(0.001)

    counter = threading.Thread(target=count)
    counter.start()
    began = time.monotonic()
    case.scenario(members=2000)
    lasted = time.monotonic() - began
    done.set()
    counter.join()
    # With the lock held there would be next to none.
    assert steps > lasted * 50


def test_two_threads_on_one_observatory_get_what_one_gets(observatory):
    alone = observatory.panel("adm1", "2015-01", "2016-12").to_csv(), observatory.fronts(first="2019-01").to_csv()
    found, failed = [], []

    def ask():
        try:
            other = observatory.panel("adm1", "2015-01", "2016-12").to_csv(), observatory.fronts(first="2019-01").to_csv()
            found.append(other)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed and found == [alone, alone]


def test_progress_names_its_steps_and_notes_are_warnings_at_the_callers_line(monkeypatch):
    from sanad import _progress

    steps = []

    class Listener(_progress.Notes):
        def begin(self, step):
            steps.append(step)

    monkeypatch.setattr(_progress, "display", Listener)
    case = sanad.Case(CASE)
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        case.fronts(last="2050-01")
    assert "measure the fronts" in steps and "read the case's files" in steps
    (note,) = [note for note in noted if "the fronts end in" in str(note.message)]
    assert note.filename == __file__


def test_a_bar_is_shown_by_tqdm(capsys):
    tqdm = pytest.importorskip("tqdm")
    assert tqdm
    sanad.show_progress(True)
    try:
        sanad.Case(CASE)
    finally:
        sanad.show_progress(None)
    assert "read the case" in capsys.readouterr().err


def resident_bytes() -> int:
    """Memory in use."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory is read from /proc")
def test_ten_thousand_calls_leave_memory_flat(observatory):
    pyarrow = pytest.importorskip("pyarrow")
    draws = np.random.default_rng(1).poisson(3.0, (500, 20))
    table = observatory.panel("adm1", "2019-01", "2019-12")

    def call():
        sanad.crps(draws, draws[:, 0])
        sanad.scores(draws[:10], draws[:10, 0])
        pyarrow.table(table)
        # A stream that nobody reads is released as well.
        table.__arrow_c_stream__()
        with pytest.raises(sanad.UsageError):
            sanad.crps(draws, [1.0])

    for _ in range(500):
        call()
    gc.collect()
    before = resident_bytes()
    for _ in range(2000):
        call()
    gc.collect()
    # Ten thousand calls; the scores alone, kept, would be 8 MB, and the streams more than 40 MB.
    assert resident_bytes() - before < 6_000_000


def test_work_off_pythons_thread_leaves_memory_flat(observatory):
    for _ in range(50):
        observatory.sql("SELECT 1 AS x")
    gc.collect()
    before, threads = resident_bytes(), threading.active_count()
    for _ in range(300):
        observatory.sql("SELECT 1 AS x")
    gc.collect()
    assert resident_bytes() - before < 16_000_000 and threading.active_count() == threads


def test_interrupts_reach_the_program_too():
    command = [sys.executable, "-m", "sanad", "backtest", str(CASE), "--windows", "2010..2022", "--model", "hurdle", "--out", "/dev/null/x"]
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.7)
    started.send_signal(signal.SIGINT)
    # By the signal, or before it for want of the folder: never later.
    assert started.wait(timeout=30) in (-signal.SIGINT, 1)
