"""The package: stubs that fit the compiled part, docstrings, the program on the path."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from conftest import CASE

import sanad
from sanad import _sanad

PACKAGE = Path(sanad.__file__).parent


def run(*command, cwd: Path) -> None:
    """Runs a module of Python in a folder where it may leave what it likes."""
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_version_is_that_of_the_distribution():
    assert sanad.__version__ == version("sanad-observatory")


def test_the_stubs_are_those_of_the_compiled_part(tmp_path):
    pytest.importorskip("mypy")
    run("-m", "mypy.stubtest", "sanad._sanad", "--ignore-missing-stub", cwd=tmp_path)


def test_the_package_and_a_user_of_it_pass_mypy_strict(tmp_path):
    pytest.importorskip("mypy")
    user = tmp_path / "user.py"
    user.write_text(
        "import sanad\n"
        "def skill(case: sanad.Case) -> float:\n"
        "    draws = case.forecast('adm1', draws=10).draws.to_csv()\n"
        "    return float(sanad.crps([[0.0, 2.0]], [1.0]).mean()) + len(draws)\n"
    )
    run("-m", "mypy", "--strict", "-p", "sanad", cwd=tmp_path)
    run("-m", "mypy", "--strict", user, cwd=tmp_path)
    wrong = tmp_path / "wrong.py"
    wrong.write_text("import sanad\nsanad.Case('x').panel('adm9', '2019-01', '2019-02')\n")
    with pytest.raises(AssertionError, match="arg-type"):
        run("-m", "mypy", "--strict", wrong, cwd=tmp_path)


def documented():
    for name in sanad.__all__:
        item = getattr(sanad, name)
        if name == "__version__":
            continue
        yield name, item
        if inspect.isclass(item) and item.__module__.startswith("sanad") and not issubclass(item, Exception):
            members = [(key, value) for key, value in vars(item).items() if not key.startswith("_")]
            yield from ((f"{name}.{key}", value) for key, value in members)


@pytest.mark.parametrize(("name", "item"), list(documented()), ids=[name for name, _ in documented()])
def test_everything_has_a_docstring(name, item):
    assert (inspect.getdoc(item) or "").strip(), name


def test_all_that_is_compiled_can_be_imported_from_the_package():
    inside = {name for name in dir(_sanad) if not name.startswith("_")} - {"VERSION", "run_program"}
    assert inside <= set(sanad.__all__)


def test_the_program_is_on_the_path(tmp_path):
    program = Path(sys.executable).parent / "sanad"
    out = tmp_path / "brief.html"
    done = subprocess.run([program, "brief", CASE, "--quick", "--out", out], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert out.read_text().startswith("<!")
