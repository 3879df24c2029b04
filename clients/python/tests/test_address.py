"""Where the client looks for Firn if it is not told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from firn import Firn

VARIABLES = ("FIRN_URL", "FIRN_GATEWAY_URL", "FIRN_STACK", "FIRN_NAMESPACE", "FIRN_TOKEN", "FIRN_TOKEN_FILE")


@pytest.fixture(autouse=True)
def without_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def url() -> str:
    with Firn() as firn:
        return firn.url


def stack(folder: Path, port: int, namespace: str = "firn") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"firn-{namespace}.properties").write_text(f"#Firn\nfirn.gateway.port={port}\nfirn.namespace=x\n")


def test_prefers_its_own_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRN_GATEWAY_URL", "http://second:2")
    assert url() == "http://second:2"
    monkeypatch.setenv("FIRN_URL", "https://first/firn/")
    assert url() == "https://first/firn"


def test_finds_the_stack_of_a_folder_above(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stack(tmp_path / ".firn", 4711)
    below = tmp_path / "notebooks" / "mine"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert url() == "http://127.0.0.1:4711"


def test_finds_the_stack_and_namespace_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stack(tmp_path / ".firn", 1)
    stack(tmp_path / "other", 2, "test")
    monkeypatch.setenv("FIRN_STACK", str(tmp_path / "other"))
    monkeypatch.setenv("FIRN_NAMESPACE", "test")
    assert url() == "http://127.0.0.1:2"


def test_uses_the_default_port_otherwise() -> None:
    assert url() == "http://127.0.0.1:8088"


def test_refuses_what_is_not_an_address() -> None:
    with pytest.raises(ValueError, match="must begin with http"):
        Firn("localhost:8088")
    with pytest.raises(ValueError, match="either token or token_file"):
        Firn(token="a", token_file="b")


def test_imports_in_little_time() -> None:
    script = (
        "import time; started = time.perf_counter(); import firn; took = time.perf_counter() - started; import sys;"
        "print(took, *({'httpx', 'pyarrow', 'pandas', 'polars', 'duckdb', 'tqdm'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script]
    runs = [subprocess.run(command, capture_output=True, check=True, text=True).stdout for _ in range(3)]
    seconds, *imported = min(runs).split()
    assert imported == []
    assert float(seconds) <= 0.3
