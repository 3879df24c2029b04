"""Where features, saved datasets and logs are: Iceberg tables."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from feast.data_source import DataSource
from feast.feature_logging import LoggingDestination
from feast.infra.data_sources.contrib.iceberg_catalog.iceberg_source import IcebergSource
from feast.protos.feast.core.DataSource_pb2 import DataSource as DataSourceProto
from feast.protos.feast.core.FeatureService_pb2 import LoggingConfig as LoggingConfigProto
from feast.protos.feast.core.SavedDataset_pb2 import SavedDatasetStorage as SavedDatasetStorageProto
from feast.repo_config import RepoConfig
from feast.saved_dataset import SavedDatasetStorage
from feast.value_type import ValueType

from ._config import settings
from ._types import feast_value_type

_TABLE = re.compile(r"[^.\s\"]+\.[^.\s\"]+\.[^.\s\"]+")


def _table_name(table: str) -> str:
    if not _TABLE.fullmatch(table):
        raise ValueError(f"a table is written as catalog.schema.table, got '{table}'")
    return table


class FirnSource(DataSource):
    """An Iceberg table that Firn reads.

    :param table: catalog.schema.table, as Trino and Firn name it
    :param firn_view: a feature view that is registered in Firn already and is used as it is; Feast registers none.
        Its entities and features have the names that Feast uses
    """

    def __init__(
        self,
        *,
        table: str,
        name: str | None = None,
        timestamp_field: str | None = None,
        created_timestamp_column: str | None = None,
        field_mapping: dict[str, str] | None = None,
        firn_view: str | None = None,
        description: str | None = "",
        tags: dict[str, str] | None = None,
        owner: str | None = "",
    ) -> None:
        self.table = _table_name(table)
        self.firn_view = firn_view or ""
        super().__init__(
            name=name or table,
            timestamp_field=timestamp_field,
            created_timestamp_column=created_timestamp_column,
            field_mapping=field_mapping,
            description=description,
            tags=tags,
            owner=owner,
        )

    def source_type(self) -> Any:
        return DataSourceProto.CUSTOM_SOURCE

    @staticmethod
    def from_proto(data_source: DataSourceProto) -> FirnSource:
        options = json.loads(data_source.custom_options.configuration)
        return FirnSource(
            name=data_source.name,
            table=options["table"],
            firn_view=options.get("firn_view"),
            timestamp_field=data_source.timestamp_field,
            created_timestamp_column=data_source.created_timestamp_column,
            field_mapping=dict(data_source.field_mapping),
            description=data_source.description,
            tags=dict(data_source.tags),
            owner=data_source.owner,
        )

    def _to_proto_impl(self) -> DataSourceProto:
        options = {"table": self.table, "firn_view": self.firn_view}
        return DataSourceProto(
            name=self.name,
            type=DataSourceProto.CUSTOM_SOURCE,
            data_source_class_type="firn.feast.FirnSource",
            custom_options=DataSourceProto.CustomSourceOptions(configuration=json.dumps(options).encode()),
            timestamp_field=self.timestamp_field,
            created_timestamp_column=self.created_timestamp_column,
            field_mapping=self.field_mapping,
            description=self.description,
            tags=self.tags,
            owner=self.owner,
        )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, FirnSource)
            and bool(super().__eq__(other))  # type: ignore[no-untyped-call]
            and (self.table, self.firn_view) == (other.table, other.firn_view)
        )

    def __hash__(self) -> int:
        return hash((self.name, self.table))

    def validate(self, config: RepoConfig) -> None:
        from ._tables import require_source

        require_source(config, self)

    def get_table_column_names_and_types(self, config: RepoConfig) -> Iterable[tuple[str, str]]:
        from ._tables import column_names_and_types

        return column_names_and_types(config, self)

    def get_table_query_string(self) -> str:
        return ".".join(f'"{part}"' for part in self.table.split("."))

    @staticmethod
    def source_datatype_to_feast_value_type() -> Callable[[str], ValueType]:
        return feast_value_type


class SavedDatasetFirnStorage(SavedDatasetStorage):
    """A saved dataset as an Iceberg table, which PyIceberg creates.

    :param table: catalog.schema.table; the schema exists
    """

    _proto_attr_name = "custom_storage"

    def __init__(self, table: str) -> None:
        self.table = _table_name(table)

    @staticmethod
    def from_proto(storage_proto: SavedDatasetStorageProto) -> SavedDatasetStorage:
        return SavedDatasetFirnStorage(json.loads(storage_proto.custom_storage.configuration)["table"])

    def to_proto(self) -> SavedDatasetStorageProto:
        options = json.dumps({"table": self.table}).encode()
        return self._custom_storage_proto(DataSourceProto.CustomSourceOptions(configuration=options))

    def to_data_source(self) -> DataSource:
        return FirnSource(table=self.table, timestamp_field="event_timestamp")


class FirnLoggingDestination(LoggingDestination):
    """Logged features as an Iceberg table, which the first logs create.

    :param table: catalog.schema.table; the schema exists
    """

    _proto_kind = "firn"

    def __init__(self, table: str) -> None:
        self.table = _table_name(table)

    @classmethod
    def from_proto(cls, config_proto: LoggingConfigProto) -> FirnLoggingDestination:
        return cls(config_proto.custom_destination.config["table"])

    def to_proto(self) -> LoggingConfigProto:
        custom = LoggingConfigProto.CustomDestination(kind=self._proto_kind, config={"table": self.table})
        return LoggingConfigProto(custom_destination=custom)

    def to_data_source(self) -> DataSource:
        return FirnSource(table=self.table)


def table_of(config: RepoConfig, source: DataSource | None) -> str:
    """The table behind a source, as Firn and Trino name it.

    :raises ValueError: if the source is not one that Firn reads
    """
    if isinstance(source, FirnSource):
        return source.table
    if isinstance(source, IcebergSource):
        catalogs = settings(config).catalogs
        found = catalogs.get(source.warehouse)
        if found is None:
            raise ValueError(
                f"source '{source.name}' is of the warehouse '{source.warehouse}': add the catalog that Firn reads it "
                "by to offline_store.catalogs in feature_store.yaml"
            )
        return _table_name(f"{found}.{source.namespace}.{source.iceberg_table}")
    what = "no batch source" if source is None else f"the source '{source.name}', a {type(source).__name__}"
    raise ValueError(f"Firn reads a FirnSource or an IcebergSource, got {what}")
