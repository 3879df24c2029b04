"""Tests with the mark `stack` run on a real system; the others need none."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest

from faults import FaultyServer
from firn import Firn

pytest_plugins = ["feast_tables", "feast_fakes"]
TABLE = "iceberg.gold.customer_aggregates"
VIEW = "customer_features_package"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not (os.environ.get("FIRN_URL") or os.environ.get("FIRN_GATEWAY_URL")):
        for item in items:
            if item.get_closest_marker("stack"):
                item.add_marker(pytest.mark.skip(reason='no system: eval "$(./firn status --env)" after ./firn sample'))


@pytest.fixture(scope="session")
def firn() -> Iterator[Firn]:
    with Firn() as client:
        client.register(
            name=VIEW,
            entities=["customer_id"],
            features={"total_orders": "int64", "avg_order_value": "float64"},
            table=TABLE,
            timestamp_field="updated_at",
        )
        yield client


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with FaultyServer() as running:
        yield running


@pytest.fixture
def nobody(server: FaultyServer) -> str:
    """An address where nobody listens."""
    server.close()
    return server.url


@pytest.fixture
def unknown_id() -> str:
    """An id under which nobody has asked: it has no outcome, however long one waits."""
    return f"never-asked-{uuid.uuid4()}"


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
