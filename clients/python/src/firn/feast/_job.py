"""The jobs that Feast gets: a retrieval by Firn, and rows of a table by Trino."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feast.errors import SavedDatasetLocationAlreadyExists
from feast.infra.offline_stores.offline_store import RetrievalJob, RetrievalMetadata
from feast.on_demand_feature_view import OnDemandFeatureView
from feast.repo_config import RepoConfig
from feast.saved_dataset import SavedDatasetStorage

from .._job import Job
from ._config import settings
from ._retrieval import Retrieval
from ._source import SavedDatasetFirnStorage
from ._trino import EntityTable, Trino

if TYPE_CHECKING:
    import pyarrow as pa


class _SavedJob(RetrievalJob):
    """What can be saved as an Iceberg table."""

    _config: RepoConfig

    def persist(self, storage: SavedDatasetStorage, allow_overwrite: bool = False, timeout: int | None = None) -> None:
        """Writes the rows to an Iceberg table in one commit of this process.

        :raises SavedDatasetLocationAlreadyExists: if the table is there, unless it may be overwritten
        """
        from ._iceberg import save

        if not isinstance(storage, SavedDatasetFirnStorage):
            raise ValueError(f"Firn saves to a SavedDatasetFirnStorage, got a {type(storage).__name__}")
        rows = self.to_arrow(timeout=timeout)
        store = settings(self._config)
        if not save(store, storage.table, rows, is_overwritten=allow_overwrite, is_appended=False):
            raise SavedDatasetLocationAlreadyExists(storage.table)


class FirnRetrievalJob(_SavedJob):
    """A retrieval by Firn. It is sent when the rows are wanted for the first time, and read again after that."""

    def __init__(
        self,
        config: RepoConfig,
        retrieval: Retrieval,
        *,
        full_feature_names: bool,
        on_demand_feature_views: list[OnDemandFeatureView],
        metadata: RetrievalMetadata,
        entity_table: EntityTable | None = None,
    ) -> None:
        self._config = config
        self._retrieval = retrieval
        self._full_feature_names = full_feature_names
        self._on_demand_feature_views = on_demand_feature_views
        self._metadata = metadata
        self._entity_table = entity_table

    @property
    def firn_jobs(self) -> list[Job]:
        """The jobs of Firn behind this one, which are sent now if they were not before: their pins, progress, cancel.

        One; two with filter_by_created_timestamp if only some of the views have a created timestamp.
        """
        return self._retrieval.ask()

    @property
    def full_feature_names(self) -> bool:
        return self._full_feature_names

    @property
    def on_demand_feature_views(self) -> list[OnDemandFeatureView]:
        return self._on_demand_feature_views

    @property
    def metadata(self) -> RetrievalMetadata | None:
        return self._metadata

    def _to_arrow_internal(self, timeout: int | None = None) -> pa.Table:
        self._wait(timeout)
        return self._retrieval.table(timeout)

    def _to_df_internal(self, timeout: int | None = None) -> Any:
        return self._to_arrow_internal(timeout).to_pandas()

    def _wait(self, timeout: float | None) -> None:
        """A timeout only ends the wait: the entity table stays until the outcome is there, or this job is gone."""
        jobs = self.firn_jobs
        try:
            for job in jobs:
                job.wait(timeout)
        finally:
            if self._entity_table is not None and all(job._outcome is not None for job in jobs):
                self._entity_table.drop()

    def supports_remote_storage_export(self) -> bool:
        """Whether the files that Firn wrote are what Feast asks for: without on demand features, names as they are."""
        return not self._on_demand_feature_views and self._retrieval.is_as_asked

    def to_remote_storage(self) -> list[str]:
        """The Parquet files that Firn wrote. They are removed when the result expires."""
        if not self.supports_remote_storage_export():
            raise NotImplementedError(
                "the result needs what Feast does after Firn (on demand features, or other names of columns): use "
                "to_arrow() or persist()"
            )
        self._wait(None)
        return [one["location"] for one in self.firn_jobs[0].result.raw["files"]]


class TrinoRetrievalJob(_SavedJob):
    """Rows of a table as one query of Trino, which reads the snapshot that is current when the rows are wanted."""

    def __init__(self, config: RepoConfig, query: str) -> None:
        self._config = config
        self._query = query

    @property
    def full_feature_names(self) -> bool:
        return False

    @property
    def on_demand_feature_views(self) -> list[OnDemandFeatureView]:
        return []

    @property
    def metadata(self) -> RetrievalMetadata | None:
        return None

    def to_sql(self) -> str:
        return self._query

    def _to_arrow_internal(self, timeout: int | None = None) -> pa.Table:
        store = settings(self._config)
        assert store.trino is not None
        with Trino(store.trino) as trino:
            return trino.table(self._query)

    def _to_df_internal(self, timeout: int | None = None) -> Any:
        return self._to_arrow_internal(timeout).to_pandas()
