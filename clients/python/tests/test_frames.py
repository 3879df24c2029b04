"""What is sent of the rows that a caller gives, and what is refused before anything is sent."""

from __future__ import annotations

import datetime as dt
import decimal
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from firn import FirnWarning, InvalidFrame
from firn._spine import Spine, spine_of
from firn._types import restored


def spine(rows: Any) -> Spine:
    return spine_of(rows, "event_timestamp", {"customer_id": pa.int64()}.get)


def sent(rows: Any) -> pa.Table:
    made = spine(rows)
    assert made.rows is not None
    try:
        with made.rows.open() as file:
            return pq.read_table(file)
    finally:
        made.close()


def test_sends_nulls_for_what_pandas_calls_missing() -> None:
    frame = pd.DataFrame(
        {
            "a": pd.array([1, pd.NA], "Int64"),
            "b": pd.Series(["2024-01-01", None], dtype="datetime64[ns]"),
            "c": pd.Series([1, None], dtype=object),
            "d": pd.Series([pd.NA, "x"], dtype=object),
            "e": pd.Series([pd.NaT, pd.Timestamp("2024-01-01")], dtype=object),
            "f": pd.array([True, None], "boolean"),
        }
    )
    table = sent(frame)
    assert [column.null_count for column in table.columns] == [1] * 6
    assert table.schema.field("a").type == table.schema.field("c").type == pa.int64()


def there_and_back(rows: Any) -> pa.Table:
    """What comes back if Firn gives the columns back as they were sent."""
    made = spine(rows)
    batches = [restored(batch, made.given.schema) for batch in sent(rows).to_batches()]
    return pa.Table.from_batches(batches).unify_dictionaries()


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["b", "a"])])
def test_sends_categories_of_polars_and_gives_them_back(dtype: Any) -> None:
    frame = pl.DataFrame({"x": pl.Series(["a", None, "b", "a"], dtype=dtype)})
    assert sent(frame)["x"].to_pylist() == ["a", None, "b", "a"]
    assert sent(frame.slice(1, 2))["x"].to_pylist() == [None, "b"]
    back = pl.from_arrow(there_and_back(frame))
    assert isinstance(back, pl.DataFrame)
    assert back.schema["x"] == pl.Categorical
    assert back["x"].to_list() == ["a", None, "b", "a"]


def test_sends_categories_of_polars_within_columns() -> None:
    frame = pl.DataFrame(
        {
            "list": pl.Series([["a", None], None, [], ["b"]], dtype=pl.List(pl.Categorical)),
            "array": pl.Series([["a", "b"], None, ["b", "b"], ["a", None]], dtype=pl.Array(pl.Categorical, 2)),
            "struct": pl.Series([{"c": "a"}, None, {"c": None}, {"c": "b"}], dtype=pl.Struct({"c": pl.Categorical})),
        }
    )
    for rows in (frame, frame.slice(1, 3)):
        table = sent(rows)
        assert {name: table[name].to_pylist() for name in table.column_names} == rows.to_dict(as_series=False)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array(["a", None])), pa.string()),
        (pa.array([[1, 2], None, [], [None]], pa.list_view(pa.int64())), pa.list_(pa.int64())),
        (pa.array([decimal.Decimal("12300"), None], pa.decimal128(3, -2)), pa.decimal128(5, 0)),
    ],
)
def test_sends_what_parquet_has_no_form_for(column: pa.Array, kind: pa.DataType) -> None:
    table = sent(pa.table({"x": column}))
    assert table.schema.field("x").type.equals(kind)
    assert table["x"].to_pylist() == column.to_pylist()


@pytest.mark.parametrize("values", [[5, None, 6, 5], [dt.datetime(2024, 1, 1), None], [b"a", b"b"], [1.5, None]])
def test_gives_dictionaries_of_all_values_back(values: list[Any]) -> None:
    column = pa.array(values).dictionary_encode()
    back = there_and_back(pa.table({"x": column}))["x"]
    assert back.type == column.type
    assert back.to_pylist() == values


def test_says_that_it_drops_an_index_at_the_line_that_gave_it() -> None:
    frame = pd.DataFrame({"x": [1, 2]}, index=pd.Index(["a", "b"], name="who"))
    with pytest.warns(FirnWarning, match="reset_index") as caught:
        assert sent(frame).column_names == ["x"]
    assert Path(caught[0].filename).name == "test_frames.py"


def test_says_nothing_about_an_index_that_only_counts() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sent(pd.DataFrame({"x": [1, 2]})).num_rows == 2


def test_makes_times_of_several_zones_one_column_in_utc() -> None:
    berlin, utc = dt.timezone(dt.timedelta(hours=1)), dt.timezone.utc
    times = [pd.Timestamp("2024-01-01T01:00:00.000000001+01:00"), dt.datetime(2024, 1, 1, 2, tzinfo=berlin), None]
    table = sent(pd.DataFrame({"at": pd.Series(times, dtype=object)}))
    assert table.schema.field("at").type == pa.timestamp("ns", "UTC")
    assert table["at"].cast(pa.int64()).to_pylist() == [1704067200000000001, 1704070800000000000, None]
    assert table["at"][1].as_py() == pd.Timestamp(2024, 1, 1, 1, tz=utc)


def test_refuses_columns_by_name_all_at_once() -> None:
    frame = pd.DataFrame(
        {
            "mixed": [1, "a"],
            "half_zoned": [dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)],
            "anything": [object(), object()],
            "fine": [1, 2],
        },
        dtype=object,
    )
    with pytest.raises(InvalidFrame) as caught:
        sent(frame)
    assert [one.field for one in caught.value.violations] == ["mixed", "half_zoned", "anything"]
    assert {one.code for one in caught.value.violations} == {"SPINE_COLUMN_TYPE"}


def test_refuses_periods_and_intervals() -> None:
    frame = pd.DataFrame({"p": pd.period_range("2024", periods=2, freq="M"), "i": pd.interval_range(0, 2)})
    with pytest.raises(InvalidFrame) as caught:
        sent(frame)
    assert [one.field for one in caught.value.violations] == ["p", "i"]


@pytest.mark.parametrize("as_frame", [True, False])
def test_refuses_two_columns_of_one_name(as_frame: bool) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(InvalidFrame, match="COLUMN_COLLISION") as caught:
        sent(pd.DataFrame([[1, 2]], columns=["a", "a"]) if as_frame else table)
    assert caught.value.violations[0].field == "a"


def test_refuses_a_time_that_is_finer_than_firns() -> None:
    with pytest.raises(InvalidFrame, match=r"'at'.*time64"):
        sent(pa.table({"at": pa.array([1], pa.time64("ns"))}))
    with pytest.raises(InvalidFrame, match="decimal256"):
        sent(pa.table({"amount": pa.array([decimal.Decimal(1)], pa.decimal256(50, 0))}))


def test_gives_columns_without_values_the_types_of_the_key_and_the_time() -> None:
    table = sent(pd.DataFrame({"customer_id": [], "event_timestamp": [], "note": []}, dtype=object))
    assert table.schema.types == [pa.int64(), pa.timestamp("us", "UTC"), pa.string()]


def test_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sent(pd.DataFrame({"x": [1]}))
    with pytest.raises(InvalidFrame):
        sent(pa.table({"at": pa.array([1], pa.time64("ns"))}))
    assert list(tmp_path.iterdir()) == []


def test_recognises_what_is_given(tmp_path: Path) -> None:
    csv = tmp_path / "labels.2024.csv"
    csv.write_text("customer_id\n1\n")
    made = spine(str(csv))
    assert made.rows is not None
    assert made.rows.media_type == "text/csv"
    assert spine("iceberg.gold.spine").request == {"kind": "TABLE", "table": "iceberg.gold.spine"}
    assert spine("s3://lake/spines/").request == {"kind": "PARQUET", "locations": ["s3://lake/spines/"]}
    assert spine(["s3://lake/a.csv"]).request == {"kind": "CSV", "locations": ["s3://lake/a.csv"]}
    assert spine(None).request == {"kind": "ALL"}


@pytest.mark.parametrize(
    ("ids", "texts"),
    [
        (np.array([1, 2]), ["1", "2"]),
        (["NaN", None, float("nan"), np.float64("nan"), pd.NA, pd.NaT], ["NaN", *[None] * 5]),
        (pd.Series([1, None], dtype="Int64"), ["1", None]),
        (pd.Series([pd.Timestamp("2024-01-01"), pd.NaT]), ["2024-01-01 00:00:00", None]),
        (np.array(["2024-01-01", "NaT"], "datetime64[s]"), ["2024-01-01T00:00:00", None]),
        (pa.array([1, None]), ["1", None]),
        (pa.chunked_array([[True], [None]]), ["True", None]),
        (pl.Series([1, None]), ["1", None]),
        ([b"\x01\xff", bytearray(b"a"), np.bytes_(b"b")], ["01ff", "61", "62"]),
    ],
)
def test_sends_ids_as_text_and_missing_ones_as_null(ids: Any, texts: list[str | None]) -> None:
    assert spine({"key": ids}).request == {"kind": "IDS", "columns": ["key"], "rows": [[one] for one in texts]}


@pytest.mark.parametrize("ids", ["ab", b"ab", bytearray(b"ab"), 7, {"a": 1}, pd.DataFrame({"a": [1]}), [[1], [2]]])
def test_refuses_what_is_no_list_of_ids(ids: Any) -> None:
    with pytest.raises(TypeError, match="'customer_id'"):
        spine({"customer_id": ids})


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ("nowhere.parquet", FileNotFoundError),
        (Path("/"), FileNotFoundError),
        (Path(__file__), ValueError),
        (["s3://a.csv", "s3://b.parquet"], ValueError),
        ({"a": [1], "b": []}, ValueError),
        (pd.Series([1]), TypeError),
        (7, TypeError),
    ],
)
def test_refuses_what_is_no_rows(rows: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        spine(rows)
