"""A retrieval of Feast as requests of Firn."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from feast.feature_view import FeatureView
from feast.repo_config import RepoConfig

from .._errors import RequestRefused, Violation
from .._job import Job
from ._config import client
from ._views import Definition, definition_of, is_computed

if TYPE_CHECKING:
    import pyarrow as pa

_ALIAS = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Use:
    """One view in a retrieval.

    :param alias: its name in the request; empty: the view's own
    :param names: the column that Feast names, by the column that Firn names
    """

    definition: Definition
    alias: str
    join_keys: Mapping[str, str]
    features: Sequence[str]
    names: Mapping[str, str]

    @property
    def has_created(self) -> bool:
        """Whether there is a created timestamp to filter by. `with_created` asks Firn about views of its own."""
        return bool(self.definition.fields["created_timestamp_field"])

    @property
    def refs(self) -> list[str]:
        return [f"{self.alias or self.definition.name}:{one}" for one in self.features]

    @property
    def request(self) -> dict[str, Any]:
        """A ViewUse of docs/events.md."""
        use: dict[str, Any] = {"view": self.definition.name}
        if self.alias:
            use["alias"] = self.alias
        renamed = {key: column for key, column in self.join_keys.items() if key != column}
        return {**use, "join_keys": renamed} if renamed else use


def uses_of(
    config: RepoConfig, project: str, requested: Mapping[FeatureView, Sequence[str]], full_feature_names: bool
) -> list[Use]:
    """The views with aliases by which Firn names the columns as Feast does, where it can.

    :raises KeyError: if a view has no such feature
    :raises ValueError: if Feast computes a view's features, which are in no table then
    """
    _require_tables(requested)
    definitions = [definition_of(config, project, view) for view in requested]
    for definition, features in zip(definitions, requested.values(), strict=True):
        _require_features(definition, features)
    times = Counter(one.name for one in definitions)
    names = [_name(view) for view in requested]
    # a use without an alias has the name of its view, and one with that name is none for Firn
    taken = {one.name.lower() for one in definitions}
    uses = []
    for view, definition, base, features in zip(requested, definitions, names, requested.values(), strict=True):
        # Firn adds its view's own name if full names are asked for
        is_own = full_feature_names and base == definition.name
        is_prefixed = (full_feature_names or times[definition.name] > 1) and not is_own
        alias = _alias(base, taken) if is_prefixed else ""
        taken.add(alias.lower())
        wanted = list(dict.fromkeys(features))
        prefix = f"{alias or base}__" if is_prefixed or is_own else ""
        uses.append(
            Use(
                definition,
                alias,
                {one: view.projection.join_key_map.get(one, one) for one in definition.entities},
                wanted,
                {f"{prefix}{one}": f"{base}__{one}" if full_feature_names else one for one in wanted},
            )
        )
    return uses


def _name(view: FeatureView) -> str:
    """Feast's name of a view in a retrieval, with its version if one is asked for."""
    return str(view.projection.name_to_use())  # type: ignore[no-untyped-call]


def _alias(name: str, taken: set[str]) -> str:
    """The name, or if Firn cannot have it as an alias, the first of v0, v1, … that is free."""
    if _is_free(name, taken):
        return name
    return next(one for one in (f"v{number}" for number in itertools.count()) if one not in taken)


def with_created(config: RepoConfig, uses: Sequence[Use]) -> list[Use]:
    """The uses with the created timestamps of views that were registered elsewhere, which their sources may not repeat.

    :raises FirnError: if a view cannot be looked up
    """
    return [_with_created(config, one) if one.definition.is_registered_elsewhere else one for one in uses]


def _with_created(config: RepoConfig, use: Use) -> Use:
    column = use.definition.fields["created_timestamp_field"]
    found = client(config).view(use.definition.name).created_timestamp_field
    # if only Feast names one, Firn refuses to filter by it
    fields = {**use.definition.fields, "created_timestamp_field": column or found}
    return replace(use, definition=replace(use.definition, fields=fields))


def require_names(columns: Sequence[str], uses: Sequence[Use]) -> None:
    """Checks the names of all columns as Feast gives them. Firn checks only its own.

    :raises RequestRefused: with every two that are the same without regard to case
    """
    seen = {one.lower(): f"column '{one}' of the rows" for one in columns}
    problems = []
    for use in uses:
        for name, feature in zip(use.names.values(), use.features, strict=True):
            what = f"'{_name(use.definition.view)}:{feature}'"
            other = seen.setdefault(name.lower(), what)
            if other != what:
                message = f"{other} and {what} would both be the column '{name}' of the result."
                problems.append(Violation("COLUMN_COLLISION", message, name, fault="REQUEST"))
    if problems:
        raise RequestRefused(
            "COLUMN_COLLISION",
            "Columns of the result would have the same name, ignoring case.",
            violations=problems,
            fault="REQUEST",
            remedy="Set full_feature_names, or rename the column of the rows or one of the views.",
        )


def _is_free(name: str, taken: set[str]) -> bool:
    return "__" not in name and bool(_ALIAS.fullmatch(name)) and name.lower() not in taken


def _require_tables(views: Iterable[FeatureView]) -> None:
    computed = [f"'{one.name}'" for one in views if is_computed(one)]
    if computed:
        raise ValueError(
            f"Feast computes the features of {', '.join(computed)} by a transformation or aggregations when it "
            "materializes them. Firn reads features from tables: write them to one, and define a view of that table"
        )


def _require_features(definition: Definition, features: Sequence[str]) -> None:
    for one in features:
        if one not in definition.columns:
            raise KeyError(f"feature view '{definition.view.name}' has no feature '{one}'")


@dataclass(frozen=True)
class Rows:
    """What features are asked for: rows, a table's name, or every state between two times."""

    rows: Any
    timestamp_column: str
    start: datetime | None = None
    end: datetime | None = None


@dataclass
class Retrieval:
    """Asks Firn when the first one wants to know, and keeps the jobs."""

    config: RepoConfig
    rows: Rows
    uses: Sequence[Use]
    filter_by_created: bool
    jobs: list[Job] = field(default_factory=list)
    full_feature_names: bool = False

    def ask(self) -> list[Job]:
        """One job; two if only some of the views have a created timestamp to filter by."""
        if not self.jobs:
            groups = [self.uses]
            if self.filter_by_created:
                # Firn refuses to filter a view that has none, which Feast leaves as it is
                groups = [
                    group
                    for group in (
                        [one for one in self.uses if one.has_created],
                        [one for one in self.uses if not one.has_created],
                    )
                    if group
                ]
            self.jobs = [self._asked(group) for group in groups]
        return self.jobs

    def _asked(self, uses: Sequence[Use]) -> Job:
        given = self.rows
        return client(self.config).get_historical_features(
            given.rows,
            [ref for one in uses for ref in one.refs],
            start=given.start,
            end=given.end,
            timestamp_column=given.timestamp_column,
            views=[one.request for one in uses],
            filter_by_created=self.filter_by_created and all(one.has_created for one in uses),
            full_feature_names=self.full_feature_names,
        )

    @property
    def is_as_asked(self) -> bool:
        """Whether the files of the result have the columns that Feast names."""
        names = [pair for one in self.uses for pair in one.names.items()]
        return len({one.has_created for one in self.uses} if self.filter_by_created else "1") == 1 and all(
            firn == feast for firn, feast in names
        )

    def table(self, timeout: float | None) -> pa.Table:
        """The rows, with the columns that Feast names."""
        first, *others = [job.to_arrow(timeout=timeout) for job in self.ask()]
        names = {firn: feast for one in self.uses for firn, feast in one.names.items()}
        for job, other in zip(self.jobs[1:], others, strict=True):
            # both are in the order of the rows that were sent
            for column in job.result.columns:
                if column.feature is not None:
                    first = first.append_column(column.name, other[column.name])
        features = {column.name for job in self.jobs for column in job.result.columns if column.feature is not None}
        return first.rename_columns([names.get(one, one) if one in features else one for one in first.column_names])
