"""What goes wrong under Feast, and what is said then."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.fs as fs
import pytest
from feast import FeatureStore, FeatureView, Field
from feast.errors import EntityTimestampInferenceException, FeastEntityDFMissingColumnsError
from feast.infra.data_sources.contrib.iceberg_catalog.iceberg_source import IcebergSource
from feast.infra.offline_stores.file_source import FileSource
from feast.types import Int32

from feast_tables import DRIVER, DRIVER_FEATURES, PLACE, Lake, at, driver_source, driver_view, labels, repository
from firn import (
    Firn,
    FirnUnavailable,
    FirnWarning,
    InvalidFrame,
    RequestRefused,
    ResultExpired,
    RetrievalCancelled,
    RetrievalFailed,
    WaitTimeout,
)
from firn.feast import FirnRetrievalJob, FirnSource

pytestmark = [pytest.mark.stack, pytest.mark.filterwarnings("default")]


def asked(repo: FeatureStore, rows: Any) -> FirnRetrievalJob:
    job = repo.get_historical_features(rows, DRIVER_FEATURES)
    assert isinstance(job, FirnRetrievalJob)
    return job


def test_names_join_keys_that_are_missing(repo: FeatureStore) -> None:
    with pytest.raises(FeastEntityDFMissingColumnsError, match="driver_id"):
        asked(repo, labels().drop(columns="driver_id"))


def test_needs_a_column_of_times(repo: FeatureStore) -> None:
    with pytest.raises(EntityTimestampInferenceException, match="event_timestamp"):
        asked(repo, labels().drop(columns="event_timestamp"))


def test_takes_the_only_column_of_times(repo: FeatureStore) -> None:
    rows = asked(repo, labels().rename(columns={"event_timestamp": "when"})).to_arrow()
    assert rows["trips"].to_pylist() == [30, None, 10, None]


def test_refuses_a_duplicate_column(repo: FeatureStore) -> None:
    rows = labels()
    rows.insert(0, "label", "x", allow_duplicates=True)
    with pytest.raises(InvalidFrame, match="two columns 'label'"):
        asked(repo, rows).to_arrow()


def test_drops_an_index_and_says_so(repo: FeatureStore) -> None:
    with pytest.warns(FirnWarning, match="index"):
        found = asked(repo, labels().iloc[::-1]).to_arrow()
    assert found["label"].to_pylist() == ["d", "c", "b", "a"]


def test_takes_no_rows(repo: FeatureStore) -> None:
    job = asked(repo, labels().iloc[:0])
    found = job.to_arrow()
    assert (found.num_rows, found.column_names[-2:]) == (0, ["rate", "trips"])
    assert job.metadata is not None
    assert job.metadata.min_event_timestamp is None


def test_refuses_integers_that_became_floats(repo: FeatureStore) -> None:
    rows = labels().assign(driver_id=[1, np.nan, 1, 3])
    with pytest.raises(RetrievalFailed, match="KEY_TYPE_MISMATCH"):
        asked(repo, rows).to_arrow()
    nullable = labels().assign(driver_id=pd.array([1, None, 1, 3], "Int64"))
    assert asked(repo, nullable).to_arrow()["trips"].to_pylist() == [30, None, 10, None]


def test_parses_times_that_are_text(repo: FeatureStore) -> None:
    texts: Any = ["2024-03-01T12:00:00Z", "2024-03-01 10:00:00", "2024-03-01T11:30:00+02:00", None]
    assert asked(repo, labels().assign(event_timestamp=texts)).to_arrow()["trips"].to_pylist() == [30, None, 10, None]
    with pytest.raises(InvalidFrame, match="ISO 8601"):
        asked(repo, labels().assign(event_timestamp=["yesterday"] * 4))


def test_refuses_rows_of_another_kind(repo: FeatureStore) -> None:
    with pytest.raises(TypeError, match="DataFrame or a query, got list"):
        asked(repo, [1])


def test_refuses_a_feature_that_a_view_does_not_have(repo: FeatureStore) -> None:
    with pytest.raises(KeyError, match="tips"):
        repo.get_historical_features(labels(), ["driver_stats:tips"])


def test_tells_what_firn_refuses_at_the_first_retrieval(lake: Lake, tables: str, tmp_path: Path) -> None:
    repo = repository(tmp_path, f"{lake.schema}_refused", {})
    source = FirnSource(name="places", table=f"{tables}.places", timestamp_field="ts")
    view = FeatureView(name="misspelt", entities=[PLACE], schema=[Field(name="temprature", dtype=Int32)], source=source)
    repo.apply([PLACE, view])
    rows = pd.DataFrame({"place_id": [7], "event_timestamp": [at(0)]})
    with pytest.raises(RequestRefused) as refused:
        repo.get_historical_features(rows, ["misspelt:temprature"])
    (violation,) = refused.value.violations
    assert (violation.code, violation.suggestion) == ("COLUMN_NOT_FOUND", "temperature")
    assert violation.field.startswith("misspelt.")


def test_says_that_firn_is_away(lake: Lake, tables: str, tmp_path: Path, nobody: str) -> None:
    repo = repository(tmp_path, f"{lake.schema}_away", {"url": nobody, "retry_for": 0})
    repo.apply([DRIVER, driver_view(driver_source(f"{tables}.drivers"))])
    with pytest.raises(FirnUnavailable, match="FIRN_UNREACHABLE"):
        asked(repo, labels())


@pytest.mark.parametrize("cancels", [True, False])
def test_ends_a_wait(firn: Firn, repo: FeatureStore, unknown_id: str, cancels: bool) -> None:
    """By another thread that cancels, or by the timeout, after which the retrieval goes on."""
    job = asked(repo, labels())
    job._retrieval.jobs = [firn.job(unknown_id)]
    if not cancels:
        with pytest.raises(WaitTimeout, match="picks it up"):
            job.to_df(timeout=1)
        return
    other = threading.Thread(target=job.firn_jobs[0].cancel)
    other.start()
    with pytest.raises(RetrievalCancelled):
        job.to_df()
    other.join()


def test_says_that_a_result_was_cleaned_up(repo: FeatureStore) -> None:
    job = asked(repo, labels())
    (location,) = job.to_remote_storage()
    store = fs.S3FileSystem(endpoint_override=os.environ["AWS_ENDPOINT_URL_S3"], scheme="http", region="us-east-1")
    store.delete_file(location.removeprefix("s3://"))
    with pytest.raises(ResultExpired):
        job.to_df()


def test_says_what_an_entity_query_needs(tables: str, lake: Lake, tmp_path: Path) -> None:
    repo = repository(tmp_path, f"{lake.schema}_scratch", {})
    repo.apply([DRIVER, driver_view(driver_source(f"{tables}.drivers"))])
    with pytest.raises(ValueError, match="scratch_schema"):
        asked(repo, "SELECT 1")
    with pytest.raises(ValueError, match=r"offline_store\.trino"):
        repo.materialize(at(-4), at(0))


def test_leaves_no_table_of_a_query_that_is_wrong(repo: FeatureStore, lake: Lake) -> None:
    before = lake.names()
    with pytest.raises(FeastEntityDFMissingColumnsError, match="driver_id"):
        asked(repo, "SELECT TIMESTAMP '2024-03-01 12:00:00 UTC' AS event_timestamp")
    with pytest.raises(Exception, match="no_such_table"):
        asked(repo, f"SELECT * FROM iceberg.{lake.schema}.no_such_table")
    assert lake.names() == before


def test_refuses_sources_that_firn_does_not_read(tables: str, lake: Lake, tmp_path: Path) -> None:
    repo = repository(tmp_path, f"{lake.schema}_sources", {})
    iceberg = IcebergSource(name="far", warehouse="far", namespace="a", table="b", timestamp_field="ts")
    file = FileSource(name="file", path="nowhere.parquet", timestamp_field="ts")
    schema = [Field(name="temperature", dtype=Int32)]
    views = [FeatureView(name=one.name, entities=[PLACE], schema=schema, source=one) for one in (iceberg, file)]
    repo.apply([PLACE, *views])
    rows = pd.DataFrame({"place_id": [7], "event_timestamp": [at(0)]})
    with pytest.raises(ValueError, match=r"offline_store\.catalogs"):
        repo.get_historical_features(rows, ["far:temperature"])
    with pytest.raises(ValueError, match="FirnSource or an IcebergSource, got the source 'file', a FileSource"):
        repo.get_historical_features(rows, ["file:temperature"])


def test_filters_states_only_of_like_views(repo: FeatureStore) -> None:
    with pytest.raises(ValueError, match="in all views or in none; missing in world_stats"):
        repo.get_historical_features(
            features=[*DRIVER_FEATURES, "world_stats:rides"],
            start_date=at(-3),
            end_date=at(0),
            filter_by_created_timestamp=True,
        )
