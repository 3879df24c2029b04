"""Retrievals on a running system with the tables of ./firn sample."""

from __future__ import annotations

import _thread
import datetime as dt
import decimal
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from conftest import TABLE, VIEW
from firn import (
    Firn,
    FirnError,
    FirnWarning,
    NotFound,
    RequestRefused,
    ResultExpired,
    RetrievalCancelled,
    RetrievalFailed,
    WaitTimeout,
)

pytestmark = pytest.mark.stack

FEATURES = [f"{VIEW}:total_orders"]
TIMES = [dt.datetime(1998, 8, 2), dt.datetime(1998, 8, 2), dt.datetime(1990, 1, 1)]


def labels() -> pa.Table:
    return pa.table({"customer_id": [1, 2, 1], "event_timestamp": TIMES, "label": [0.5, None, 1.0]})


def failure(firn: Firn, rows: Any, **options: Any) -> RetrievalFailed:
    with pytest.raises(RetrievalFailed) as caught:
        firn.get_historical_features(rows, FEATURES, **options).wait()
    return caught.value


@pytest.fixture(scope="session")
def expected(firn: Firn) -> list[int | None]:
    found: list[int | None] = firn.get_historical_features(labels(), FEATURES).to_arrow()["total_orders"].to_pylist()
    assert found[0] is not None
    assert found[2] is None
    return found


@pytest.fixture(params=["pandas", "polars", "lazy", "table", "reader", "duckdb", "parquet", "csv"])
def rows(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    table = labels()
    if request.param in ("parquet", "csv"):
        path = tmp_path / f"labels.{request.param}"
        pq.write_table(table, path) if request.param == "parquet" else pyarrow.csv.write_csv(table, path)
        yield path
    else:
        made: dict[str, Callable[[], Any]] = {
            "pandas": lambda: table.to_pandas(),
            "polars": lambda: pl.from_arrow(table),
            "lazy": lambda: pl.DataFrame(table).lazy(),
            "table": lambda: table,
            "reader": lambda: table.to_reader(),
            "duckdb": lambda: duckdb.from_arrow(table),
        }
        yield made[request.param]()


def test_takes_rows_of_every_kind(firn: Firn, rows: Any, expected: list[int | None]) -> None:
    types = {"label": "float64"} if isinstance(rows, Path) and rows.suffix == ".csv" else {}
    result = firn.get_historical_features(rows, FEATURES, column_types=types).to_arrow()
    assert result.column_names == ["customer_id", "event_timestamp", "label", "total_orders"]
    assert result["total_orders"].to_pylist() == expected
    assert result["customer_id"].to_pylist() == [1, 2, 1]


def test_passes_warnings_on(firn: Firn, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    pyarrow.csv.write_csv(labels(), path)
    with pytest.warns(FirnWarning, match="NUMBERS_AS_TEXT") as caught:
        job = firn.get_historical_features(str(path), FEATURES).wait()
    assert Path(caught[0].filename).name == "test_retrieve.py"
    assert [one.code for one in job.warnings] == ["NUMBERS_AS_TEXT"]


def test_gives_a_result_in_every_form(firn: Firn, expected: list[int | None]) -> None:
    job = firn.get_historical_features(labels(), FEATURES)
    assert job.to_df()["total_orders"].astype(object).where(lambda one: one.notna(), None).tolist() == expected
    assert job.to_polars()["total_orders"].to_list() == expected
    assert [row[0] for row in job.to_duckdb().project("total_orders").fetchall()] == expected
    batches = list(job.to_batches(batch_size=2))
    assert [batch.num_rows for batch in batches] == [2, 1]
    assert pa.Table.from_batches(batches) == job.to_arrow()


def test_lists_the_states_between_two_times(firn: Firn) -> None:
    start, end = dt.datetime(1995, 1, 1), dt.datetime(1995, 1, 3, tzinfo=dt.timezone.utc)
    found = firn.get_historical_features(features=FEATURES, start=start, end=end, timestamp_column="at").to_arrow()
    assert found.column_names == ["customer_id", "at", "total_orders"]
    days = set(found["at"].to_pylist())
    assert days == {dt.datetime(1995, 1, day, tzinfo=dt.timezone.utc) for day in (1, 2, 3)}
    # an end that is left out is open
    later = firn.get_historical_features(features=FEATURES, start=start).result.rows
    earlier = firn.get_historical_features(features=FEATURES, end=end).result.rows
    assert later > found.num_rows < earlier


def test_lists_states_only_without_rows(firn: Firn) -> None:
    with pytest.raises(ValueError, match="without rows"):
        firn.get_historical_features(labels(), FEATURES, end=TIMES[0])


def test_reads_tables_ids_and_all_entities(firn: Firn) -> None:
    table = firn.get_historical_features("iceberg.gold.order_spine", FEATURES)
    assert sum(batch.num_rows for batch in table.to_batches(batch_size=1000)) == table.result.rows == 5000
    ids = firn.get_historical_features({"customer_id": [2, 1]}, FEATURES, as_of=TIMES[0])
    assert ids.to_arrow()["customer_id"].to_pylist() == [2, 1]
    everyone = firn.get_historical_features(None, FEATURES)
    assert everyone.result.rows == 10_000


def test_reads_a_result_from_the_store_where_a_file_system_is_given(firn: Firn, store: Any) -> None:
    job = firn.get_historical_features(labels(), FEATURES)
    with Firn(firn.url, filesystem=store) as direct:
        found = direct.job(job.id).to_arrow()
    assert found["total_orders"] == job.to_arrow()["total_orders"]


@pytest.fixture(scope="session")
def store() -> Any:
    """The object store, with the rights of the stack's own user."""
    import pyarrow.fs as fs

    if "AWS_ENDPOINT_URL_S3" not in os.environ:
        pytest.skip("no address of the object store: AWS_ENDPOINT_URL_S3")
    return fs.S3FileSystem(endpoint_override=os.environ["AWS_ENDPOINT_URL_S3"], scheme="http", region="us-east-1")


def every_type() -> pa.Table:
    moment = dt.datetime(2020, 1, 1, 12, 30)
    columns: dict[str, pa.Array] = {
        "i8": pa.array([1, None, -1], pa.int8()),
        "u16": pa.array([1, None, 65535], pa.uint16()),
        "u64": pa.array([1, None, 2**64 - 1], pa.uint64()),
        "f16": pa.array([1.0, None, 2.0], pa.float32()).cast(pa.float16()),
        "bool": pa.array([True, None, False]),
        "text": pa.array(["a", None, ""]),
        "large": pa.array(["a", None, ""], pa.large_string()),
        "view": pa.array(["a", None, ""], pa.string_view()),
        "dictionary": pa.array(["a", None, "a"]).dictionary_encode(),
        "bytes": pa.array([b"a", None, b""], pa.large_binary()),
        "decimal": pa.array([decimal.Decimal("1.20"), None, decimal.Decimal("-3.00")]),
        "date": pa.array([moment.date(), None, moment.date()]),
        "date64": pa.array([moment.date(), None, moment.date()], pa.date64()),
        "time": pa.array([moment.time(), None, moment.time()], pa.time32("ms")),
        "seconds": pa.array([moment, None, moment], pa.timestamp("s")),
        "nanos": pa.array([1, None, 1_600_000_000_000_000_001], pa.timestamp("ns")),
        "zoned": pa.array([moment, None, moment], pa.timestamp("us", "Europe/Berlin")),
        "duration": pa.array([dt.timedelta(1), None, dt.timedelta(0)], pa.duration("ms")),
        "list": pa.array([[1, 2], None, []], pa.large_list(pa.int64())),
        "struct": pa.array([{"a": 1, "b": "x"}, None, {"a": None, "b": None}]),
        "map": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int64())),
        "uuid": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([uuid.uuid4().bytes] * 3, pa.binary(16))),
    }
    return pa.table(columns)


def with_key(columns: pa.Table) -> pa.Table:
    return columns.append_column("customer_id", pa.array([1, 2, 3])).append_column("event_timestamp", pa.array(TIMES))


def test_gives_arrow_columns_back_with_their_types(firn: Firn) -> None:
    sent = with_key(every_type())
    found = firn.get_historical_features(sent, FEATURES).to_arrow().select(sent.column_names)
    # a dictionary may come back in another order of its own
    plain = {"dictionary": pa.string()}
    for name in sent.column_names:
        assert found.schema.field(name).type == sent.schema.field(name).type, name
        to = plain.get(name, sent.schema.field(name).type)
        assert found[name].cast(to).to_pylist() == sent[name].cast(to).to_pylist(), name


def test_gives_columns_of_pandas_back_with_their_dtypes(firn: Firn) -> None:
    moment = pd.Timestamp("2020-01-01T12:30:00.000000001")
    frame = pd.DataFrame(
        {
            "customer_id": pd.array([1, None, 3], "Int64"),
            "event_timestamp": pd.to_datetime(TIMES),
            "category": pd.Categorical(["b", None, "a"], categories=["z", "b", "a"], ordered=True),
            "small": pd.array([1, None, 2], "Int8"),
            "text": pd.array(["x", None, ""], "string"),
            "arrow": pd.array([1, None, 2], "int64[pyarrow]"),
            "float": [1.5, None, 2.5],
            "zoned": pd.Series([moment, pd.NaT, moment]).dt.tz_localize("Europe/Berlin"),
            "object": pd.Series(["x", None, "y"], dtype=object),
            "number": pd.Series([2**60 + 1, None, 1], dtype=object),
            "amount": pd.Series([decimal.Decimal("1.10"), None, decimal.Decimal("2.20")], dtype=object),
            "list": pd.Series([[1], None, []], dtype=object),
            "delta": pd.to_timedelta([1, None, 2], unit="s"),
            "plain": [1, 2, 3],
        }
    )
    found = firn.get_historical_features(frame, FEATURES).to_df()
    assert str(found.pop("total_orders").dtype) == "int64[pyarrow]"
    assert found.pop("list").map(lambda one: None if one is None else list(one)).tolist() == frame.pop("list").tolist()
    pd.testing.assert_frame_equal(found, frame)


@pytest.mark.parametrize(
    ("backend", "dtype"), [("pyarrow", "int64[pyarrow]"), ("numpy_nullable", "Int64"), ("numpy", "float64")]
)
def test_gives_features_the_dtypes_that_are_asked_for(firn: Firn, backend: Any, dtype: str) -> None:
    found = firn.get_historical_features(labels().to_pandas(), FEATURES).to_df(dtype_backend=backend)
    assert str(found["total_orders"].dtype) == dtype
    assert found["total_orders"].isna().tolist() == [False, False, True]


def test_repeats_a_result_by_its_pins(firn: Firn) -> None:
    first = firn.get_historical_features(labels(), FEATURES)
    again = firn.get_historical_features(labels(), FEATURES, pins=first.pins)
    assert again.id != first.id
    assert again.result.content_digest == first.result.content_digest
    assert first.pins.snapshots[VIEW] == firn.view(VIEW).raw["source"]["snapshot_id"]


def test_repeats_a_request_by_its_id(firn: Firn) -> None:
    request_id = f"mine-{uuid.uuid4()}"
    first = firn.get_historical_features(labels(), FEATURES, request_id=request_id).result
    assert firn.get_historical_features(labels(), FEATURES, request_id=request_id).result.raw == first.raw
    with pytest.raises(RequestRefused, match="REQUEST_ID_REUSED"):
        firn.get_historical_features(labels().slice(1), FEATURES, request_id=request_id).wait()


def test_asks_with_all_options(firn: Firn) -> None:
    rows = pa.table({"buyer": [1], "at": [TIMES[0]], "drop, me": ["x"]})
    job = firn.get_historical_features(
        rows,
        ["buyer:total_orders"],
        views=[{"view": VIEW, "alias": "buyer", "join_keys": {"customer_id": "buyer"}}],
        timestamp_column="at",
        timestamp_zone="Europe/Berlin",
        columns=["buyer", "at"],
        full_feature_names=True,
        include_event_timestamps=True,
    )
    assert job.to_arrow().column_names == ["buyer", "at", "buyer__total_orders", "buyer__event_timestamp"]


def test_retrieves_for_no_rows(firn: Firn) -> None:
    for rows in (labels().slice(0, 0), pd.DataFrame(columns=["customer_id", "event_timestamp"])):
        found = firn.get_historical_features(rows, FEATURES).to_df()
        assert len(found) == 0
        assert "total_orders" in found


def test_refuses_a_file_with_two_columns_of_one_name(firn: Firn, tmp_path: Path) -> None:
    path = tmp_path / "twice.parquet"
    pq.write_table(labels().append_column("label", pa.array([1, 2, 3])), path)
    error = failure(firn, path)
    assert (error.code, error.fault) == ("SPINE_UNREADABLE", "DATA")
    assert "same name" in str(error)


def test_says_everything_that_a_frame_lacks(firn: Firn) -> None:
    error = failure(firn, pa.table({"customer": [1]}))
    assert {one.code for one in error.violations} == {"SPINE_KEY_MISSING", "SPINE_TIMESTAMP_MISSING"}
    assert error.fault == "DATA"
    assert "customer_id" in str(error)


def test_names_the_cast_for_integers_with_nan(firn: Firn) -> None:
    error = failure(firn, pd.DataFrame({"customer_id": [1, None], "event_timestamp": TIMES[:2]}))
    assert error.code == "KEY_TYPE_MISMATCH"
    assert "astype('Int64')" in str(error)


def test_refuses_times_that_are_text(firn: Firn) -> None:
    error = failure(firn, pd.DataFrame({"customer_id": [1], "event_timestamp": ["1998-08-02"]}))
    assert error.code == "SPINE_TIMESTAMP_TYPE"


def test_refuses_a_view_and_a_feature_that_are_not_there(firn: Firn) -> None:
    with pytest.raises(RetrievalFailed) as caught:
        firn.get_historical_features(labels(), [f"{VIEW}:nothing", "nowhere:x"]).wait()
    assert {one.code for one in caught.value.violations} == {"UNKNOWN_FEATURE", "UNKNOWN_VIEW"}


def test_stops_waiting_and_says_how_to_pick_the_job_up(firn: Firn, unknown_id: str) -> None:
    with pytest.raises(WaitTimeout, match=f"firn.job\\('{unknown_id}'\\)") as caught:
        firn.job(unknown_id).to_df(timeout=1)
    assert isinstance(caught.value, TimeoutError)
    assert not firn.job(unknown_id).done()


def test_says_how_to_pick_the_job_up_when_it_is_interrupted(
    firn: Firn, unknown_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    job = firn.job(unknown_id)
    job.done()
    timer = threading.Timer(0.2, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        job.wait(timeout=30)
    timer.join()
    assert f"firn.job('{unknown_id}')" in capsys.readouterr().err


def test_picks_a_job_up_by_its_id(firn: Firn, expected: list[int | None]) -> None:
    job = firn.get_historical_features(labels(), FEATURES)
    with Firn(firn.url) as other:
        assert other.job(job.id).to_arrow()["total_orders"].to_pylist() == expected


def test_shows_progress_only_if_it_is_watched(firn: Firn, unknown_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(WaitTimeout):
        firn.job(unknown_id).wait(timeout=1)
    assert capsys.readouterr().err == ""
    with Firn(firn.url, progress=True) as watched, pytest.raises(WaitTimeout):
        watched.job(unknown_id).wait(timeout=2)
    assert unknown_id in capsys.readouterr().err


def test_ends_a_wait_when_another_thread_cancels(firn: Firn, unknown_id: str) -> None:
    waiting = firn.job(unknown_id)
    caught: list[FirnError] = []

    def wait() -> None:
        try:
            waiting.wait(timeout=60)
        except FirnError as e:
            caught.append(e)

    thread = threading.Thread(target=wait)
    thread.start()
    firn.job(unknown_id).cancel("not needed")
    thread.join()
    assert [type(one) for one in caught] == [RetrievalCancelled]
    assert "not needed" in str(caught[0])
    with pytest.raises(RetrievalCancelled):
        firn.get_historical_features(labels(), FEATURES, request_id=unknown_id).to_df()


def test_does_not_cancel_what_has_ended(firn: Firn, expected: list[int | None]) -> None:
    job = firn.get_historical_features(labels(), FEATURES).wait()
    job.cancel()
    assert job.to_arrow()["total_orders"].to_pylist() == expected


def test_gives_up_at_the_deadline(firn: Firn) -> None:
    assert failure(firn, labels(), deadline=dt.datetime(2024, 1, 1)).code == "DEADLINE_EXCEEDED"


def test_says_that_a_result_was_cleaned_up(firn: Firn, store: Any) -> None:
    job = firn.get_historical_features(labels(), FEATURES)
    location = job.result.raw["files"][0]["location"].removeprefix("s3://")
    store.delete_file(location)
    with pytest.raises(ResultExpired, match="RESULT_EXPIRED"):
        job.to_arrow()
    with pytest.raises(ResultExpired):
        firn.job(job.id).wait()
    with Firn(firn.url, filesystem=store) as direct, pytest.raises(ResultExpired):
        direct.job(job.id).wait()


def test_registers_lists_and_drops_views(firn: Firn) -> None:
    name = f"dropped_{uuid.uuid4().hex[:8]}"
    arguments: dict[str, Any] = {
        "name": name,
        "entities": ["customer_id"],
        "table": TABLE,
        "timestamp_field": "updated_at",
        "ttl": dt.timedelta(days=90),
        "tags": {"team": "a"},
    }
    with pytest.raises(RequestRefused) as caught:
        firn.register(**arguments, features={"total_orders": "string", "nothing": "int64"})
    assert {one.code for one in caught.value.violations} == {"TYPE_MISMATCH", "COLUMN_NOT_FOUND"}
    assert firn.register(**arguments, features={"total_orders": "int64"}, dry_run=True).name == name
    firn.register(**arguments, features={"total_orders": "int64"})
    view = next(one for one in firn.views() if one.name == name)
    assert view == firn.view(name)
    assert (view.features, view.ttl, view.tags) == ({"total_orders": "long"}, dt.timedelta(days=90), {"team": "a"})
    firn.drop(name, expected_version=view.version)
    with pytest.raises(NotFound):
        firn.drop(name)
