"""The rows that Feast's users ask features for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from feast.errors import EntityTimestampInferenceException, FeastEntityDFMissingColumnsError
from feast.infra.offline_stores.offline_utils import DEFAULT_ENTITY_DF_EVENT_TIMESTAMP_COL as DEFAULT_TIMESTAMP

from .._errors import Violation
from .._types import refused

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def timestamp_column(schema: pa.Schema) -> str:
    """`event_timestamp`, or the only column of times.

    :raises EntityTimestampInferenceException: if there is neither
    """
    import pyarrow as pa

    if DEFAULT_TIMESTAMP in schema.names:
        return DEFAULT_TIMESTAMP
    times = [one.name for one in schema if pa.types.is_timestamp(one.type)]
    if len(times) != 1:
        raise EntityTimestampInferenceException(DEFAULT_TIMESTAMP)
    return str(times[0])


def require_columns(schema: pa.Schema, keys: Collection[str]) -> None:
    """:raises FeastEntityDFMissingColumnsError: naming every join key that is not there"""
    missing = sorted(set(keys) - set(schema.names))
    if missing:
        raise FeastEntityDFMissingColumnsError(sorted(keys), missing)  # type: ignore[no-untyped-call]


def arrow_of(entities: Any) -> pa.Table:
    """A frame as Arrow. Times that are text are parsed, as Feast's own stores do it.

    :raises InvalidFrame: naming the columns that cannot be sent
    """
    import pandas as pd
    import pyarrow as pa

    from .. import _pandas

    if isinstance(entities, pd.DataFrame):
        return _pandas.to_arrow(_with_times(entities))
    if hasattr(entities, "__arrow_c_stream__"):
        return pa.table(entities)
    raise TypeError(f"entity_df must be a DataFrame or a query, got {type(entities).__name__}")


def _with_times(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    if list(frame.columns).count(DEFAULT_TIMESTAMP) != 1:
        return frame
    column = frame[DEFAULT_TIMESTAMP]
    if pd.api.types.infer_dtype(column, skipna=True) != "string":
        return frame
    try:
        return frame.assign(**{DEFAULT_TIMESTAMP: pd.to_datetime(column, utc=True, format="ISO8601")})
    except ValueError as e:
        message = f"Column '{DEFAULT_TIMESTAMP}' holds text that is not a time in ISO 8601: {e}"
        raise refused([Violation("SPINE_VALUE_INVALID", message, DEFAULT_TIMESTAMP)]) from e


def bounds(table: pa.Table, column: str) -> tuple[datetime | None, datetime | None]:
    """The first and the last time."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_timestamp(table.schema.field(column).type):
        return None, None
    found = pc.min_max(table[column])
    return _datetime(found["min"]), _datetime(found["max"])


def _datetime(scalar: Any) -> datetime | None:
    import pyarrow as pa

    value = scalar.cast(pa.timestamp("us", scalar.type.tz), safe=False).as_py()
    return value if isinstance(value, datetime) else None
