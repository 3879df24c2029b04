"""What a run of a standing retrieval changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from ._pandas import DtypeBackend

CHANGE_TYPE = "_change_type"
ROW_NUMBER = "_row_number"


class Changes:
    """The rows that differ from the result of the run `since`, or a reset: then only the whole result is right.

    :param raw: the RunChanges of docs/events.md; None: the run wrote none, which is a reset too
    """

    def __init__(self, raw: dict[str, Any] | None, read: Callable[[], pa.Table], whole: Callable[[], pa.Table]) -> None:
        self.raw = raw or {}
        self._read = read
        self._whole = whole
        self.is_reset: bool = self.raw.get("kind") != "DELTA"
        self.reason: str = self.raw.get("reset_reason", "the run wrote no changes") if self.is_reset else ""
        self.since: str | None = self.raw.get("since_request_id")
        self.updated: int = self.raw.get("rows_updated", 0)
        self.added: int = self.raw.get("rows_added", 0)
        self.removed: int = self.raw.get("rows_removed", 0)

    def __repr__(self) -> str:
        if self.is_reset:
            return f"Changes(reset: {self.reason})"
        counts = f"{self.updated} updated, {self.added} added, {self.removed} removed"
        return f"Changes(since '{self.since}': {counts})"

    def to_arrow(self) -> pa.Table:
        """The rows that changed, with `_change_type` and `_row_number` before the columns of the result.

        :raises ValueError: for a reset
        """
        if self.is_reset:
            raise ValueError(f"The changes are a reset: {self.reason}. Read the whole result.")
        return self._read()

    def to_df(self, *, dtype_backend: DtypeBackend = "pyarrow") -> pd.DataFrame:
        """The rows that changed as pandas, see to_arrow."""
        from . import _pandas

        return _pandas.from_arrow(self.to_arrow(), {}, dtype_backend)

    def applied_to(self, rows: pa.Table | None, run_id: str | None) -> pa.Table:
        """The whole result of this run, from that of an earlier one.

        It is read in full if the changes are a reset, or start from another run: a loop over the runs may have left
        some out.

        :param rows: what the earlier run returned; None: none is there
        :param run_id: the id of the earlier run
        """
        if rows is None or self.is_reset or self.since != run_id:
            return self._whole()
        return applied(rows, self.to_arrow())


def applied(rows: pa.Table, changes: pa.Table) -> pa.Table:
    """The rows after the changes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def positions(kind: str) -> pa.ChunkedArray:
        return changes.filter(pc.equal(changes[CHANGE_TYPE], kind))[ROW_NUMBER]

    def without(table: pa.Table, column: pa.ChunkedArray, gone: pa.ChunkedArray) -> tuple[pa.Table, pa.ChunkedArray]:
        stays = pc.invert(pc.is_in(column, value_set=gone.combine_chunks()))
        return table.filter(stays), column.filter(stays)

    def numbers(count: int) -> pa.ChunkedArray:
        return pa.chunked_array([pa.array(range(count), pa.int64())])

    kept, _ = without(rows, numbers(rows.num_rows), positions("DELETE"))
    inserted = positions("INSERT")
    places = numbers(kept.num_rows + len(inserted))
    _, places = without(pa.table({ROW_NUMBER: places}), places, inserted)
    kept, places = without(kept, places, positions("UPDATE_AFTER"))
    new = changes.filter(pc.not_equal(changes[CHANGE_TYPE], "DELETE"))
    all_rows = pa.concat_tables([kept, new.select(rows.column_names).cast(rows.schema)])
    all_places = pa.chunked_array(places.chunks + new[ROW_NUMBER].chunks, pa.int64())
    return all_rows.take(pc.sort_indices(all_places))
