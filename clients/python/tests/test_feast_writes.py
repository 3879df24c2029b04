"""Materialization, saved datasets, logs and writes of Feast."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from feast import FeatureService, FeatureStore, FeatureView
from feast.errors import SavedDatasetLocationAlreadyExists
from feast.feature_logging import LOG_TIMESTAMP_FIELD, FeatureServiceLoggingSource, LoggingConfig
from pyiceberg.types import IntegerType

from feast_tables import DRIVER_FEATURES, Lake, at, driver_source, labels, place_view, places
from firn import Firn
from firn.feast import FirnLoggingDestination, FirnOfflineStore, FirnSource, SavedDatasetFirnStorage

pytestmark = [pytest.mark.stack, pytest.mark.filterwarnings("default")]


@pytest.fixture
def new_table(tables: str) -> str:
    """The name of a table that is not there yet."""
    return f"{tables}.new_{uuid.uuid4().hex[:8]}"


def names_of(table: str) -> str:
    return table.partition(".")[2]


def test_materializes_the_latest_rows(repo: FeatureStore) -> None:
    repo.materialize(at(-4), at(0))
    found = repo.get_online_features(
        [*DRIVER_FEATURES, "world_stats:rides"], [{"driver_id": one} for one in (1, 2, 3)]
    ).to_dict()
    # of two rows with one time the one that was created last
    assert found["trips"] == [30, 50, None]
    assert found["rides"] == [99, 99, 99]


def test_reads_the_rows_between_two_times(repo: FeatureStore, tables: str) -> None:
    def times(start: float | None, end: float | None) -> list[Any]:
        job = FirnOfflineStore.pull_all_from_table_or_query(
            repo.config,
            driver_source(f"{tables}.drivers"),
            ["driver"],
            ["trips"],
            "ts_1",
            "created_1",
            None if start is None else at(start),
            None if end is None else at(end),
        )
        table = job.to_arrow()
        assert table.column_names == ["driver", "trips", "ts_1", "created_1"]
        assert str(table.schema.field("ts_1").type) == "timestamp[us, tz=UTC]"
        return sorted(table["trips"].to_pylist())

    assert times(-3, -2) == [10, 20, 30]
    assert times(-2, None) == [20, 30, 50]
    assert times(None, -2.5) == [10]
    assert times(5, 6) == []


def test_reads_the_latest_row_of_each_key(repo: FeatureStore, tables: str) -> None:
    def latest(keys: list[str]) -> list[dict[str, Any]]:
        job = FirnOfflineStore.pull_latest_from_table_or_query(
            repo.config, driver_source(f"{tables}.drivers"), keys, ["trips"], "ts_1", "created_1", at(-4), at(-1)
        )
        rows: list[dict[str, Any]] = job.to_arrow().sort_by("trips").to_pylist()
        return rows

    assert [(one["driver"], one["trips"]) for one in latest(["driver"])] == [(1, 30), (2, 50)]
    (alone,) = latest([])
    assert (alone["trips"], "__dummy_id" in alone) == (50, True)


def test_reads_what_is_there_when_it_is_read(repo: FeatureStore, lake: Lake, new_table: str) -> None:
    name = names_of(new_table)
    lake.catalog.create_table(name, places().schema).append(places())
    job = FirnOfflineStore.pull_all_from_table_or_query(
        repo.config, FirnSource(table=new_table, timestamp_field="ts"), ["place_id"], ["temperature"], "ts"
    )
    lake.catalog.load_table(name).append(places())
    assert job.to_arrow().num_rows == 4


def test_reads_columns_by_the_names_that_they_have_now(repo: FeatureStore, lake: Lake, new_table: str) -> None:
    """Two columns swap their names, and one comes, without a commit of rows."""
    name = names_of(new_table)
    lake.catalog.create_table(name, places().schema).append(places())
    for old, new in (("place_id", "x"), ("temperature", "place_id"), ("x", "temperature")):
        with lake.catalog.load_table(name).update_schema(allow_incompatible_changes=True) as change:
            change.rename_column(old, new)
    with lake.catalog.load_table(name).update_schema() as change:
        change.add_column("humidity", IntegerType())
    job = FirnOfflineStore.pull_all_from_table_or_query(
        repo.config, FirnSource(table=new_table, timestamp_field="ts"), ["place_id"], ["temperature", "humidity"], "ts"
    )
    found = job.to_arrow()
    assert sorted(found["place_id"].to_pylist()) == [21, 22]
    assert sorted(found["temperature"].to_pylist()) == [7, 8]
    assert found["humidity"].to_pylist() == [None, None]


def test_reads_times_in_the_zone_of_a_view_of_firn(
    firn: Firn, repo: FeatureStore, lake: Lake, tables: str, new_table: str
) -> None:
    """07:00 in Calcutta is 01:30 in UTC. 02:30 came twice that night in Berlin, and is the earlier one."""

    def read(zone: str, local: datetime, start: datetime, end: datetime) -> list[Any]:
        table = f"{new_table}_{zone.partition('/')[2].lower()}"
        schema = places().schema
        rows = pa.Table.from_arrays(
            [[7], pa.array([local], pa.timestamp("us")), pa.array([21], pa.int32())], schema=schema
        )
        lake.catalog.create_table(names_of(table), schema).append(rows)
        view = f"{lake.schema}_{zone.partition('/')[2].lower()}"
        firn.register(
            name=view,
            entities=["place_id"],
            features={"temperature": "int32"},
            table=table,
            timestamp_field="ts",
            timestamp_zone=zone,
        )
        source = FirnSource(table=table, timestamp_field="ts", firn_view=view)
        job = FirnOfflineStore.pull_latest_from_table_or_query(
            repo.config, source, ["place_id"], ["temperature"], "ts", None, start, end
        )
        firn.drop(view)
        found: list[Any] = job.to_arrow()["ts"].to_pylist()
        return found

    night = datetime(2024, 10, 27, tzinfo=timezone.utc)
    minutes = timedelta(minutes=1)
    assert read("Asia/Kolkata", datetime(2024, 10, 27, 7), night, night + 90 * minutes) == [night + 90 * minutes]
    assert read("Asia/Colombo", datetime(2024, 10, 27, 7), night, night + 89 * minutes) == []
    assert read("Europe/Berlin", datetime(2024, 10, 27, 2, 30), night, night + 40 * minutes) == [night + 30 * minutes]


def test_reads_a_table_without_a_snapshot_and_nested_types(repo: FeatureStore, lake: Lake, new_table: str) -> None:
    rows = pa.table(
        {
            "ts": pa.array([at(0)], pa.timestamp("us")),
            "list": [[1, None]],
            "struct": [{"a": 1, "b": ["x"]}],
            "map": pa.array([[("k", 1.5)]], pa.map_(pa.string(), pa.float64())),
            "decimal": pa.array([None], pa.decimal128(9, 2)),
        }
    )
    table = lake.catalog.create_table(names_of(new_table), rows.schema)
    columns = rows.column_names[1:]

    def read() -> pa.Table:
        source = FirnSource(table=new_table, timestamp_field="ts")
        return FirnOfflineStore.pull_all_from_table_or_query(repo.config, source, [], columns, "ts").to_arrow()

    assert read().num_rows == 0
    table.append(rows)
    assert read().select(columns).to_pylist() == rows.select(columns).to_pylist()


def test_names_what_cannot_be_read(repo: FeatureStore, tables: str) -> None:
    def read(table: str, timestamp: str) -> None:
        source = FirnSource(name="bad", table=table, timestamp_field=timestamp)
        FirnOfflineStore.pull_all_from_table_or_query(repo.config, source, [], [], timestamp)

    with pytest.raises(ValueError, match="nowhere is not there"):
        read(f"{tables}.nowhere", "ts")
    with pytest.raises(ValueError, match="no column 'when'"):
        read(f"{tables}.places", "when")


def test_saves_a_dataset(repo: FeatureStore, lake: Lake, new_table: str) -> None:
    storage = SavedDatasetFirnStorage(new_table)
    job = repo.get_historical_features(labels(), DRIVER_FEATURES)
    saved = repo.create_saved_dataset(job, f"saved_{uuid.uuid4().hex[:8]}", storage)
    frame = repo.get_saved_dataset(saved.name).to_df().sort_values("rate")
    assert frame["trips"].tolist()[:2] == [10, 30]
    assert len(frame) == 4
    assert len(lake.catalog.load_table(names_of(new_table)).snapshots()) == 1
    with pytest.raises(SavedDatasetLocationAlreadyExists):
        repo.create_saved_dataset(job, "again", storage)
    repo.create_saved_dataset(job, "again", storage, allow_overwrite=True)
    assert lake.catalog.load_table(names_of(new_table)).scan().to_arrow().num_rows == 4


def test_logs_features_as_a_table_and_as_a_folder(repo: FeatureStore, new_table: str, tmp_path: Path) -> None:
    service = FeatureService(
        name=f"logged_{uuid.uuid4().hex[:8]}",
        features=[repo.get_feature_view("driver_stats")[["trips"]]],
        logging_config=LoggingConfig(FirnLoggingDestination(new_table)),
    )
    repo.apply([service])
    schema = FeatureServiceLoggingSource(service, repo.project).get_schema(repo.registry)
    columns: dict[str, list[Any]] = {one.name: [None, None] for one in schema}
    columns |= {"driver_id": [1, 2], LOG_TIMESTAMP_FIELD: [at(0), at(1)], "driver_stats__trips": [10, 20]}
    logs = pa.table(columns, schema)
    pq.write_table(logs, tmp_path / "logs.parquet")
    repo.write_logged_features(logs, service)
    repo.write_logged_features(tmp_path, service)
    job = repo._get_provider().retrieve_feature_service_logs(service, at(0), at(0), repo.config, repo.registry)
    assert job.to_df()["driver_stats__trips"].tolist() == [10, 10]


def test_writes_rows_in_one_commit(repo: FeatureStore, lake: Lake, tables: str, new_table: str) -> None:
    table = lake.catalog.create_table(names_of(new_table), places().schema)
    table.append(places())
    view: FeatureView = place_view(new_table)
    view.name = f"written_{uuid.uuid4().hex[:8]}"
    repo.apply([view])
    rows = pd.DataFrame({"place_id": [9], "temperature": [23], "ts": [pd.Timestamp(at(-1)).tz_localize(None)]})
    before = len(lake.catalog.load_table(names_of(new_table)).snapshots())
    repo.write_to_offline_store(view.name, rows)
    assert len(lake.catalog.load_table(names_of(new_table)).snapshots()) == before + 1
    asked = pd.DataFrame({"place_id": [9], "event_timestamp": [at(0)]})
    assert repo.get_historical_features(asked, [f"{view.name}:temperature"]).to_df()["temperature"].tolist() == [23]
    with pytest.raises(ValueError, match="temperature"):
        repo.write_to_offline_store(view.name, rows.assign(temperature=[1e12]))
    with pytest.raises(ValueError, match="missing_expected_columns"):
        repo.write_to_offline_store(view.name, rows.drop(columns="ts"))


def test_tells_columns_with_their_types(repo: FeatureStore, tables: str) -> None:
    found = dict(driver_source(f"{tables}.drivers").get_table_column_names_and_types(repo.config))
    assert (found["driver"], found["ts_1"], found["rate_1"]) == ("int64", "timestamp[us, tz=UTC]", "double")


def test_validates_a_source(repo: FeatureStore, tables: str) -> None:
    FirnOfflineStore().validate_data_source(repo.config, driver_source(f"{tables}.drivers"))
    wrong = FirnSource(name="wrong", table=f"{tables}.places", timestamp_field="when", created_timestamp_column="then")
    with pytest.raises(ValueError, match="no column when and no column then"):
        FirnOfflineStore().validate_data_source(repo.config, wrong)
    nowhere = FirnSource(table=f"{tables}.nowhere", timestamp_field="ts")
    with pytest.raises(ValueError, match="no table"):
        FirnOfflineStore().validate_data_source(repo.config, nowhere)


def test_infers_the_features_of_a_view(repo: FeatureStore, tables: str) -> None:
    view = place_view(f"{tables}.places")
    inferred = FeatureView(
        name="inferred", entities=[repo.get_entity("place")], source=view.batch_source, ttl=timedelta(0)
    )
    repo.apply([inferred])
    assert [one.name for one in repo.get_feature_view("inferred").features] == ["temperature"]
