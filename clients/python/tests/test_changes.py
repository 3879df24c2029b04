"""Changes of a run without a system: what is made of them."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from firn import Changes
from firn._changes import applied

DELTA = {"kind": "DELTA", "since_request_id": "daily.r1.0", "rows_updated": 1, "rows_added": 1, "rows_removed": 1}
ROWS = pa.table({"id": [1, 2, 3], "visits": [10, 20, None]})
CHANGES = pa.table(
    {
        "_change_type": ["DELETE", "INSERT", "UPDATE_AFTER"],
        "_row_number": [0, 0, 2],
        "id": [1, 0, 3],
        "visits": [None, 5, 31],
    }
)
NEW = {"id": [0, 2, 3], "visits": [5, 20, 31]}


def whole() -> pa.Table:
    return pa.table({"id": [7], "visits": [70]})


def test_applies_changes_to_the_rows_that_they_start_from() -> None:
    changes = Changes(DELTA, lambda: CHANGES, whole)
    assert changes.applied_to(ROWS, "daily.r1.0").to_pydict() == NEW
    assert changes.to_df().shape == (3, 4)
    assert repr(changes) == "Changes(since 'daily.r1.0': 1 updated, 1 added, 1 removed)"


@pytest.mark.parametrize("run", [None, "daily.r0.0"])
def test_reads_the_whole_result_if_the_changes_start_elsewhere(run: str | None) -> None:
    assert Changes(DELTA, lambda: CHANGES, whole).applied_to(ROWS, run) == whole()


@pytest.mark.parametrize("raw", [None, {"kind": "RESET", "reset_reason": "its rows changed"}])
def test_shows_a_reset(raw: dict[str, str] | None) -> None:
    changes = Changes(raw, lambda: CHANGES, whole)
    assert changes.is_reset
    assert changes.applied_to(ROWS, "daily.r1.0") == whole()
    with pytest.raises(ValueError, match="whole result"):
        changes.to_arrow()


def test_applies_random_changes() -> None:
    for seed in range(50):
        chance = random.Random(seed)
        before = [(key, chance.randrange(3)) for key in range(20) if chance.random() < 0.7]
        after = [(key, chance.randrange(3)) for key in range(20) if chance.random() < 0.7]
        old, new = dict(before), dict(after)
        listed: list[tuple[str, int, int, int | None]]
        listed = [("DELETE", n, key, None) for n, (key, _) in enumerate(before) if key not in new]
        listed += [("INSERT", n, key, value) for n, (key, value) in enumerate(after) if key not in old]
        listed += [
            ("UPDATE_AFTER", n, key, value) for n, (key, value) in enumerate(after) if old.get(key, value) != value
        ]
        chance.shuffle(listed)
        types = [pa.string(), pa.int64(), pa.int64(), pa.int64()]
        columns = [pa.array([row[c] for row in listed], types[c]) for c in range(4)]
        changes = pa.Table.from_arrays(columns, ["_change_type", "_row_number", "id", "visits"])
        rows = pa.table({"id": [key for key, _ in before], "visits": [value for _, value in before]})
        found = applied(rows.cast(pa.schema([("id", pa.int64()), ("visits", pa.int64())])), changes)
        assert list(zip(found["id"].to_pylist(), found["visits"].to_pylist(), strict=True)) == after, seed
