"""A provider that registers views at `feast apply`, so that what Firn refuses shows there."""

from __future__ import annotations

from collections.abc import Sequence

from feast.base_feature_view import BaseFeatureView
from feast.entity import Entity
from feast.feature_view import FeatureView
from feast.infra.passthrough_provider import PassthroughProvider

from ._views import definition_of, drop, register


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
        """:raises RequestRefused: with what is wrong with each of the views; Feast's registry stays as it was"""
        views = [one for one in tables_to_keep if isinstance(one, FeatureView)]
        definitions = [definition_of(self.repo_config, project, one) for one in views]
        register(self.repo_config, [one for one in definitions if not one.is_registered_elsewhere])
        super().update_infra(project, tables_to_delete, tables_to_keep, entities_to_delete, entities_to_keep, partial)
        deleted = [one.name for one in tables_to_delete]
        if deleted:
            drop(self.repo_config, project, deleted)

    def teardown_infra(self, project: str, tables: Sequence[FeatureView], entities: Sequence[Entity]) -> None:
        super().teardown_infra(project, tables, entities)
        drop(self.repo_config, project, None)
