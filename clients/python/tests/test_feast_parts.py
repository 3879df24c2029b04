"""What the Feast plug-in sends to Firn and to Trino, which are played by fakes here."""

from __future__ import annotations

import atexit
import warnings
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pandas as pd
import pyarrow as pa
import pytest
from feast import BatchFeatureView, Entity, FeatureStore, FeatureView, Field
from feast.errors import FeastEntityDFMissingColumnsError
from feast.types import Int64
from feast.value_type import ValueType
from trino import dbapi

from feast_tables import at, repository
from firn import FirnWarning, NotFound, RequestRefused
from firn.feast import FirnOfflineStore, FirnOfflineStoreConfig, FirnSource, InvalidSettings, _config, _iceberg
from firn.feast._retrieval import Use, uses_of
from firn.feast._trino import Trino

pytestmark = pytest.mark.filterwarnings("default")

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
    monkeypatch.setattr(dbapi, "connect", lambda **_: made)
    return made


@pytest.fixture
def trino_repo(fake_firn: FakeFirn, fake_trino: FakeTrino, tmp_path: Path) -> FeatureStore:
    settings = {"trino": {"host": "h", "user": "u", "scratch_schema": "iceberg.scratch"}}
    return repository(tmp_path, "parts", settings, "firn.feast.FirnProvider")


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


# Rows that Trino reads


def latest(repo: FeatureStore, source: FirnSource, features: list[str], created: str | None = None) -> str:
    job: Any = FirnOfflineStore.pull_latest_from_table_or_query(
        repo.config, source, ["k"], features, source.timestamp_field, created, at(-1), at(0)
    )
    return str(job.to_sql())


def every(repo: FeatureStore, source: FirnSource, features: list[str]) -> str:
    job: Any = FirnOfflineStore.pull_all_from_table_or_query(
        repo.config, source, ["k"], features, source.timestamp_field, None, at(-1), None
    )
    return str(job.to_sql())


def test_reads_times_in_the_zone_of_a_view_of_firn(
    trino_repo: FeatureStore, fake_trino: FakeTrino, fake_firn: FakeFirn
) -> None:
    fake_trino.columns = [("k", "bigint"), ("total", "timestamp(6)"), ("ts", "timestamp(6)"), ("made", "timestamp(6)")]
    fake_firn.sources["zoned"] = {"timestamp_zone": "Europe/Berlin"}
    source = FirnSource(table=TABLE, timestamp_field="ts", firn_view="zoned")
    ts, made = (
        f"CAST(CAST(\"{one}\" AS varchar) || ' Europe/Berlin' AS timestamp(6) with time zone)" for one in ("ts", "made")
    )
    sql = latest(trino_repo, source, ["total"], "made")
    assert sql.startswith(f'SELECT "k", "total", {ts} AS "ts", {made} AS "made" FROM')
    assert f"ORDER BY {ts} DESC NULLS LAST, {made} DESC NULLS LAST" in sql
    window = f"{ts} >= TIMESTAMP '2024-03-01 11:00:00.000000 UTC'"
    assert window in sql
    assert f"{ts} <= TIMESTAMP '2024-03-01 12:00:00.000000 UTC'" in sql
    assert every(trino_repo, source, ["total"]) == (
        f'SELECT "k", "total", {ts} AS "ts" FROM "iceberg"."gold"."orders" '
        f"WHERE \"ts\" >= TIMESTAMP '2024-02-29 11:00:00.000000' AND {window}"
    )


def test_refuses_to_read_times_whose_zone_it_cannot_see(trino_repo: FeatureStore, fake_trino: FakeTrino) -> None:
    source = FirnSource(table=TABLE, timestamp_field="ts", firn_view="away")
    latest(trino_repo, source, ["total"])
    fake_trino.columns = [("k", "bigint"), ("total", "bigint"), ("ts", "timestamp(6)")]
    with pytest.raises(NotFound, match="away"):
        latest(trino_repo, source, ["total"])


def test_reads_the_columns_that_a_table_has_now(trino_repo: FeatureStore) -> None:
    source = FirnSource(table=TABLE, timestamp_field="ts")
    assert "FOR VERSION" not in latest(trino_repo, source, ["total"])
    assert "FOR VERSION" not in every(trino_repo, source, ["total"])


def test_reads_all_columns_for_a_transformation(trino_repo: FeatureStore) -> None:
    source = FirnSource(table=TABLE, timestamp_field="ts")
    assert latest(trino_repo, source, []).startswith('SELECT "k", "total", "ts" FROM')
    assert every(trino_repo, source, []).startswith('SELECT "k", "total", "ts" FROM')


def test_finds_columns_that_trino_tells_in_lower_case(trino_repo: FeatureStore, fake_trino: FakeTrino) -> None:
    fake_trino.columns = [("k", "bigint"), ("totalorders", "integer"), ("updatedat", "timestamp(6)")]
    source = FirnSource(table=TABLE, timestamp_field="updatedAt")
    source.validate(trino_repo.config)
    sql = latest(trino_repo, source, ["totalOrders"])
    assert sql.startswith('SELECT "k", "totalorders" AS "totalOrders", "updatedat" AS "updatedAt" FROM')
    with pytest.raises(ValueError, match="no column createdAt"):
        FirnSource(table=TABLE, timestamp_field="updatedAt", created_timestamp_column="createdAt").validate(
            trino_repo.config
        )


# Views that Feast computes


def doubled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(double=frame["total"] * 2)


def computed_view() -> BatchFeatureView:
    return BatchFeatureView(
        name="computed",
        entities=[KEY],
        schema=[Field(name="double", dtype=Int64)],
        source=FirnSource(name="computed_source", table=TABLE, timestamp_field="ts"),
        mode="pandas",
        udf=doubled,
        online=True,
        ttl=timedelta(0),
    )


def test_does_not_register_what_feast_computes(trino_repo: FeatureStore, fake_firn: FakeFirn) -> None:
    plain = BatchFeatureView(
        name="plain",
        entities=[KEY],
        schema=[Field(name="total", dtype=Int64)],
        source=FirnSource(name="plain_source", table=TABLE, timestamp_field="ts"),
        ttl=timedelta(0),
    )
    with pytest.warns(FirnWarning, match="does not register 'computed'"):
        trino_repo.apply([KEY, computed_view(), plain])
    assert [one.split("_")[1] for one in fake_firn.registered] == ["plain"]
    # as Feast's registry has it
    with pytest.raises(ValueError, match="Feast computes the features of 'computed'"):
        trino_repo.get_historical_features(ROWS, ["computed:double"])


def test_materializes_what_feast_computes(trino_repo: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"k": [1], "total": [7], "ts": pa.array([at(-1)], pa.timestamp("us", "UTC"))}
    selected = 'SELECT "k", "total", "ts" FROM'
    monkeypatch.setattr(Trino, "table", lambda _, sql: pa.table(row if sql.startswith(selected) else {}))
    trino_repo.apply([KEY, computed_view()])
    trino_repo.materialize(at(-2), at(0))
    assert trino_repo.get_online_features(["computed:double"], [{"k": 1}]).to_dict()["double"] == [14]


# The table of an entity query

QUERY = "SELECT 1 AS k"


@pytest.fixture
def query_repo(trino_repo: FeatureStore, fake_trino: FakeTrino) -> FeatureStore:
    fake_trino.columns = [("k", "bigint"), ("event_timestamp", "timestamp(6) with time zone")]
    trino_repo.apply([KEY, view_of("orders", "total")])
    return trino_repo


def beginnings(trino: FakeTrino) -> list[str]:
    return [one.split()[0] for one in trino.statements if one.startswith(("CREATE", "DROP"))]


def test_leaves_no_table_after_ctrl_c(query_repo: FeatureStore, fake_trino: FakeTrino) -> None:
    fake_trino.fails_at, fake_trino.error = "CREATE", KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        query_repo.get_historical_features(QUERY, ["orders:total"])
    assert fake_trino.cancelled == 1
    assert beginnings(fake_trino) == ["CREATE", "DROP"]


def test_drops_the_table_of_rows_that_are_refused(query_repo: FeatureStore, fake_trino: FakeTrino) -> None:
    fake_trino.columns = [("event_timestamp", "timestamp(6) with time zone")]
    with pytest.raises(FeastEntityDFMissingColumnsError) as refused:
        query_repo.get_historical_features(QUERY, ["orders:total"])
    # while the error is still there, as in a notebook
    assert (beginnings(fake_trino), refused.type) == (["CREATE", "DROP"], FeastEntityDFMissingColumnsError)


@pytest.mark.parametrize("is_error", [False, True])
def test_gives_the_result_though_the_table_cannot_be_dropped(
    query_repo: FeatureStore, fake_trino: FakeTrino, monkeypatch: pytest.MonkeyPatch, is_error: bool
) -> None:
    at_exit: list[tuple[Any, ...]] = []
    monkeypatch.setattr(atexit, "register", lambda *call: at_exit.append(call))
    monkeypatch.setattr(FakeFirn, "spine", ["k", "event_timestamp"])
    job = query_repo.get_historical_features(QUERY, ["orders:total"])
    fake_trino.fails_at = "DROP"
    with warnings.catch_warnings(record=not is_error) as said:
        warnings.simplefilter("error" if is_error else "always")
        assert job.to_arrow().column_names == ["k", "event_timestamp", "total"]
    if said is not None:
        assert ["could not be dropped" in str(one.message) for one in said] == [True]
    assert job.to_arrow().num_rows == 1
    ((call, *parts),) = at_exit
    with pytest.warns(FirnWarning, match=r"is left in Trino.*Trino restarts"):
        call(*parts)
    fake_trino.fails_at = ""
    call(*parts)
    assert beginnings(fake_trino) == ["CREATE", "DROP", "DROP", "DROP"]


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
