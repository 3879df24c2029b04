"""What features are asked for: rows of this process, a file, files on S3, a table, ids, or all entities."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._http import Rows
from ._types import convert, sent_schema

if TYPE_CHECKING:
    import pyarrow as pa

PARQUET = "application/vnd.apache.parquet"
CSV = "text/csv"
TIMESTAMP_COLUMN = "event_timestamp"
MAX_ROWS_PER_BATCH = 64 * 1024
_BYTES = (bytes, bytearray, memoryview)
_TABLE = re.compile(r"[^./\\:\s]+\.[^./\\:\s]+\.[^./\\:\s]+")


@dataclass(frozen=True)
class Given:
    """The types of the rows that were sent, to give them back: of Arrow, and the dtypes of a frame of pandas."""

    schema: pa.Schema | None = None
    dtypes: Mapping[str, Any] = field(default_factory=dict)

    def only(self, names: Collection[str]) -> Given:
        """Without the columns that do not come back: a feature may have the name of one."""
        import pyarrow as pa

        return Given(
            None if self.schema is None else pa.schema([one for one in self.schema if one.name in names]),
            {name: dtype for name, dtype in self.dtypes.items() if name in names},
        )


@dataclass
class Spine:
    """What goes into the request, and the rows to upload if they are of this process."""

    request: dict[str, Any]
    rows: Rows | None = None
    given: Given = field(default_factory=Given)
    close: Callable[[], None] = lambda: None


def spine_of(
    what: Any,
    timestamp_column: str,
    key_type: Callable[[str], pa.DataType | None],
    columns: Collection[str] = (),
) -> Spine:
    """Recognises what the caller gives.

    :param columns: the columns that come back; none: all
    :param key_type: the Arrow type of a join key, for a column of the rows that has no type because it has no values
    """
    if what is None:
        return Spine({"kind": "ALL"})
    if isinstance(what, Mapping):
        return _ids(what)
    if isinstance(what, os.PathLike):
        return _file(Path(what))
    if isinstance(what, str):
        return _named(what)
    if isinstance(what, (list, tuple)) and what and all(isinstance(one, str) and "://" in one for one in what):
        return _stored(what)
    spine = _rows(what, timestamp_column, key_type)
    return replace(spine, given=spine.given.only(columns)) if columns else spine


def range_spine(rows: Any, start: str | None, end: str | None) -> Spine:
    """Every state of the views between two instants, both included; None leaves that end open."""
    if rows is not None:
        raise ValueError("start and end ask for every state of the views between them; give them without rows")
    return Spine({"kind": "RANGE", **{name: at for name, at in (("start", start), ("end", end)) if at}})


def _named(text: str) -> Spine:
    if "://" in text:
        return _stored([text])
    if _TABLE.fullmatch(text) and not os.path.exists(text):
        return Spine({"kind": "TABLE", "table": text})
    return _file(Path(text))


def _stored(locations: Sequence[str]) -> Spine:
    kinds = {"CSV" if one.lower().endswith(".csv") else "PARQUET" for one in locations}
    if len(kinds) > 1:
        raise ValueError("the locations are of CSV and of Parquet files; give those of one kind")
    return Spine({"kind": kinds.pop(), "locations": list(locations)})


def _file(path: Path) -> Spine:
    suffix = path.suffix.lower()
    if not path.is_file():
        what = "a folder" if path.is_dir() else "not there"
        raise FileNotFoundError(
            f"'{path}' is {what}. Give a Parquet or CSV file, an s3:// location, or a table as catalog.schema.table"
        )
    if suffix not in (".parquet", ".pq", ".csv"):
        raise ValueError(f"the name of '{path}' must end in .parquet, .pq or .csv, which says what kind of file it is")
    return Spine({}, Rows(lambda: path.open("rb"), CSV if suffix == ".csv" else PARQUET))


def _ids(columns: Mapping[str, Any]) -> Spine:
    values = [_id_texts(name, column) for name, column in columns.items()]
    if not values or len({len(column) for column in values}) != 1:
        raise ValueError("ids are one list for each join key, all of one length: {'customer_id': [1, 2]}")
    return Spine({"kind": "IDS", "columns": list(columns), "rows": [list(row) for row in zip(*values, strict=True)]})


def _id_texts(name: str, column: Any) -> list[str | None]:
    # a frame and a mapping would give their names, not their values
    is_list = isinstance(column, Iterable) and not isinstance(column, (str, *_BYTES, Mapping))
    if not is_list or getattr(column, "ndim", 1) != 1:
        raise TypeError(f"the ids of '{name}' must be a list, array or series, got {type(column).__name__}")
    # Arrow's own scalars are never missing
    values = column.to_pylist() if hasattr(column, "to_pylist") else column
    return [_id_text(name, value) for value in values]


def _id_text(name: str, value: Any) -> str | None:
    """As Firn parses it: binary is hexadecimal. None, NaN, NaT and pd.NA are null."""
    if isinstance(value, _BYTES):
        return bytes(value).hex()
    if isinstance(value, Iterable) and not isinstance(value, str):
        raise TypeError(f"each id of '{name}' must be one value, got {type(value).__name__}")
    pandas = sys.modules.get("pandas")
    if value is None or (pandas is not None and value is pandas.NA):
        return None
    # only NaN and NaT differ from themselves
    return None if value != value else str(value)


def _rows(what: Any, timestamp_column: str, key_type: Callable[[str], pa.DataType | None]) -> Spine:
    reader, dtypes = _reader(what)
    schema = _with_key_types(sent_schema(reader.schema, timestamp_column), key_type)
    path = _written(reader, schema)
    return Spine({}, Rows(lambda: path.open("rb"), PARQUET), Given(reader.schema, dtypes), path.unlink)


def _written(reader: pa.RecordBatchReader, schema: pa.Schema) -> Path:
    """The rows as a temporary file of Parquet, written batch by batch."""
    import pyarrow.parquet as pq

    descriptor, name = tempfile.mkstemp(prefix="firn-", suffix=".parquet")
    os.close(descriptor)
    path = Path(name)
    try:
        with pq.ParquetWriter(path, schema, compression="zstd", store_schema=False) as writer:
            for batch in reader:
                writer.write_batch(convert(batch, schema))
    except BaseException:
        path.unlink()
        raise
    return path


def _with_key_types(schema: pa.Schema, key_type: Callable[[str], pa.DataType | None]) -> pa.Schema:
    """A column without values has no type of its own. As a key it must have the view's."""
    import pyarrow as pa

    for index, one in enumerate(schema):
        if pa.types.is_null(one.type):
            schema = schema.set(index, pa.field(one.name, key_type(one.name) or pa.string()))
    return schema


def _reader(what: Any) -> tuple[pa.RecordBatchReader, dict[str, Any]]:
    import pyarrow as pa

    module = type(what).__module__.partition(".")[0]
    if module == "pandas":
        if type(what).__name__ != "DataFrame":
            raise TypeError(f"give a DataFrame, not a {type(what).__name__}")
        from . import _pandas

        dtypes = {str(name): dtype for name, dtype in what.dtypes.items()}
        return _pandas.to_arrow(what).to_reader(MAX_ROWS_PER_BATCH), dtypes
    if module == "polars" and hasattr(what, "collect"):
        what = what.collect()
    if isinstance(what, pa.RecordBatch):
        what = pa.Table.from_batches([what])
    if isinstance(what, pa.Table):
        return what.to_reader(MAX_ROWS_PER_BATCH), {}
    if hasattr(what, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(what), {}
    raise TypeError(
        f"a {type(what).__name__} cannot be used as rows. Give a frame of pandas or Polars, an Arrow table or "
        "reader, a DuckDB relation, a path, an s3:// location, a table as catalog.schema.table, or ids as "
        "{'customer_id': [1, 2]}"
    )
