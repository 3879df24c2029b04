"""Rows of a table as queries of Trino.

Each is one query, which reads one snapshot. So none names a snapshot: `FOR VERSION AS OF` would read the columns that
the table had then, under the names that they had then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from feast.data_source import DataSource
from feast.feature_view import DUMMY_ENTITY_ID, DUMMY_ENTITY_VAL
from feast.repo_config import RepoConfig

from ._config import client, settings
from ._source import FirnSource, table_of
from ._tables import found_in
from ._trino import Trino, quoted, quoted_table, text_literal, time_literal

if TYPE_CHECKING:
    pass

LATEST = "_firn_row"
MAX_OFFSET = timedelta(days=1)


class SourceRows:
    """The rows of a source between two times, both included.

    :param times: the event timestamp and, if there is one, the created timestamp
    :raises ValueError: if there is no such table or event timestamp
    """

    def __init__(self, config: RepoConfig, source: DataSource, times: Sequence[str]) -> None:
        store = settings(config)
        self._table = table_of(config, source)
        if store.trino is None:
            raise ValueError(f"rows of {self._table} are read by Trino: set offline_store.trino in feature_store.yaml")
        with Trino(store.trino) as trino:
            schema = trino.schema(self._table)
        if schema is None or found_in(schema, times[0]) is None:
            missing = "is not there" if schema is None else f"has no column '{times[0]}'"
            raise ValueError(f"source '{source.name}': the table {self._table} {missing}")
        self._schema = schema
        self._times = times
        self._zone = _zone_of(config, source) if any(self._is_zoneless(one) for one in times) else None

    def all(self, keys: Sequence[str], features: Sequence[str], start: datetime | None, end: datetime | None) -> str:
        return f"SELECT {self._selected(keys, features)} FROM {quoted_table(self._table)}{self._between(start, end)}"

    def latest(self, keys: Sequence[str], features: Sequence[str], start: datetime, end: datetime) -> str:
        """The latest row of each key; of those with one event timestamp, the one that was created last."""
        partition = f"PARTITION BY {', '.join(self._column(one) for one in keys)} " if keys else ""
        order = ", ".join(f"{self._column(one)} DESC NULLS LAST" for one in self._times)
        numbered = (
            f"SELECT *, row_number() OVER ({partition}ORDER BY {order}) AS {LATEST} "
            f"FROM {quoted_table(self._table)}{self._between(start, end)}"
        )
        return f"SELECT {self._selected(keys, features)} FROM ({numbered}) WHERE {LATEST} = 1"

    def _selected(self, keys: Sequence[str], features: Sequence[str]) -> str:
        """The columns under the names that were asked for. Without features, all: a transformation needs them."""
        asked = {one.lower() for one in (*keys, *self._times)}
        wanted = features or [one for one in self._schema.names if one.lower() not in asked]
        columns = []
        for name in dict.fromkeys((*keys, *wanted, *self._times)):
            column = self._column(name)
            columns.append(column if column == quoted(name) else f"{column} AS {quoted(name)}")
        if not keys:
            # by which Feast materializes a view without entities
            columns.append(f"{text_literal(DUMMY_ENTITY_VAL)} AS {quoted(DUMMY_ENTITY_ID)}")
        return ", ".join(columns)

    def _between(self, start: datetime | None, end: datetime | None) -> str:
        import pyarrow as pa

        name = self._times[0]
        limits = [(">=", start, -MAX_OFFSET), ("<=", end, MAX_OFFSET)]
        conditions = []
        for sign, at, offset in limits:
            if at and self._is_moved(name):
                # Trino prunes files by the column as it is, so this comes first, as far off as a zone can be
                conditions.append(f"{self._plain(name)} {sign} {time_literal(_shifted(at, offset), self._type(name))}")
                conditions.append(f"{self._column(name)} {sign} {time_literal(at, pa.timestamp('us', 'UTC'))}")
            elif at:
                conditions.append(f"{self._column(name)} {sign} {time_literal(at, self._type(name))}")
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    def _column(self, name: str) -> str:
        """The column; a time without a zone as the instant that it is in the view's zone.

        From text, Trino takes the earlier of two offsets, as Firn does; with_timezone() takes the later one in Europe.
        """
        plain = self._plain(name)
        if not self._is_moved(name):
            return plain
        digits = 9 if self._type(name).unit == "ns" else 6
        text = f"CAST({plain} AS varchar) || {text_literal(f' {self._zone}')}"
        return f"CAST({text} AS timestamp({digits}) with time zone)"

    def _plain(self, name: str) -> str:
        field = found_in(self._schema, name)
        return quoted(name if field is None else field.name)

    def _is_moved(self, name: str) -> bool:
        return bool(self._zone) and name in self._times and self._is_zoneless(name)

    def _is_zoneless(self, name: str) -> bool:
        import pyarrow as pa

        kind = self._type(name)
        return kind is not None and pa.types.is_timestamp(kind) and kind.tz is None

    def _type(self, name: str) -> Any:
        field = found_in(self._schema, name)
        return None if field is None else field.type


def _zone_of(config: RepoConfig, source: DataSource) -> str | None:
    """The zone of the view of Firn that a source stands for; None: UTC.

    :raises FirnError: if the view cannot be looked up
    """
    if isinstance(source, FirnSource) and source.firn_view:
        return client(config).view(source.firn_view).timestamp_zone
    return None


def _shifted(at: datetime, by: timedelta) -> datetime:
    try:
        return at + by
    except OverflowError:
        return at
