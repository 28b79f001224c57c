"""What the tests share: the shipped case, an observatory made of it, and the program of the same wheel."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# The date of every answer, for Python and the program alike: 2026-11-27.
os.environ["SOURCE_DATE_EPOCH"] = "1795737600"

import pytest

import sanad

ROOT = Path(__file__).resolve().parents[3]
CASE = ROOT / "cases" / "pakistan"
GRIEVANCE = ROOT / "docs" / "examples" / "grievance.xmile"


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """Runs the wheel's program and gives what it wrote to stdout."""
    cache = tmp_path_factory.mktemp("cache")
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}

    def run(*arguments) -> str:
        command = [sys.executable, "-m", "sanad", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    return run


@pytest.fixture(scope="session")
def folder(program, tmp_path_factory) -> Path:
    """An observatory with the shipped case."""
    folder = tmp_path_factory.mktemp("observatory") / "o"
    program("import", "case", CASE, "--observatory", folder)
    return folder


@pytest.fixture(scope="session")
def observatory(folder) -> sanad.Observatory:
    return sanad.Observatory(folder)


@pytest.fixture(scope="session")
def case() -> sanad.Case:
    return sanad.Case(CASE)
