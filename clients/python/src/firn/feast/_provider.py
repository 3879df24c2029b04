"""A provider that registers views at `feast apply`, so that what Firn refuses shows there."""

from __future__ import annotations

from collections.abc import Sequence

from feast.base_feature_view import BaseFeatureView
from feast.entity import Entity
from feast.feature_view import FeatureView
from feast.infra.passthrough_provider import PassthroughProvider

from .._errors import warn
from ._views import definition_of, drop, is_computed, register


class FirnProvider(PassthroughProvider):
    """Feast's own provider, which also tells Firn about the views."""

    def update_infra(
        self,
        project: str,
        tables_to_delete: Sequence[BaseFeatureView],
        tables_to_keep: Sequence[BaseFeatureView],
        entities_to_delete: Sequence[Entity],
        entities_to_keep: Sequence[Entity],
        partial: bool,
    ) -> None:
        """Registers the views.

        Feast has written to its registry before this. What Firn refuses is taken back by nobody: of a registry that is
        a file, nothing reaches the file, but this process may see the new definitions; a SQL registry keeps them.

        :raises RequestRefused: with what is wrong with each of the views
        """
        views = [one for one in tables_to_keep if isinstance(one, FeatureView)]
        for one in views:
            if is_computed(one):
                warn(
                    f"Firn does not register '{one.name}': Feast computes its features by a transformation or "
                    "aggregations. It can be materialized, but has no historical features"
                )
        definitions = [definition_of(self.repo_config, project, one) for one in views if not is_computed(one)]
        register(self.repo_config, [one for one in definitions if not one.is_registered_elsewhere])
        super().update_infra(project, tables_to_delete, tables_to_keep, entities_to_delete, entities_to_keep, partial)
        deleted = [one.name for one in tables_to_delete]
        if deleted:
            drop(self.repo_config, project, deleted)

    def teardown_infra(self, project: str, tables: Sequence[FeatureView], entities: Sequence[Entity]) -> None:
        super().teardown_infra(project, tables, entities)
        drop(self.repo_config, project, None)
