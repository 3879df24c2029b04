"""Feature views of Feast as feature views of Firn.

The name in Firn is `<project>_<view>_<hash of both and of the definition>`. So views of two projects never meet, and a
definition that changes becomes another view: whoever still has the old one keeps it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from feast.feature_view import DUMMY_ENTITY_ID, FeatureView
from feast.repo_config import RepoConfig
from feast.stream_feature_view import StreamFeatureView

from .._client import Firn
from .._errors import FirnError, NotFound, RequestRefused, Violation
from ._config import client
from ._source import FirnSource, table_of
from ._tables import found_in, knows_tables, schema_of
from ._types import declared_dtype, dtype

if TYPE_CHECKING:
    import pyarrow as pa

HASH_DIGITS = 8
MAX_NAME_PART = 60
PROJECT_TAG = "feast_project"
VIEW_TAG = "feast_feature_view"
DROPPED = "DROPPED"


@dataclass(frozen=True)
class Definition:
    """What makes a view of Firn. `view` is the one of Feast."""

    project: str
    view: FeatureView
    name: str
    is_registered_elsewhere: bool
    table: str
    entities: tuple[str, ...]
    # feature to column
    columns: dict[str, str]
    fields: dict[str, Any]


def definition_of(config: RepoConfig, project: str, view: FeatureView) -> Definition:
    """:raises ValueError: if Firn does not read the view's source"""
    source = view.batch_source
    table = table_of(config, source)
    assert source is not None
    reverse = {to: column for column, to in source.field_mapping.items()}
    entities = tuple(one.name for one in view.entity_columns if one.name != DUMMY_ENTITY_ID)
    # a stream feature view counts its join keys among its features
    columns = {one.name: reverse.get(one.name, one.name) for one in view.features if one.name not in entities}
    # Feast has no TTL below a microsecond, and 0 is unlimited to both
    ttl = view.ttl if isinstance(view.ttl, timedelta) and view.ttl else None
    created = source.created_timestamp_column
    fields = {
        "timestamp_field": reverse.get(source.timestamp_field, source.timestamp_field),
        "created_timestamp_field": reverse.get(created, created) or None,
        "ttl": ttl,
        "entity_columns": {one: reverse[one] for one in entities if one in reverse},
        "field_mapping": {column: one for one, column in columns.items() if one != column},
    }
    given = source.firn_view if isinstance(source, FirnSource) else ""
    hashed = json.dumps([project, view.name, table, entities, columns, fields], sort_keys=True, default=str)
    digest = hashlib.sha256(hashed.encode()).hexdigest()[:HASH_DIGITS]
    name = given or f"{_identifier(project)}_{_identifier(view.name)}_{digest}"
    return Definition(project, view, name, bool(given), table, entities, columns, fields)


def is_computed(view: FeatureView) -> bool:
    """Whether Feast computes the features from the source, which has only what they are made of.

    The batch source of a stream feature view has the features themselves.
    """
    if isinstance(view, StreamFeatureView):
        return False
    names = ("feature_transformation", "_raw_feature_transformation_proto", "aggregations")
    return any(getattr(view, one, None) for one in names)


def _identifier(text: str) -> str:
    """The text with only what a name in Firn can have: no double underscore, and a letter first."""
    found = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_") or "x"
    return (found if found[0].isalpha() else f"f_{found}")[:MAX_NAME_PART].rstrip("_")


def ensure(config: RepoConfig, definitions: Iterable[Definition]) -> None:
    """Registers the views that are not there.

    :raises RequestRefused: with what is wrong with each of them
    """
    firn = client(config)
    new = []
    for one in definitions:
        if not one.is_registered_elsewhere and not _is_there(firn, one.name):
            new.append(one)
    register(config, new)


def _is_there(firn: Firn, name: str) -> bool:
    try:
        return firn.view(name).status != DROPPED
    except NotFound:
        return False


def register(config: RepoConfig, definitions: Iterable[Definition]) -> None:
    """Registers views, those that are there again: their descriptions may have changed.

    :raises RequestRefused: with what is wrong with each of them
    """
    firn = client(config)
    refused: list[tuple[str, FirnError]] = []
    for one in definitions:
        try:
            _register(config, firn, one)
        except RequestRefused as e:
            refused.append((one.view.name, e))
    if refused:
        raise _together(refused)


def _register(config: RepoConfig, firn: Firn, one: Definition) -> None:
    schema = schema_of(config, one.table) if knows_tables(config, one.table) else None
    view = one.view
    firn.register(
        name=one.name,
        entities=one.entities,
        features=[
            {
                "name": feature.name,
                "dtype": _dtype(schema, one.columns[feature.name], feature.dtype),
                "description": feature.description or "",
                "tags": dict(feature.tags or {}),
            }
            for feature in view.features
            if feature.name in one.columns
        ],
        table=one.table,
        description=view.description or "",
        owner=view.owner or "",
        tags={**(view.tags or {}), PROJECT_TAG: one.project, VIEW_TAG: view.name},
        **one.fields,
    )


def _dtype(schema: pa.Schema | None, column: str, declared: Any) -> str:
    """The table's type: what Feast declares is often narrower, and a dtype asserts.

    What this package cannot tell, Firn tells: a column that is not there, or has a type that it does not take.
    """
    found = None if schema is None else found_in(schema, column)
    if found is None:
        return declared_dtype(declared)
    try:
        return dtype(found.type)
    except ValueError:
        return declared_dtype(declared)


def _together(refused: list[tuple[str, FirnError]]) -> RequestRefused:
    violations = [
        replace(one, field=f"{view}.{one.field}" if one.field else view)
        for view, error in refused
        for one in error.violations or [Violation(error.code, error.message, fault=error.fault)]
    ]
    views = ", ".join(f"'{view}'" for view, _ in refused)
    return RequestRefused(
        refused[0][1].code if len(refused) == 1 else "REFUSED",
        f"Firn refuses the feature view{'s' if len(refused) > 1 else ''} {views}.",
        violations=violations,
        fault="REQUEST",
        remedy=refused[0][1].remedy if len(refused) == 1 else "",
    )


def drop(config: RepoConfig, project: str, names: Iterable[str] | None) -> None:
    """Drops what was registered for a project.

    :param names: of Feast's views; None: all
    """
    wanted = None if names is None else set(names)
    firn = client(config)
    for one in firn.views():
        is_of_project = one.tags.get(PROJECT_TAG) == project and one.status != DROPPED
        if is_of_project and (wanted is None or one.tags.get(VIEW_TAG) in wanted):
            firn.drop(one.name)
