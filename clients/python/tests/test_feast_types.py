"""Types and definitions of the Feast plug-in, without a system."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pyarrow as pa
import pytest
from feast.data_source import DataSource
from feast.feature_logging import LoggingConfig
from feast.saved_dataset import SavedDatasetStorage
from feast.types import Array, Bytes, FeastType, Float32, Int32, Int64, String, UnixTimestamp
from feast.value_type import ValueType

from firn.feast import FirnLoggingDestination, FirnSource, SavedDatasetFirnStorage
from firn.feast._trino import quoted_table, time_literal
from firn.feast._types import declared_dtype, dtype, feast_value_type, of_trino
from firn.feast._views import _identifier


@pytest.mark.parametrize(
    ("trino", "firn"),
    [
        ("bigint", "int64"),
        ("smallint", "int32"),
        ("real", "float32"),
        ("varchar(10)", "string"),
        ("varbinary", "bytes"),
        ("timestamp(6)", "timestamp"),
        ("timestamp(6) with time zone", "timestamptz"),
        ("timestamp(9) with time zone", "timestamptz_ns"),
        ("time(6)", "time"),
        ("decimal(18, 2)", "decimal(18,2)"),
        ("uuid", "uuid"),
        ("array(double)", "list<float64>"),
        ("map(varchar, array(bigint))", "map<string, list<int64>>"),
        (
            'row(a bigint, "b c, (d" decimal(9,2), e row(f date))',
            "struct<a: int64, b c, (d: decimal(9,2), e: struct<f: date>>",
        ),
    ],
)
def test_gives_the_dtype_of_a_column_of_trino(trino: str, firn: str) -> None:
    assert dtype(of_trino(trino)) == firn


def test_refuses_a_type_that_has_no_counterpart() -> None:
    with pytest.raises(ValueError, match="ipaddress"):
        of_trino("ipaddress")


def test_declares_the_widest_dtype() -> None:
    given: list[FeastType] = [Int32, Int64, Float32, String, Bytes, UnixTimestamp, Array(Int32)]
    found = ["int64", "int64", "float64", "string", "bytes", "timestamptz", "list<int64>"]
    assert [declared_dtype(one) for one in given] == found


def test_gives_feast_the_value_types_of_arrow() -> None:
    given = ["int32", "timestamp[us, tz=UTC]", "list<item: double>", "struct<a: int64>", "decimal128(9, 2)", "month"]
    found = ["INT32", "UNIX_TIMESTAMP", "DOUBLE_LIST", "STRUCT", "DOUBLE", "UNKNOWN"]
    assert [feast_value_type(one) for one in given] == [ValueType[one] for one in found]


def test_compares_instants_in_utc() -> None:
    at = datetime(2024, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert time_literal(at, pa.timestamp("us", "UTC")) == "TIMESTAMP '2024-01-01 00:00:00.000000 UTC'"
    assert time_literal(at, pa.timestamp("us")) == "TIMESTAMP '2024-01-01 00:00:00.000000'"


def test_quotes_names() -> None:
    assert quoted_table('a.b.c"d') == '"a"."b"."c""d"'


def test_names_with_identifiers() -> None:
    assert [_identifier(one) for one in ("a__b", "my-project", "_9lives", "é")] == [
        "a_b",
        "my_project",
        "f_9lives",
        "x",
    ]


def test_keeps_a_source_in_the_registry() -> None:
    source = FirnSource(
        name="one",
        table="iceberg.gold.drivers",
        timestamp_field="ts",
        created_timestamp_column="created",
        field_mapping={"ts_1": "ts"},
        firn_view="drivers",
        description="what",
        tags={"a": "b"},
        owner="me",
    )
    found = DataSource.from_proto(source.to_proto())
    assert isinstance(found, FirnSource)
    assert found == source
    assert found != FirnSource(name="one", table="iceberg.gold.drivers", timestamp_field="ts")
    assert found.firn_view == "drivers"


def test_keeps_destinations_in_the_registry() -> None:
    storage = SavedDatasetStorage.from_proto(SavedDatasetFirnStorage("iceberg.gold.saved").to_proto())
    assert isinstance(storage, SavedDatasetFirnStorage)
    assert storage.table == "iceberg.gold.saved"
    logs = LoggingConfig.from_proto(LoggingConfig(FirnLoggingDestination("iceberg.gold.logs"), 0.5).to_proto())
    assert logs is not None
    assert isinstance(logs.destination, FirnLoggingDestination)
    assert (logs.destination.table, logs.sample_rate) == ("iceberg.gold.logs", 0.5)


def test_refuses_a_table_without_its_catalog() -> None:
    with pytest.raises(ValueError, match=r"catalog\.schema\.table"):
        FirnSource(table="drivers", timestamp_field="ts")
