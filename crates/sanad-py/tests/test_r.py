"""The CSV way from R, as docs/r.md writes it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CASE, ROOT


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="there is no Rscript")
def test_the_csv_way_runs_in_r(case, tmp_path):
    text = (ROOT / "docs" / "r.md").read_text()
    code = re.search(r"```r\n(.*?)```", text, re.DOTALL).group(1)
    assert '"levels", "cases/pakistan"' in code
    script = tmp_path / "guide.R"
    script.write_text(code + '\ncat(nrow(levels), sum(is.na(fronts$index)), "\\n")\n')
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(["Rscript", script], cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    months = case.levels("months", first="2019-01", last="2019-12")
    assert f"\n{len(months)} " in done.stdout
    total = sum(row["country_deaths"] for row in months.to_dicts())
    assert f"[1] {total:g}" in done.stdout
