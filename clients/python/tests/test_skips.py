"""Skips of these tests reach the gate, which reads them from the file of FIRN_SKIPS."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_notes_each_skip_with_its_reason(tmp_path: Path) -> None:
    skips = tmp_path / "skips"
    skips.write_text("before\n")
    environment = {name: value for name, value in os.environ.items() if name not in ("FIRN_URL", "FIRN_GATEWAY_URL")}
    environment |= {"FIRN_SKIPS": str(skips), "PYTHONPATH": "tests"}
    # the other fixtures import Feast, which takes seconds
    options = ["--noconftest", "-p", "skips", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-q", *options, "tests/test_notebook.py"]
    subprocess.run(command, cwd=Path(__file__).parents[1], env=environment, check=True, capture_output=True)
    before, skip, *others = skips.read_text().splitlines()
    assert before == "before"
    assert skip.startswith("tests/test_notebook.py::test_runs_from_top_to_bottom: no system")
    assert all("could not import" in one for one in others)
