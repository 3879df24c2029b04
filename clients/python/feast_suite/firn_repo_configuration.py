"""What Feast's own tests of offline stores run on: FULL_REPO_CONFIGS_MODULE=firn_repo_configuration.

scripts/feast-suite runs them on the system of the environment.
"""

from __future__ import annotations

import contextlib
import os
import re
import uuid

import pandas as pd
import pyarrow as pa
from feast.data_source import DataSource
from feast.feature_logging import LoggingDestination
from feast.repo_config import FeastConfigBaseModel
from feast.saved_dataset import SavedDatasetStorage
from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import NoSuchTableError
from tests.universal.feature_repos.universal.data_source_creator import DataSourceCreator

from firn import Firn
from firn.feast import (
    FirnLoggingDestination,
    FirnOfflineStoreConfig,
    FirnSource,
    SavedDatasetFirnStorage,
    TrinoConfig,
)

CATALOG = "iceberg"


class FirnDataSourceCreator(DataSourceCreator):
    """Tables in a schema of its own, which it drops at the end, as it does what was registered for its project."""

    def __init__(self, project_name: str, *args: object, **kwargs: object) -> None:
        super().__init__(project_name)
        self._schema = f"feast_suite_{uuid.uuid4().hex[:10]}"
        self._catalog = load_catalog(CATALOG)
        self._catalog.create_namespace(self._schema)

    def create_data_source(
        self,
        df: pd.DataFrame,
        destination_name: str,
        created_timestamp_column: str | None = "created_ts",
        field_mapping: dict[str, str] | None = None,
        timestamp_field: str | None = "ts",
    ) -> DataSource:
        rows = _as_iceberg(pa.Table.from_pandas(df, preserve_index=False))
        name = self._name(destination_name)
        with contextlib.suppress(NoSuchTableError):
            self._catalog.drop_table(f"{self._schema}.{name}")
        self._catalog.create_table(f"{self._schema}.{name}", rows.schema).append(rows)
        return FirnSource(
            name=f"{destination_name}_source",
            table=self._table(name),
            timestamp_field=timestamp_field,
            created_timestamp_column=created_timestamp_column,
            field_mapping=field_mapping or {"ts_1": "ts"},
        )

    def create_offline_store_config(self) -> FeastConfigBaseModel:
        return FirnOfflineStoreConfig(
            trino=TrinoConfig(
                host=os.environ["TRINO_HOST"],
                port=int(os.environ["TRINO_PORT"]),
                user=os.environ["TRINO_USER"],
                scratch_schema=f"{CATALOG}.{self._schema}",
            )
        )

    def create_saved_dataset_destination(self) -> SavedDatasetStorage:
        return SavedDatasetFirnStorage(self._table(f"saved_{uuid.uuid4().hex}"))

    def create_logged_features_destination(self) -> LoggingDestination:
        return FirnLoggingDestination(self._table(f"logged_{uuid.uuid4().hex}"))

    def teardown(self) -> None:
        with Firn() as firn:
            for view in firn.views():
                if view.tags.get("feast_project") == self.project_name and view.status != "DROPPED":
                    firn.drop(view.name)
        for table in self._catalog.list_tables(self._schema):
            self._catalog.drop_table(table)
        self._catalog.drop_namespace(self._schema)

    def _table(self, name: str) -> str:
        return f"{CATALOG}.{self._schema}.{name}"

    @staticmethod
    def _name(text: str) -> str:
        return re.sub(r"\W+", "_", text).lower()


def _as_iceberg(rows: pa.Table) -> pa.Table:
    """Times in microseconds, which all of Iceberg's readers have. Dicts are structs."""
    fields = [
        pa.field(one.name, pa.timestamp("us", one.type.tz) if pa.types.is_timestamp(one.type) else one.type)
        for one in rows.schema
    ]
    return rows.replace_schema_metadata(None).cast(pa.schema(fields))


AVAILABLE_OFFLINE_STORES = [("local", FirnDataSourceCreator)]
AVAILABLE_ONLINE_STORES = {"sqlite": ({"type": "sqlite"}, None)}
