"""What the Feast plug-in sends to Firn and to Trino, which are played by fakes here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from feast import Entity, FeatureStore, FeatureView, Field
from feast.types import Int64
from feast.value_type import ValueType

from feast_tables import at, repository
from firn import NotFound, RequestRefused
from firn.feast import FirnSource, _config
from firn.feast._retrieval import Use, uses_of

pytestmark = pytest.mark.filterwarnings("default")

KEY = Entity(name="customer", join_keys=["k"], value_type=ValueType.INT64)
TABLE = "iceberg.gold.orders"
ROWS = pd.DataFrame({"k": [1], "event_timestamp": pd.to_datetime([at(0)], utc=True)})


class FakeFirn:
    """Names columns as the worker does: by an alias only if it is not the view's own name."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.sources: dict[str, dict[str, Any]] = {}
        self.registered: list[str] = []

    def view(self, name: str) -> Any:
        if name not in self.sources:
            raise NotFound("VIEW_NOT_FOUND", f"there is no view '{name}'")
        source = self.sources[name]
        return SimpleNamespace(
            name=name,
            status="ACTIVE",
            raw={"source": source},
            created_timestamp_field=(source.get("created_timestamp") or {}).get("column"),
            timestamp_zone=source.get("timestamp_zone"),
        )

    def views(self) -> list[Any]:
        return []

    def register(self, *, name: str, **_: Any) -> None:
        self.registered.append(name)
        self.sources.setdefault(name, {})

    def get_historical_features(self, rows: pa.Table, features: list[str], **asked: Any) -> Any:
        self.asked.append(asked)
        views = {one.get("alias") or one["view"]: one["view"] for one in asked["views"]}
        columns = [SimpleNamespace(name=name, feature=None) for name in rows.column_names]
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


@pytest.fixture
def repo(fake_firn: FakeFirn, tmp_path: Path) -> FeatureStore:
    return repository(tmp_path, "parts", {})


def view_of(name: str, *features: str, **source: Any) -> FeatureView:
    return FeatureView(
        name=name,
        entities=[KEY],
        schema=[Field(name=one, dtype=Int64) for one in features],
        source=FirnSource(name=f"{name}_source", table=TABLE, timestamp_field="ts", **source),
        ttl=timedelta(0),
    )


def uses(repo: FeatureStore, views: Mapping[FeatureView, list[str]], *, is_full: bool) -> list[Use]:
    return uses_of(repo.config, repo.project, views, is_full)


# Names of columns


def test_prefixes_features_of_a_view_that_has_its_name_in_firn(repo: FeatureStore, fake_firn: FakeFirn) -> None:
    """As `firn feast init` writes it."""
    fake_firn.sources["orders"] = {}
    repo.apply([KEY, view_of("orders", "total", firn_view="orders")])
    job: Any = repo.get_historical_features(ROWS, ["orders:total"], full_feature_names=True)
    assert job.to_arrow().column_names == ["k", "event_timestamp", "orders__total"]
    assert job.to_remote_storage() == ["s3://results/1.parquet"]


def test_counts_an_alias_up_until_it_is_free(repo: FeatureStore) -> None:
    views = {view_of("v1", "a"): ["a"], view_of("x__y", "b"): ["b"], view_of("v0", "c", firn_view="v2"): ["c"]}
    made = uses(repo, views, is_full=True)
    aliases = [one.alias.lower() for one in made]
    assert len(set(aliases)) == 3
    assert "v2" not in aliases
    assert [list(one.names.values()) for one in made] == [["v1__a"], ["x__y__b"], ["v0__c"]]


def test_names_the_versions_of_a_view(repo: FeatureStore) -> None:
    first, second = view_of("v", "a"), view_of("v", "a")
    second.ttl = timedelta(days=1)
    first.projection.version_tag, second.projection.version_tag = 1, 2
    made = uses(repo, {first: ["a"], second: ["a"]}, is_full=True)
    assert [list(one.names.values()) for one in made] == [["v@v1__a"], ["v@v2__a"]]


def test_refuses_two_columns_with_one_name(repo: FeatureStore, fake_firn: FakeFirn) -> None:
    repo.apply([KEY, view_of("orders", "total")])
    with pytest.raises(RequestRefused, match=r"column 'TOTAL' of the rows and 'orders:total'") as refused:
        repo.get_historical_features(ROWS.assign(TOTAL=[1]), ["orders:total"])
    assert refused.value.code == "COLUMN_COLLISION"
    assert fake_firn.asked == []
    repo.get_historical_features(ROWS.assign(TOTAL=[1]), ["orders:total"], full_feature_names=True)


# The created cut-off


def test_filters_by_the_created_timestamp_of_a_view_of_firn(repo: FeatureStore, fake_firn: FakeFirn) -> None:
    fake_firn.sources["made"] = {"created_timestamp": {"name": "made_at", "column": "made_at"}}
    fake_firn.sources["plain"] = {"created_timestamp": None}
    made, plain = view_of("made", "a", firn_view="made"), view_of("plain", "b", firn_view="plain")
    repo.apply([KEY, made, plain])
    job = repo.get_historical_features(ROWS, ["made:a", "plain:b"], filter_by_created_timestamp=True)
    assert job.to_arrow().column_names == ["k", "event_timestamp", "a", "b"]
    assert [(one["views"][0]["view"], one["filter_by_created"]) for one in fake_firn.asked] == [
        ("made", True),
        ("plain", False),
    ]


def test_refuses_to_filter_a_view_of_firn_that_it_cannot_see(repo: FeatureStore, fake_firn: FakeFirn) -> None:
    repo.apply([KEY, view_of("away", "a", firn_view="away")])
    with pytest.raises(NotFound, match="away"):
        repo.get_historical_features(ROWS, ["away:a"], filter_by_created_timestamp=True)
    assert fake_firn.asked == []
