"""Tables and a repository for the tests of the Feast plug-in, as fixtures that last for all of them."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from feast import Entity, FeatureStore, FeatureView, Field, RepoConfig
from feast.types import Float32, Int32
from feast.value_type import ValueType
from pyiceberg.catalog import load_catalog

from firn import Firn
from firn.feast import FirnSource
from firn.feast._config import TrinoConfig
from firn.feast._trino import Trino

CATALOG = "iceberg"
NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
DRIVER_FEATURES = ["driver_stats:rate", "driver_stats:trips"]

DRIVER = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
PLACE = Entity(name="place", join_keys=["place_id"], value_type=ValueType.INT64)


def at(hours: float) -> datetime:
    return NOON + hours * HOUR


def trino_settings(schema: str) -> dict[str, Any]:
    return {
        "host": os.environ["TRINO_HOST"],
        "port": int(os.environ["TRINO_PORT"]),
        "user": os.environ["TRINO_USER"],
        "scratch_schema": f"{CATALOG}.{schema}",
    }


class Lake:
    """A schema with tables of its own."""

    def __init__(self, schema: str) -> None:
        self.schema = schema
        self.catalog = load_catalog(CATALOG)
        self.catalog.create_namespace(schema)

    def table(self, name: str, rows: pa.Table) -> str:
        self.catalog.create_table(f"{self.schema}.{name}", rows.schema).append(rows)
        return f"{CATALOG}.{self.schema}.{name}"

    def names(self) -> set[str]:
        return {name for _, name in self.catalog.list_tables(self.schema)}

    def rows(self, sql: str) -> list[Any]:
        with Trino(TrinoConfig(**trino_settings(self.schema))) as trino:
            return trino.rows(sql)

    def close(self) -> None:
        for table in self.catalog.list_tables(self.schema):
            self.catalog.drop_table(table)
        self.catalog.drop_namespace(self.schema)


def drivers() -> pa.Table:
    """Driver 1 has a row that was corrected, and one that came late; driver 2 has one row."""
    return pa.table(
        {
            "driver": pa.array([1, 1, 1, 2], pa.int64()),
            "ts_1": pa.array([at(-3), at(-2), at(-2), at(-1)], pa.timestamp("us", "UTC")),
            "created_1": pa.array([at(-3), at(-2), at(1), at(-1)], pa.timestamp("us", "UTC")),
            "rate_1": pa.array([0.1, 0.2, 0.3, 0.5], pa.float64()),
            "trips": pa.array([10, 20, 30, 50], pa.int64()),
        }
    )


def places() -> pa.Table:
    return pa.table(
        {
            "place_id": pa.array([7, 8], pa.int64()),
            "ts": pa.array([at(-5), at(-5)], pa.timestamp("us")),
            "temperature": pa.array([21, 22], pa.int32()),
        }
    )


def world() -> pa.Table:
    return pa.table({"ts": pa.array([at(-4)], pa.timestamp("us", "UTC")), "rides": pa.array([99], pa.int32())})


def driver_source(table: str, **options: Any) -> FirnSource:
    """Maps everything: time, created, key and feature have other names in the table."""
    mapping = {"ts_1": "ts", "created_1": "created", "driver": "driver_id", "rate_1": "rate"}
    return FirnSource(
        name="drivers",
        table=table,
        timestamp_field="ts",
        created_timestamp_column="created",
        field_mapping=mapping,
        **options,
    )


def driver_view(source: FirnSource, name: str = "driver_stats") -> FeatureView:
    """Its dtypes are narrower than the table's types."""
    schema = [Field(name="rate", dtype=Float32), Field(name="trips", dtype=Int32)]
    return FeatureView(name=name, entities=[DRIVER], schema=schema, source=source, ttl=timedelta(days=1))


def place_view(table: str) -> FeatureView:
    source = FirnSource(name="places", table=table, timestamp_field="ts")
    schema = [Field(name="temperature", dtype=Int32)]
    return FeatureView(name="place_stats", entities=[PLACE], schema=schema, source=source, ttl=timedelta(0))


def world_view(table: str) -> FeatureView:
    source = FirnSource(name="world", table=table, timestamp_field="ts")
    return FeatureView(
        name="world_stats", entities=[], schema=[Field(name="rides", dtype=Int32)], source=source, ttl=timedelta(0)
    )


def repository(folder: Path, project: str, offline_store: Mapping[str, Any], provider: str = "local") -> FeatureStore:
    return FeatureStore(
        config=RepoConfig(
            project=project,
            registry=str(folder / "registry.db"),
            provider=provider,
            online_store={"type": "sqlite", "path": str(folder / "online.db")},
            offline_store={"type": "firn.feast.FirnOfflineStore", **offline_store},
            entity_key_serialization_version=3,
        )
    )


def active_views(firn: Firn) -> dict[str, int]:
    return {one.name: one.version for one in firn.views() if one.status != "DROPPED"}


def labels() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "driver_id": [1, 2, 1, 3],
            "label": ["a", "b", "c", "d"],
            "event_timestamp": pd.to_datetime([at(0), at(-2), at(-2.5), at(0)], utc=True),
        }
    )


@pytest.fixture(scope="session")
def lake() -> Iterator[Lake]:
    made = Lake(f"feast_{uuid.uuid4().hex[:8]}")
    made.table("drivers", drivers())
    made.table("places", places())
    made.table("world", world())
    yield made
    made.close()


@pytest.fixture(scope="session")
def tables(lake: Lake) -> str:
    return f"{CATALOG}.{lake.schema}"


@pytest.fixture(scope="session")
def views(tables: str) -> dict[str, FeatureView]:
    return {
        "driver": driver_view(driver_source(f"{tables}.drivers")),
        "place": place_view(f"{tables}.places"),
        "world": world_view(f"{tables}.world"),
    }


@pytest.fixture(scope="session")
def repo(
    firn: Firn, lake: Lake, views: dict[str, FeatureView], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FeatureStore]:
    settings = {"trino": trino_settings(lake.schema)}
    made = repository(tmp_path_factory.mktemp("feast"), lake.schema, settings, "firn.feast.FirnProvider")
    made.apply([DRIVER, PLACE, *views.values()])
    yield made
    made.teardown()  # type: ignore[no-untyped-call]
    assert not [one for one in active_views(firn) if one.startswith(lake.schema)]
