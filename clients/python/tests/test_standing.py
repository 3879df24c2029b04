"""Standing retrievals on a running system: commits to a table of the test's own start runs."""

from __future__ import annotations

import datetime as dt
import os
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from firn import Firn, NotFound, RequestRefused, StandingSuspended

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif("PYICEBERG_CATALOG__ICEBERG__URI" not in os.environ, reason="no catalog for PyIceberg"),
]
IDS = {"user_id": [1, 2]}


class Table:
    """A table of the test's own, and a view of it."""

    def __init__(self, firn: Firn) -> None:
        from pyiceberg.catalog import load_catalog

        self.name = f"package_visits_{uuid.uuid4().hex[:8]}"
        self._catalog: Any = load_catalog("iceberg")
        self._table = self._catalog.create_table(f"gold.{self.name}", self._rows(1).schema)
        self.append(1)
        firn.register(
            name=self.name,
            entities=["user_id"],
            features={"visits": "int64"},
            table=f"iceberg.gold.{self.name}",
            timestamp_field="seen_at",
        )
        self.features = [f"{self.name}:visits"]

    @staticmethod
    def _rows(visits: int) -> pa.Table:
        seen = dt.datetime(2024, 1, 1) + dt.timedelta(days=visits)
        return pa.table({"user_id": [1], "visits": [visits], "seen_at": [seen]})

    def append(self, visits: int) -> None:
        self._table.append(self._rows(visits))

    def drop(self) -> None:
        self._catalog.drop_table(f"gold.{self.name}")
        # PyIceberg leaves its connection to the catalog open
        self._catalog.engine.dispose()


@pytest.fixture
def table(firn: Firn) -> Iterator[Table]:
    made = Table(firn)
    yield made
    firn.drop(made.name)
    made.drop()


def test_blocks_until_the_next_refresh(firn: Firn, table: Table) -> None:
    standing = firn.standing(table.name, IDS, table.features)
    seen: list[list[int | None]] = []
    first = threading.Event()

    def follow() -> None:
        for run in standing:
            seen.append(run.to_arrow()["visits"].to_pylist())
            first.set()

    thread = threading.Thread(target=follow)
    thread.start()
    assert first.wait(60)
    table.append(7)
    for run in firn.standing(table.name):
        assert run.to_arrow()["visits"].to_pylist() == [7, None]
        break
    assert standing.status == "ACTIVE"
    assert table.name in [one["standing_id"] for one in firn.standing_retrievals()]
    latest = standing.latest()
    assert latest is not None
    assert latest.result.standing_id == table.name
    standing.cancel()
    thread.join(60)
    assert not thread.is_alive()
    assert seen == [[1, None], [7, None]]
    assert list(standing) == []


def test_follows_what_changed(firn: Firn, table: Table) -> None:
    standing = firn.standing(table.name, None, table.features)
    rows, seen = None, None
    for run in standing:
        changes = run.changes()
        rows = changes.applied_to(rows, seen)
        assert rows == run.to_arrow()
        if seen is not None:
            assert (changes.since, changes.updated, changes.added, changes.removed) == (seen, 1, 0, 0)
            assert changes.to_arrow()["_change_type"].to_pylist() == ["UPDATE_AFTER"]
            break
        assert changes.is_reset
        seen = run.id
        table.append(7)
    standing.cancel()


def test_gives_the_first_run_of_a_changed_definition(firn: Firn, table: Table) -> None:
    standing = firn.standing(table.name, IDS, table.features)
    first = next(iter(standing))
    changed = firn.standing(table.name, {"user_id": [1]}, table.features)
    second = next(iter(changed))
    assert second.id != first.id
    assert second.result.rows == 1
    changed.cancel()


@pytest.mark.filterwarnings("ignore:Run .* failed:firn.FirnWarning")
def test_says_why_it_does_not_run(firn: Firn, table: Table) -> None:
    with pytest.raises(RequestRefused) as refused:
        firn.standing("not an id", IDS, table.features)
    assert refused.value.code == "INVALID_REQUEST_ID"
    standing = firn.standing(table.name, IDS, [f"{table.name}:nothing"])
    with pytest.raises(StandingSuspended, match="UNKNOWN_FEATURE"):
        next(iter(standing))
    standing.cancel()


def test_keeps_rows_of_this_process(firn: Firn, table: Table) -> None:
    labels = pa.table({"user_id": [1, 2], "at": [dt.datetime(2024, 1, 3)] * 2, "city": ["Bern", "Chur"]})
    standing = firn.standing(table.name, labels, table.features, timestamp_column="at")
    seen = []
    for run in standing:
        seen.append(run.to_arrow())
        if len(seen) == 2:
            break
        table.append(2)
    assert [one["visits"].to_pylist() for one in seen] == [[1, None], [2, None]]
    assert seen[1].select(["user_id", "city"]) == labels.select(["user_id", "city"])
    # the same rows are the same definition: nothing runs
    again = firn.standing(table.name, labels, table.features, timestamp_column="at")
    assert again.record["runs"] == 2
    standing.cancel()


def test_does_not_know_others_ids(firn: Firn, table: Table) -> None:
    with pytest.raises(NotFound, match="UNKNOWN_STANDING_RETRIEVAL"):
        firn.standing(table.name)
