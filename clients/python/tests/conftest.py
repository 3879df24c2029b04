"""Tests with the mark `stack` run on a real system; the others need none."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from faults import FaultyServer
from firn import Firn

pytest_plugins = ["skips", "feast_tables", "feast_fakes"]
TABLE = "iceberg.gold.customer_aggregates"
VIEW = "customer_features_package"


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
