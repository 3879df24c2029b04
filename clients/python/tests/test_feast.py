"""Retrievals of Feast through Firn."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from feast import FeatureService, FeatureStore, FeatureView, Field, RequestSource
from feast.infra.data_sources.contrib.iceberg_catalog.iceberg_source import IcebergSource
from feast.on_demand_feature_view import on_demand_feature_view
from feast.types import Float64, Int32, Int64

from feast_tables import (
    CATALOG,
    DRIVER,
    DRIVER_FEATURES,
    PLACE,
    Lake,
    active_views,
    at,
    driver_source,
    driver_view,
    labels,
    repository,
    trino_settings,
)
from firn import Firn, RequestRefused
from firn.feast import FirnRetrievalJob, FirnSource
from firn.feast._views import definition_of

pytestmark = [pytest.mark.stack, pytest.mark.filterwarnings("default")]


def test_joins_a_frame_as_of_its_times(repo: FeatureStore) -> None:
    found = repo.get_historical_features(labels(), DRIVER_FEATURES).to_arrow()
    assert found.column_names == ["driver_id", "label", "event_timestamp", "rate", "trips"]
    assert found["label"].to_pylist() == ["a", "b", "c", "d"]
    assert found["rate"].to_pylist() == [0.3, None, 0.1, None]
    # the table's types, not Feast's narrower ones
    assert [str(found.schema.field(one).type) for one in ("rate", "trips")] == ["double", "int64"]


def test_names_columns_fully(repo: FeatureStore) -> None:
    job = repo.get_historical_features(labels(), [*DRIVER_FEATURES, "world_stats:rides"], full_feature_names=True)
    frame = job.to_df()
    assert list(frame.columns)[3:] == ["driver_stats__rate", "driver_stats__trips", "world_stats__rides"]
    assert job.supports_remote_storage_export()
    assert [one[:5] for one in job.to_remote_storage()] == ["s3://"]


def test_filters_by_created_where_a_view_has_one(repo: FeatureStore) -> None:
    """Feast leaves views without a created timestamp as they are; Firn refuses to filter them."""
    job = repo.get_historical_features(
        labels(), [*DRIVER_FEATURES, "world_stats:rides"], filter_by_created_timestamp=True
    )
    found = job.to_arrow()
    assert found["rate"].to_pylist() == [0.2, None, 0.1, None]
    assert found["rides"].to_pylist() == [99, 99, 99, 99]
    assert isinstance(job, FirnRetrievalJob)
    assert len(job.firn_jobs) == 2
    assert not job.supports_remote_storage_export()


def test_reads_the_rows_of_a_query(repo: FeatureStore, lake: Lake) -> None:
    query = """
        SELECT * FROM (
          VALUES (BIGINT '1', TIMESTAMP '2024-03-01 12:00:00 UTC'), (2, TIMESTAMP '2024-03-01 10:00:00 UTC')
        ) AS labels (driver_id, event_timestamp);
    """
    before = lake.names()
    job = repo.get_historical_features(query, DRIVER_FEATURES)
    assert job.metadata is not None
    assert (job.metadata.min_event_timestamp, job.metadata.max_event_timestamp) == (at(-2), at(0))
    frame = job.to_df().sort_values("driver_id")
    assert frame["trips"].fillna(-1).tolist() == [30, -1]
    assert lake.names() == before
    # the rows are read again, not asked for again
    assert len(job.to_df()) == 2


def test_drops_the_rows_of_a_query_that_nobody_waits_for(repo: FeatureStore, lake: Lake) -> None:
    before = lake.names()
    query = "SELECT BIGINT '1' AS driver_id, TIMESTAMP '2024-03-01 12:00:00 UTC' AS event_timestamp"
    job: Any = repo.get_historical_features(query, DRIVER_FEATURES)
    assert len(lake.names() - before) == 1
    del job
    assert lake.names() == before


def test_lists_every_state_between_two_times(repo: FeatureStore) -> None:
    job = repo.get_historical_features(features=DRIVER_FEATURES, start_date=at(-3), end_date=at(-1))
    rows = job.to_arrow().select(["driver_id", "event_timestamp", "trips"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == [(1, at(-3), 10), (1, at(-2), 30), (2, at(-1), 50)]


def test_lists_states_since_the_ttl_by_default(repo: FeatureStore) -> None:
    found = repo.get_historical_features(features=DRIVER_FEATURES, end_date=at(21.5)).to_arrow()
    assert found["driver_id"].to_pylist() == [1, 2]
    assert found["event_timestamp"].to_pylist() == [at(-2), at(-1)]


def test_computes_on_demand_features_of_a_service(repo: FeatureStore, views: dict[str, FeatureView]) -> None:
    request = RequestSource(name="input", schema=[Field(name="extra", dtype=Int64)])

    @on_demand_feature_view(sources=[views["driver"], request], schema=[Field(name="total", dtype=Float64)])  # type: ignore[untyped-decorator]
    def totals(inputs: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"total": (inputs["trips"] + inputs["extra"]).astype(float)})

    service = FeatureService(name="service", features=[views["driver"][["rate"]], totals])
    repo.apply([totals, service])
    job = repo.get_historical_features(labels().assign(extra=[1, 2, 3, 4]), service)
    frame = job.to_df()
    assert frame["total"].tolist()[::2] == [31.0, 13.0]
    assert not job.supports_remote_storage_export()
    with pytest.raises(NotImplementedError, match="on demand"):
        job.to_remote_storage()


def test_uses_a_view_twice_with_other_join_keys(repo: FeatureStore, views: dict[str, FeatureView]) -> None:
    service = FeatureService(
        name="trip",
        features=[
            views["place"].with_name("origin").with_join_key_map({"place_id": "origin_id"}),
            views["place"].with_name("destination").with_join_key_map({"place_id": "destination_id"}),
        ],
    )
    repo.apply([service])
    trips = pd.DataFrame({"origin_id": [7, 8], "destination_id": [8, 9], "event_timestamp": [at(0), at(0)]})
    frame = repo.get_historical_features(trips, service, full_feature_names=True).to_df()
    assert frame["origin__temperature"].tolist() == [21, 22]
    assert frame["destination__temperature"].fillna(0).tolist() == [22, 0]


def test_names_a_view_by_project_and_definition(repo: FeatureStore) -> None:
    def name(project: str, **changes: Any) -> str:
        view = repo.get_feature_view("driver_stats")
        for attribute, value in changes.items():
            setattr(view, attribute, value)
        return definition_of(repo.config, project, view).name

    assert name("one").startswith("one_driver_stats_")
    assert name("one") == name("one", description="something else")
    assert name("one") != name("one", ttl=timedelta(hours=1))
    assert name("a_b") != name("a-b")


def test_registers_again_what_was_dropped(firn: Firn, repo: FeatureStore) -> None:
    name = definition_of(repo.config, repo.project, repo.get_feature_view("world_stats")).name
    firn.drop(name)
    found = repo.get_historical_features(labels(), ["world_stats:rides"]).to_df()
    assert found["rides"].tolist() == [99, 99, 99, 99]


def test_registers_at_the_first_retrieval_without_the_provider(
    firn: Firn, lake: Lake, tables: str, tmp_path: Path
) -> None:
    repo = repository(tmp_path, f"{lake.schema}_late", {"trino": trino_settings(lake.schema)})
    view = driver_view(driver_source(f"{tables}.drivers"))
    repo.apply([DRIVER, view])
    name = definition_of(repo.config, repo.project, repo.get_feature_view("driver_stats")).name
    assert name not in active_views(firn)
    assert repo.get_historical_features(labels(), DRIVER_FEATURES).to_df()["trips"].tolist()[0] == 30
    assert firn.view(name).features == {"rate": "double", "trips": "long"}
    firn.drop(name)


def test_needs_only_the_gateway(firn: Firn, lake: Lake, tables: str, tmp_path: Path) -> None:
    """Without Trino, Feast's types decide, each as the widest dtype of its kind."""
    repo = repository(tmp_path, f"{lake.schema}_gateway", {})
    view = driver_view(driver_source(f"{tables}.drivers"))
    repo.apply([DRIVER, view])
    assert repo.get_historical_features(labels(), DRIVER_FEATURES).to_df()["trips"].tolist()[0] == 30
    firn.drop(definition_of(repo.config, repo.project, repo.get_feature_view(view.name)).name)


def test_uses_a_view_of_firn_as_it_is(firn: Firn, lake: Lake, tables: str, tmp_path: Path) -> None:
    name = f"{lake.schema}_own"
    firn.register(
        name=name,
        entities=["driver_id"],
        entity_columns={"driver_id": "driver"},
        features={"trips": "int64"},
        table=f"{tables}.drivers",
        timestamp_field="ts_1",
    )
    repo = repository(tmp_path, f"{lake.schema}_own", {"trino": trino_settings(lake.schema)}, "firn.feast.FirnProvider")
    source = FirnSource(name="own", table=f"{tables}.drivers", timestamp_field="ts_1", firn_view=name)
    view = FeatureView(name="own", entities=[DRIVER], schema=[Field(name="trips", dtype=Int64)], source=source)
    before = active_views(firn)
    repo.apply([DRIVER, source, view])
    assert repo.get_historical_features(labels().iloc[1:3].reset_index(drop=True), ["own:trips"]).to_arrow()[
        "trips"
    ].to_pylist() == [None, 10]
    assert active_views(firn) == before
    repo.teardown()  # type: ignore[no-untyped-call]
    assert firn.view(name).name == name
    firn.drop(name)


def test_takes_names_and_created_timestamp_of_a_view_of_firn(
    firn: Firn, lake: Lake, tables: str, tmp_path: Path
) -> None:
    """As `firn feast init` writes it, but for the created timestamp, which the source does not repeat."""
    name = f"{lake.schema}_same"
    firn.register(
        name=name,
        entities=["driver_id"],
        entity_columns={"driver_id": "driver"},
        features={"trips": "int64"},
        table=f"{tables}.drivers",
        timestamp_field="ts_1",
        created_timestamp_field="created_1",
    )
    repo = repository(tmp_path, f"{lake.schema}_same", {})
    source = FirnSource(name="same", table=f"{tables}.drivers", timestamp_field="ts_1", firn_view=name)
    repo.apply(
        [DRIVER, FeatureView(name=name, entities=[DRIVER], schema=[Field(name="trips", dtype=Int64)], source=source)]
    )
    rows, features = labels().iloc[:1], [f"{name}:trips"]
    found = repo.get_historical_features(rows, features, full_feature_names=True)
    assert found.to_arrow()[f"{name}__trips"].to_pylist() == [30]
    assert found.supports_remote_storage_export()
    filtered = repo.get_historical_features(rows, features, filter_by_created_timestamp=True)
    assert filtered.to_arrow()["trips"].to_pylist() == [20]
    firn.drop(name)


def test_understands_the_source_of_feast(firn: Firn, lake: Lake, tables: str, tmp_path: Path) -> None:
    settings = {"trino": trino_settings(lake.schema), "catalogs": {"s3://warehouse/x": CATALOG}}
    repo = repository(tmp_path, f"{lake.schema}_iceberg", settings)
    source = IcebergSource(
        name="places", warehouse="s3://warehouse/x", namespace=lake.schema, table="places", timestamp_field="ts"
    )
    view = FeatureView(name="places", entities=[PLACE], schema=[Field(name="temperature", dtype=Int32)], source=source)
    repo.apply([PLACE, view])
    rows = pd.DataFrame({"place_id": [7], "event_timestamp": [at(0)]})
    assert repo.get_historical_features(rows, ["places:temperature"]).to_df()["temperature"].tolist() == [21]
    firn.drop(definition_of(repo.config, repo.project, repo.get_feature_view(view.name)).name)


def test_refuses_all_views_at_once(lake: Lake, tables: str, tmp_path: Path) -> None:
    settings = {"trino": trino_settings(lake.schema)}
    repo = repository(tmp_path, f"{lake.schema}_bad", settings, "firn.feast.FirnProvider")
    misspelt = FeatureView(
        name="misspelt",
        entities=[PLACE],
        schema=[Field(name="temprature", dtype=Int32)],
        source=FirnSource(name="places", table=f"{tables}.places", timestamp_field="ts"),
    )
    nowhere = FeatureView(
        name="nowhere",
        entities=[PLACE],
        schema=[Field(name="temperature", dtype=Int32)],
        source=FirnSource(name="nowhere", table=f"{tables}.nowhere", timestamp_field="ts"),
    )
    with pytest.raises(RequestRefused) as refused:
        repo.apply([PLACE, misspelt, nowhere])
    assert {(one.code, one.field.split(".")[0]) for one in refused.value.violations} == {
        ("COLUMN_NOT_FOUND", "misspelt"),
        ("TABLE_NOT_FOUND", "nowhere"),
    }
    assert "temperature" in str(refused.value)
    # Feast's registry stays as it was
    assert repository(tmp_path, repo.project, settings).list_feature_views() == []
