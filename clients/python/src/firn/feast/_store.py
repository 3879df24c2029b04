"""The offline store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feast.data_source import DataSource
from feast.feature_logging import LoggingConfig, LoggingSource
from feast.feature_view import FeatureView
from feast.infra.offline_stores.offline_store import OfflineStore, RetrievalJob, RetrievalMetadata
from feast.infra.registry.base_registry import BaseRegistry
from feast.on_demand_feature_view import OnDemandFeatureView
from feast.repo_config import RepoConfig
from feast.utils import (
    _get_requested_feature_views_to_features_dict,
    _get_requested_on_demand_feature_views,
    compute_non_entity_date_range,
)

from ._config import settings
from ._entities import arrow_of, bounds, require_columns, timestamp_column
from ._job import FirnRetrievalJob, TrinoRetrievalJob
from ._retrieval import Retrieval, Rows, Use, require_names, uses_of, with_created
from ._rows import SourceRows
from ._source import FirnLoggingDestination, table_of
from ._trino import EntityTable
from ._views import ensure

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

RANGE_COLUMN = "event_timestamp"


class FirnOfflineStore(OfflineStore):
    """Feast's retrievals by Firn, the rows of tables by Trino, and writes by PyIceberg."""

    supports_filter_by_created_timestamp = True

    @staticmethod
    def get_historical_features(
        config: RepoConfig,
        feature_views: list[FeatureView],
        feature_refs: list[str],
        entity_df: pd.DataFrame | str | None,
        registry: BaseRegistry,
        project: str,
        full_feature_names: bool = False,
        *,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        filter_by_created_timestamp: bool = False,
    ) -> RetrievalJob:
        requested, _ = _get_requested_feature_views_to_features_dict(
            feature_refs, feature_views, _get_requested_on_demand_feature_views(feature_refs, project, registry)
        )
        uses = uses_of(config, project, requested, full_feature_names)
        if filter_by_created_timestamp:
            uses = with_created(config, uses)
        entity_table: EntityTable | None = None
        times: tuple[datetime | None, datetime | None]
        try:
            if entity_df is None:
                _require_one_filter(uses, filter_by_created_timestamp)
                start, end = compute_non_entity_date_range(feature_views, start_date, end_date)
                rows = Rows(None, RANGE_COLUMN, start, end)
                keys, times = _keys(uses), (start, end)
            elif isinstance(entity_df, str):
                entity_table = EntityTable(settings(config).trino, entity_df)
                schema = entity_table.schema()
                rows = Rows(entity_table.name, _checked(schema, uses))
                keys, times = schema.names, entity_table.bounds(rows.timestamp_column)
            else:
                table = arrow_of(entity_df)
                rows = Rows(table, _checked(table.schema, uses))
                keys, times = table.column_names, bounds(table, rows.timestamp_column)
            require_names([*keys, rows.timestamp_column], uses)
            ensure(config, [one.definition for one in uses])
        except BaseException:
            if entity_table is not None:
                entity_table.drop()
            raise
        return FirnRetrievalJob(
            config,
            Retrieval(config, rows, uses, filter_by_created_timestamp, full_feature_names=full_feature_names),
            full_feature_names=full_feature_names,
            on_demand_feature_views=OnDemandFeatureView.get_requested_odfvs(feature_refs, project, registry),
            metadata=RetrievalMetadata(
                features=feature_refs,
                keys=[one for one in keys if one != rows.timestamp_column],
                min_event_timestamp=times[0],
                max_event_timestamp=times[1],
            ),
            entity_table=entity_table,
        )

    @staticmethod
    def pull_latest_from_table_or_query(
        config: RepoConfig,
        data_source: DataSource,
        join_key_columns: list[str],
        feature_name_columns: list[str],
        timestamp_field: str,
        created_timestamp_column: str | None,
        start_date: datetime,
        end_date: datetime,
    ) -> RetrievalJob:
        rows = SourceRows(config, data_source, _times(timestamp_field, created_timestamp_column))
        return TrinoRetrievalJob(config, rows.latest(join_key_columns, feature_name_columns, start_date, end_date))

    @staticmethod
    def pull_all_from_table_or_query(
        config: RepoConfig,
        data_source: DataSource,
        join_key_columns: list[str],
        feature_name_columns: list[str],
        timestamp_field: str,
        created_timestamp_column: str | None = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
    ) -> RetrievalJob:
        rows = SourceRows(config, data_source, _times(timestamp_field, created_timestamp_column))
        return TrinoRetrievalJob(config, rows.all(join_key_columns, feature_name_columns, start_date, end_date))

    @staticmethod
    def offline_write_batch(
        config: RepoConfig, feature_view: FeatureView, table: pa.Table, progress: Callable[[int], Any] | None
    ) -> None:
        """Appends the rows in one commit of this process."""
        from ._iceberg import append

        source = feature_view.batch_source
        name = table_of(config, source)
        assert source is not None
        # Feast has applied field_mapping to the rows
        append(settings(config), name, table, {to: column for column, to in source.field_mapping.items()})
        if progress:
            progress(table.num_rows)

    @staticmethod
    def write_logged_features(
        config: RepoConfig,
        data: pa.Table | Path,
        source: LoggingSource,
        logging_config: LoggingConfig,
        registry: BaseRegistry,
    ) -> None:
        """Appends the logs in one commit of this process. The first ones create the table."""
        import pyarrow.parquet as pq

        from ._iceberg import save

        destination = logging_config.destination
        if not isinstance(destination, FirnLoggingDestination):
            raise ValueError(f"Firn logs to a FirnLoggingDestination, got a {type(destination).__name__}")
        logs = pq.read_table(data) if isinstance(data, (str, Path)) else data
        save(settings(config), destination.table, logs, is_overwritten=False, is_appended=True)


def _require_one_filter(uses: Sequence[Use], is_filtered: bool) -> None:
    """The states between two times depend on the filter, so it is that of all views or of none."""
    without = [one.definition.view.name for one in uses if not one.has_created]
    if is_filtered and len(without) not in (0, len(uses)):
        raise ValueError(
            "filter_by_created_timestamp without entity_df needs a created_timestamp_column in all views or in none; "
            f"missing in {', '.join(without)}"
        )


def _keys(uses: Sequence[Use]) -> list[str]:
    return list(dict.fromkeys(key for one in uses for key in one.join_keys.values()))


def _checked(schema: pa.Schema, uses: Sequence[Use]) -> str:
    """The column of times of rows that have all join keys."""
    require_columns(schema, _keys(uses))
    return timestamp_column(schema)


def _times(event: str, created: str | None) -> list[str]:
    return [event, created] if created else [event]
