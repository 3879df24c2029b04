"""Skips tests without a running system, and tells the gate about each skip."""

from __future__ import annotations

import os

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not (os.environ.get("FIRN_URL") or os.environ.get("FIRN_GATEWAY_URL")):
        for item in items:
            if item.get_closest_marker("stack"):
                item.add_marker(pytest.mark.skip(reason='no system: eval "$(./firn status --env)" after ./firn sample'))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A skip is not a pass: the gate counts the lines of this file, and fails with CI=true if there are any."""
    skips = os.environ.get("FIRN_SKIPS")
    if not skips:
        return
    with open(skips, "a", encoding="utf-8") as file:
        for report in terminalreporter.stats.get("skipped", []):
            # of a test that is skipped, this is the path, the line and "Skipped: " with the reason
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            first = (reason.removeprefix("Skipped: ").splitlines() or ["no reason given"])[0]
            print(f"{report.nodeid}: {first}", file=file)
