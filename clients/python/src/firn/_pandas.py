"""pandas frames as Arrow and back. Imported only when a frame of pandas is there or wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from ._errors import Violation, warn
from ._types import refused, unsupported

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

DtypeBackend = Literal["pyarrow", "numpy_nullable", "numpy"]


def to_arrow(frame: pd.DataFrame) -> pa.Table:
    """Without the index. NaT, pd.NA and, in columns of objects, NaN are nulls.

    :raises InvalidFrame: naming every column that holds objects of no one type
    """
    import pandas as pd
    import pyarrow as pa

    if not _is_plain(frame.index):
        warn(
            "The index of the frame is dropped; the rows of the result are in the frame's order. "
            "To keep it as a column, call reset_index() first."
        )
    names, arrays, problems = [], [], []
    for position, name in enumerate(frame.columns):
        series = frame.iloc[:, position]
        text = str(name)
        names.append(text)
        try:
            arrays.append(pa.array(_instants(series, pd), from_pandas=True))
        except _MixedZonesError as e:
            problems.append(Violation("SPINE_COLUMN_TYPE", f"Column '{text}' {e}", text))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError, ValueError) as e:
            what = "objects of different types" if series.dtype.kind == "O" else str(series.dtype)
            problems.append(unsupported(text, f"{what} ({e})"))
    if problems:
        raise refused(problems)
    # a chunked array is what pandas' own Arrow columns give
    return pa.Table.from_arrays(
        [a if isinstance(a, pa.ChunkedArray) else pa.chunked_array([a]) for a in arrays], names=names
    )


def from_arrow(table: pa.Table, dtypes: Mapping[str, Any], backend: DtypeBackend) -> pd.DataFrame:
    """:param dtypes: of the columns that keep theirs"""
    import pandas as pd

    mappers = {"pyarrow": pd.ArrowDtype, "numpy_nullable": _nullable(pd).get, "numpy": None}
    if backend not in mappers:
        raise ValueError(f"dtype_backend must be one of {', '.join(mappers)}, not '{backend}'")
    kept = [name for name in table.column_names if name in dtypes]
    frame: pd.DataFrame = table.drop_columns(kept).to_pandas(types_mapper=mappers[backend])
    for position, name in enumerate(table.column_names):
        if name in dtypes:
            frame.insert(position, name, _series(table[name], dtypes[name], pd))
    return frame


def _series(column: pa.ChunkedArray, dtype: Any, pd: Any) -> Any:
    """The column with the dtype that it had in the frame."""
    import pyarrow as pa

    if isinstance(dtype, pd.CategoricalDtype):
        return column.to_pandas().astype(dtype)
    if hasattr(dtype, "__from_arrow__"):
        return pd.Series(dtype.__from_arrow__(column))
    if dtype.kind == "O":
        if pa.types.is_timestamp(column.type):
            # times of several zones have become one column in UTC
            return column.to_pandas()
        is_text = pa.types.is_string(column.type)
        values = column.to_numpy() if is_text else column.to_pandas(integer_object_nulls=True)
        return pd.Series(values, dtype=object)
    return column.to_pandas().astype(dtype)


def _nullable(pd: Any) -> dict[Any, Any]:
    import pyarrow as pa

    return {
        pa.int8(): pd.Int8Dtype(),
        pa.int16(): pd.Int16Dtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
        pa.float32(): pd.Float32Dtype(),
        pa.float64(): pd.Float64Dtype(),
        pa.string(): pd.StringDtype(),
    }


def _is_plain(index: pd.Index[Any]) -> bool:
    import pandas as pd

    return isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1 and index.name is None


class _MixedZonesError(Exception):
    pass


def _instants(series: Any, pd: Any) -> Any:
    """Objects that are datetimes of several zones become one column in UTC, with their nanoseconds."""
    if series.dtype.kind != "O" or pd.api.types.infer_dtype(series, skipna=True) not in (
        "datetime",
        "datetime64",
    ):
        return series
    zoned = {getattr(value, "tzinfo", None) is not None for value in series.dropna()}
    if zoned == {True, False}:
        raise _MixedZonesError("mixes times with and without a zone; give all of them one.")
    return pd.to_datetime(series, utc=True) if zoned == {True} else pd.to_datetime(series)
