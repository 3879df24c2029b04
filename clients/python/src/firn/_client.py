"""The client: views, retrievals and standing retrievals through Firn's gateway."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ._address import find_url, shown, token_source
from ._answer import ANSWER_SECONDS, answered, new_id
from ._errors import NotFound
from ._job import ASK_WAIT_SECONDS, Job
from ._records import Pins, Registration, View
from ._request import instant, micros, retrieval, source, texts
from ._spine import TIMESTAMP_COLUMN, Spine, range_spine, spine_of
from ._standing import Standing, run_number

if TYPE_CHECKING:
    import ssl

    import pyarrow as pa

    from ._http import Http

RETRY_SECONDS = 15.0
PAGE = "1000"


class Firn:
    """A client of one Firn. Thread-safe.

    :param url: of the gateway; otherwise FIRN_URL, FIRN_GATEWAY_URL, the embedded stack of this machine (FIRN_STACK, or
        `.firn` here or in a folder above), or http://127.0.0.1:8088
    :param token: a bearer token; otherwise FIRN_TOKEN
    :param token_file: a file with the token, read for each call; otherwise FIRN_TOKEN_FILE
    :param retry_for: how many seconds to retry calls while Firn is away
    :param filesystem: reads results directly: a PyArrow or fsspec file system with rights on the results. Without
        one, the gateway reads them
    :param progress: whether to show progress bars; None: in a terminal and in a notebook
    :param verify: False, or an SSLContext, for a gateway whose certificate the system does not know
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        token: str | None = None,
        token_file: str | os.PathLike[str] | None = None,
        retry_for: float = RETRY_SECONDS,
        filesystem: Any = None,
        progress: bool | None = None,
        verify: bool | ssl.SSLContext = True,
    ) -> None:
        from ._http import Http

        self.url = find_url(url)
        self._http: Http = Http(self.url, token_source(token, token_file), retry_for, verify)
        self._filesystem = filesystem
        self._progress = progress

    def __repr__(self) -> str:
        return f"Firn('{shown(self.url)}')"

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Firn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Views

    def register(
        self,
        *,
        name: str,
        entities: Sequence[str],
        features: Mapping[str, str] | Sequence[Mapping[str, Any]],
        table: str,
        timestamp_field: str,
        created_timestamp_field: str | None = None,
        timestamp_zone: str | None = None,
        ref: str | None = None,
        ttl: timedelta | None = None,
        available_after: timedelta | None = None,
        entity_columns: Mapping[str, str] | None = None,
        field_mapping: Mapping[str, str] | None = None,
        description: str = "",
        owner: str = "",
        tags: Mapping[str, str] | None = None,
        expected_version: int | None = None,
        dry_run: bool = False,
        timeout: float = ANSWER_SECONDS,
    ) -> Registration:
        """Registers or changes a feature view.

        :param features: dtypes by name, or FeatureSpecs of docs/events.md
        :param table: catalog.schema.table
        :raises RequestRefused: with everything that is wrong
        """
        body = {
            "name": name,
            "entities": texts("entities", entities),
            "features": [{"name": one, "dtype": dtype} for one, dtype in features.items()]
            if isinstance(features, Mapping)
            else [dict(one) for one in features],
            "source": source(
                table,
                timestamp_field=timestamp_field,
                created_timestamp_field=created_timestamp_field,
                timestamp_zone=timestamp_zone,
                ref=ref,
            ),
            "ttl_micros": micros(ttl),
            "available_after_micros": micros(available_after) or 0,
            "entity_columns": dict(entity_columns or {}),
            "field_mapping": dict(field_mapping or {}),
            "description": description,
            "owner": owner,
            "tags": dict(tags or {}),
            "expected_version": expected_version,
            "dry_run": dry_run,
        }
        return Registration.of(self._answer("POST", "/feast/features", timeout, body=body))

    def views(self) -> list[View]:
        """All feature views."""
        return [View.of(one) for one in self._all("/feast/features")]

    def view(self, name: str) -> View:
        """:raises NotFound: if there is no such view"""
        return View.of(self._http.call("GET", f"/feast/features/{quote(name, safe='')}").json())

    def drop(self, name: str, *, expected_version: int | None = None, timeout: float = ANSWER_SECONDS) -> Registration:
        """Drops a feature view; its table stays."""
        params = None if expected_version is None else {"expected_version": str(expected_version)}
        return Registration.of(
            self._answer("DELETE", f"/feast/features/{quote(name, safe='')}", timeout, params=params)
        )

    # Retrievals

    def get_historical_features(
        self,
        rows: Any = None,
        features: Sequence[str] = (),
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        timestamp_column: str = TIMESTAMP_COLUMN,
        timestamp_zone: str | None = None,
        columns: Sequence[str] = (),
        column_types: Mapping[str, str] | None = None,
        views: Sequence[Mapping[str, Any]] = (),
        as_of: datetime | None = None,
        filter_by_created: bool = False,
        full_feature_names: bool = False,
        include_event_timestamps: bool = False,
        pins: Pins | None = None,
        retain: bool = False,
        target: str | None = None,
        deadline: datetime | None = None,
        request_id: str | None = None,
    ) -> Job:
        """Retrieves the features of rows, as they were known at each row's time. Returns once Firn has the request.

        :param rows: a frame of pandas or Polars, an Arrow table or reader, a DuckDB relation; the path of a Parquet or
            CSV file; an s3:// location, or several; a table as catalog.schema.table; ids as `{"customer_id": [1, 2]}`;
            None for all entities of the views, or with start or end for each of their states
        :param features: `view:feature`, or `view:*` for all of a view
        :param start: without rows, one row for each key and time at which a row of the views becomes visible from here
            on; None, with an end: since ever
        :param end: the last such time, included; None, with a start: until as_of
        :param columns: of a file or table, the columns to keep; none: all
        :param column_types: dtypes of columns of CSV that are neither keys nor the time; the others are strings
        :param views: ViewUses of docs/events.md, for aliases, other join keys and chosen snapshots
        :param as_of: the time of ids and of all entities; None: now
        :param pins: of an earlier result, for the same rows again
        :param target: an Iceberg table as catalog.schema.table, whose content the result replaces: see Result.target
        :param deadline: when the answer stops being useful: a retrieval that has not ended by then fails
        :param request_id: repeat it to send the same request again; None: a new one
        """
        columns = texts("columns", columns)
        names = _views(features, views)
        spine = (
            range_spine(rows, instant(start), instant(end))
            if start or end
            else spine_of(rows, timestamp_column, lambda column: self._key_type(names, column), columns)
        )
        try:
            request = retrieval(
                spine,
                features,
                request_id=request_id or new_id(),
                spine_fields={
                    "columns": columns,
                    "column_types": dict(column_types or {}),
                    **_time_of(timestamp_column),
                    "timestamp_zone": timestamp_zone,
                },
                views=[dict(one) for one in views],
                as_of=instant(as_of),
                filter_by_created=filter_by_created,
                full_feature_names=full_feature_names,
                include_event_timestamps=include_event_timestamps,
                pins_location=pins.location if pins else None,
                retain=retain,
                target=target,
                deadline=instant(deadline),
            )
            return self._started(request, spine)
        finally:
            spine.close()

    def job(self, request_id: str) -> Job:
        """Picks up a retrieval by its id, for example after a timeout or in another process."""
        return Job(self._http, request_id, filesystem=self._filesystem, progress=self._progress)

    # Standing retrievals

    def standing(
        self,
        standing_id: str,
        rows: Any = None,
        features: Sequence[str] = (),
        *,
        timestamp_column: str = TIMESTAMP_COLUMN,
        timeout: float = ANSWER_SECONDS,
        **options: Any,
    ) -> Standing:
        """A standing retrieval: with features it is created or changed, without them it is looked up.

        :param rows: as for get_historical_features. Rows of this process are stored as they are now, for as long as the
            standing retrieval has them
        :param timestamp_column: of the rows
        :param options: the other fields of a RetrievalRequest of docs/events.md
        :raises NotFound: if it is looked up and not there
        """
        path = f"/standing/{quote(standing_id, safe='')}"
        if not features:
            record = self._http.call("GET", path).json()
            return self._standing(standing_id, run_number(record.get("last_run_id")))
        names = _views(features, options.get("views", ()))
        spine = spine_of(rows, timestamp_column, lambda column: self._key_type(names, column))
        try:
            before = self._known_standing(path)
            request = retrieval(spine, features, spine_fields=_time_of(timestamp_column), **options)
            answer = self._answer("PUT", path, timeout, body=request, rows=spine.rows)
        finally:
            spine.close()
        seen = run_number(before.get("last_run_id")) if answer.get("unchanged") else before.get("runs", 0)
        return self._standing(standing_id, seen)

    def standing_retrievals(self) -> list[dict[str, Any]]:
        """All standing retrievals that are not cancelled, as StandingRetrievals of docs/events.md."""
        return list(self._all("/standing"))

    def _known_standing(self, path: str) -> dict[str, Any]:
        """The record; empty if there is none yet."""
        try:
            found: dict[str, Any] = self._http.call("GET", path).json()
        except NotFound:
            return {}
        return found

    def _standing(self, standing_id: str, seen: int) -> Standing:
        return Standing(self._http, standing_id, self.job, seen)

    def _started(self, request: dict[str, Any], spine: Spine) -> Job:
        job = Job(
            self._http,
            request["request_id"],
            given=spine.given,
            filesystem=self._filesystem,
            progress=self._progress,
        )
        job._begin(
            lambda: self._http.call(
                "POST", "/retrievals", body=request, rows=spine.rows, request_id=job.id, wait=ASK_WAIT_SECONDS
            )
        )
        return job

    def _answer(self, method: str, path: str, timeout: float, **call: Any) -> dict[str, Any]:
        found: dict[str, Any] = answered(self._http, method, path, timeout, **call).json()
        return found

    def _all(self, path: str) -> Iterator[dict[str, Any]]:
        params = {"limit": PAGE}
        while True:
            page = self._http.call("GET", path, params=params).json()
            yield from page["items"]
            if not page.get("next"):
                return
            params["after"] = page["next"]

    def _key_type(self, views: Sequence[str], column: str) -> pa.DataType | None:
        """The Arrow type of a join key in the first view that has it."""
        from ._types import of_iceberg

        for name in views:
            try:
                found = self.view(name).entities.get(column)
            except NotFound:
                continue
            if found:
                return of_iceberg(found)
        return None


def _views(features: Sequence[str], used: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of views that a request may mean."""
    return list(dict.fromkeys([*(str(one["view"]) for one in used), *(one.partition(":")[0] for one in features)]))


def _time_of(timestamp_column: str) -> dict[str, str]:
    return {} if timestamp_column == TIMESTAMP_COLUMN else {"timestamp_column": timestamp_column}
