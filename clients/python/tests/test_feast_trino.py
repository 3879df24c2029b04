"""What the Feast plug-in asks of Trino, without a system."""

from __future__ import annotations

import atexit
import time
import warnings
from datetime import timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from feast import BatchFeatureView, FeatureStore, Field
from feast.errors import FeastEntityDFMissingColumnsError
from feast.types import Int64

from feast_fakes import KEY, ROWS, TABLE, FakeFirn, FakeTrino, view_of
from feast_tables import at
from firn import FirnWarning, NotFound
from firn.feast import FirnOfflineStore, FirnSource
from firn.feast._config import TrinoConfig
from firn.feast._trino import Trino

pytestmark = pytest.mark.filterwarnings("default")


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


def dropped(trino: FakeTrino) -> list[str]:
    return [one.removeprefix("DROP TABLE IF EXISTS ") for one in trino.statements if one.startswith("DROP")]


def test_drops_what_a_killed_process_has_left(
    query_repo: FeatureStore, fake_trino: FakeTrino, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeFirn, "spine", ["k", "event_timestamp"])
    now = int(time.time())
    old, young = (f"firn_feast_{at}_{'0' * 32}" for at in (now - 25 * 3600, now - 23 * 3600))
    fake_trino.tables = [young, old, "firn_feast_notes", f"firn_feast_1_{'0' * 32}", f"my_{old}"]
    query_repo.get_historical_features(QUERY, ["orders:total"]).to_arrow()
    swept, own = dropped(fake_trino)
    assert swept == f'"iceberg"."scratch"."{old}"'
    assert young not in own
    # once in the life of a process
    query_repo.get_historical_features(QUERY, ["orders:total"]).to_arrow()
    assert len(dropped(fake_trino)) == 3


def test_a_table_that_cannot_be_swept_does_not_matter(
    query_repo: FeatureStore, fake_trino: FakeTrino, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeFirn, "spine", ["k", "event_timestamp"])
    fake_trino.tables = [f"firn_feast_1000000000_{'0' * 32}"]
    fake_trino.fails_at = "DROP"
    job = query_repo.get_historical_features(QUERY, ["orders:total"])
    fake_trino.fails_at = ""
    assert job.to_arrow().num_rows == 1
    assert beginnings(fake_trino) == ["DROP", "CREATE", "DROP"]


def test_ends_a_query_after_its_timeout(fake_trino: FakeTrino) -> None:
    with Trino(TrinoConfig(host="h", user="u", query_timeout=600)):
        assert fake_trino.connected["session_properties"] == {"query_max_run_time": "600s"}
    with Trino(TrinoConfig(host="h", user="u")):
        assert fake_trino.connected["session_properties"] is None
