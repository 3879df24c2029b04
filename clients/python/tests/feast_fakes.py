"""Firn and Trino as fakes, for tests of what the Feast plug-in sends to them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pandas as pd
import pyarrow as pa
import pytest
from feast import Entity, FeatureStore, FeatureView, Field
from feast.types import Int64
from feast.value_type import ValueType
from trino import dbapi

from feast_tables import at, repository
from firn import NotFound, View
from firn.feast import FirnSource, _config, _trino

KEY = Entity(name="customer", join_keys=["k"], value_type=ValueType.INT64)
TABLE = "iceberg.gold.orders"
ROWS = pd.DataFrame({"k": [1], "event_timestamp": pd.to_datetime([at(0)], utc=True)})


class FakeFirn:
    """Names columns as the worker does: by an alias only if it is not the view's own name."""

    # of a table that is sent by its name
    spine: ClassVar[list[str]] = []

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.sources: dict[str, dict[str, Any]] = {}
        self.registered: list[str] = []

    def view(self, name: str) -> View:
        if name not in self.sources:
            raise NotFound("VIEW_NOT_FOUND", f"there is no view '{name}'")
        source = {"catalog": "iceberg", "schema": "gold", "table_name": "orders", "timestamp": {"name": "ts"}}
        return View.of(
            {
                "name": name,
                "version": 1,
                "status": "ACTIVE",
                "source": {**source, **self.sources[name]},
                "entities": [],
                "features": [],
            }
        )

    def views(self) -> list[Any]:
        return []

    def register(self, *, name: str, **_: Any) -> None:
        self.registered.append(name)
        self.sources.setdefault(name, {})

    def get_historical_features(self, rows: Any, features: list[str], **asked: Any) -> Any:
        self.asked.append(asked)
        views = {one.get("alias") or one["view"]: one["view"] for one in asked["views"]}
        columns = [SimpleNamespace(name=name, feature=None) for name in self.spine or rows.column_names]
        for ref in features:
            use, feature = ref.split(":")
            is_prefixed = use != views[use] or asked.get("full_feature_names", False)
            columns.append(SimpleNamespace(name=f"{use}__{feature}" if is_prefixed else feature, feature=ref))
        table = pa.table([[number] for number, _ in enumerate(columns)], names=[one.name for one in columns])
        return SimpleNamespace(
            wait=lambda timeout: None,
            _outcome=object(),
            result=SimpleNamespace(columns=columns, raw={"files": [{"location": "s3://results/1.parquet"}]}),
            to_arrow=lambda timeout: table,
        )


@pytest.fixture
def fake_firn(monkeypatch: pytest.MonkeyPatch) -> FakeFirn:
    made = FakeFirn()
    monkeypatch.setattr(_config, "_client", lambda *_: made)
    return made


class FakeTrino:
    """Knows the columns of every table. Fails at the statements that begin with `fails_at`."""

    def __init__(self) -> None:
        self.columns = [("k", "bigint"), ("total", "bigint"), ("ts", "timestamp(6) with time zone")]
        self.statements: list[str] = []
        self.fails_at = ""
        self.error: BaseException = ConnectionError("Trino restarts")
        self.cancelled = 0
        self.tables: list[str] = []
        self.connected: dict[str, Any] = {}

    def connect(self, **settings: Any) -> FakeTrino:
        self.connected = settings
        return self

    def cursor(self) -> FakeTrino:
        return self

    def execute(self, sql: str) -> FakeTrino:
        self.statements.append(sql)
        if self.fails_at and sql.startswith(self.fails_at):
            raise self.error
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        if "information_schema" in self.statements[-1]:
            return [*self.columns]
        if self.statements[-1].startswith("SHOW TABLES"):
            return [(one,) for one in self.tables]
        if "$refs" in self.statements[-1]:
            return [(42,)]
        return [(at(0), at(0))] if "min(" in self.statements[-1] else []

    def cancel(self) -> None:
        self.cancelled += 1

    def close(self) -> None:
        pass


@pytest.fixture
def fake_trino(monkeypatch: pytest.MonkeyPatch) -> FakeTrino:
    made = FakeTrino()
    monkeypatch.setattr(dbapi, "connect", made.connect)
    monkeypatch.setattr(_trino, "_swept", set())
    return made


@pytest.fixture
def trino_repo(fake_firn: FakeFirn, fake_trino: FakeTrino, tmp_path: Path) -> FeatureStore:
    settings = {"trino": {"host": "h", "user": "u", "scratch_schema": "iceberg.scratch"}}
    return repository(tmp_path, "parts", settings, "firn.feast.FirnProvider")


def view_of(name: str, *features: str, **source: Any) -> FeatureView:
    return FeatureView(
        name=name,
        entities=[KEY],
        schema=[Field(name=one, dtype=Int64) for one in features],
        source=FirnSource(name=f"{name}_source", table=TABLE, timestamp_field="ts", **source),
        ttl=timedelta(0),
    )
