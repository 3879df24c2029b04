"""What the Feast plug-in asks of Firn and writes to tables, without a system."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from feast import FeatureStore, FeatureView

from feast_fakes import KEY, ROWS, FakeFirn, view_of
from feast_tables import at, repository
from firn import NotFound, RequestRefused
from firn.feast import FirnOfflineStoreConfig, FirnSource, InvalidSettings, _iceberg
from firn.feast._retrieval import Use, uses_of

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture
def repo(fake_firn: FakeFirn, tmp_path: Path) -> FeatureStore:
    return repository(tmp_path, "parts", {})


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


# Settings


def test_says_what_setting_is_wrong_without_its_value(tmp_path: Path) -> None:
    """Feast would print all settings."""
    trino = {"user": "u", "password": "hunter2"}
    with pytest.raises(InvalidSettings) as refused:
        repository(tmp_path, "x", {"tokn": "hunter1", "trino": trino, "pyiceberg": {"c": {"key": ["hunter3"]}}})
    text = str(refused.value)
    assert refused.value.__suppress_context__
    assert "hunter" not in text
    assert "tokn: Extra inputs are not permitted" in text
    assert "trino.host: Field required" in text
    assert "pyiceberg.c.key" in text


def test_shows_no_secrets_of_pyiceberg(monkeypatch: pytest.MonkeyPatch) -> None:
    store = FirnOfflineStoreConfig(pyiceberg={"c": {"s3.secret-access-key": "hunter3"}})
    assert "hunter3" not in f"{store!r} {store} {store.model_dump_json()}"
    given: dict[str, str] = {}
    monkeypatch.setattr("pyiceberg.catalog.load_catalog", lambda name, **properties: given.update(properties))
    _iceberg._catalog(store, "c")
    assert given == {"s3.secret-access-key": "hunter3"}


# Rows that PyIceberg writes


def written(monkeypatch: pytest.MonkeyPatch, repo: FeatureStore, columns: pa.Schema, rows: Any, **source: Any) -> Any:
    """The rows that reach a table of these columns, by `write_to_offline_store`."""
    appended: list[pa.Table] = []
    table = SimpleNamespace(schema=lambda: SimpleNamespace(as_arrow=lambda: columns), append=appended.append)
    monkeypatch.setattr(_iceberg, "_catalog", lambda *_: SimpleNamespace(load_table=lambda _: table))
    monkeypatch.setattr(FirnSource, "get_table_column_names_and_types", lambda *_, **__: [(one, "") for one in rows])
    repo.apply([KEY, view_of("written", "total", **source)])
    repo.write_to_offline_store("written", rows)
    (found,) = appended
    return found.to_pylist()


def test_writes_rows_of_a_source_that_maps_names(repo: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = pa.schema({"k": pa.int64(), "tot": pa.int64(), "ts": pa.timestamp("us", "UTC")})
    rows = pd.DataFrame({"k": [1], "tot": [7], "ts": pd.to_datetime([at(0)], utc=True)})
    found = written(monkeypatch, repo, columns, rows, field_mapping={"tot": "total"})
    assert found == [{"k": 1, "tot": 7, "ts": at(0)}]


def test_does_not_swap_values_of_columns_that_swap_names(repo: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    time = pa.timestamp("us", "UTC")
    columns = pa.schema({"k": pa.int64(), "total": pa.int64(), "ts": time, "made": time})
    values = {"k": 1, "total": 7, "ts": at(0), "made": at(1)}
    rows = pd.DataFrame({name: [value] for name, value in values.items()})
    found = written(monkeypatch, repo, columns, rows, field_mapping={"ts": "made", "made": "ts"})
    assert found == [values]


def test_writes_columns_that_trino_told_in_lower_case(repo: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = pa.schema({"k": pa.int64(), "totalOrders": pa.int64(), "ts": pa.timestamp("us", "UTC")})
    rows = pd.DataFrame({"k": [1], "totalorders": [7], "ts": pd.to_datetime([at(0)], utc=True)})
    assert written(monkeypatch, repo, columns, rows) == [{"k": 1, "totalOrders": 7, "ts": at(0)}]


def test_refuses_two_columns_for_one_of_the_table(repo: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = pa.schema({"k": pa.int64(), "tot": pa.int64(), "total": pa.int64(), "ts": pa.timestamp("us", "UTC")})
    rows = pd.DataFrame({"k": [1], "tot": [7], "total": [8], "ts": pd.to_datetime([at(0)], utc=True)})
    with pytest.raises(ValueError, match="would be the table's column tot"):
        written(monkeypatch, repo, columns, rows, field_mapping={"tot": "total"})
