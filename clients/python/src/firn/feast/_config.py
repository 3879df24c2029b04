"""The settings under `offline_store` in feature_store.yaml."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any, Literal

from feast.errors import FeastError
from feast.repo_config import FeastConfigBaseModel, RepoConfig
from pydantic import ConfigDict, Field, SecretStr, StrictStr, ValidationError

from .._client import RETRY_SECONDS, Firn


class TrinoConfig(FeastConfigBaseModel):
    """How this process reaches Trino, under the name and with the rights of its user."""

    model_config = ConfigDict(hide_input_in_errors=True)

    host: StrictStr
    port: int = 8080
    user: StrictStr
    password: SecretStr | None = None
    """ For basic authentication, which needs https """
    token: SecretStr | None = None
    """ A JWT, instead of a password """
    http_scheme: Literal["http", "https"] = "http"
    verify: bool | StrictStr = True
    """ False, or the path of a CA bundle, for a certificate that the system does not know """
    scratch_schema: StrictStr | None = None
    """ catalog.schema for the rows of entity queries: tables that are dropped after the retrieval """
    query_timeout: int | None = Field(default=None, gt=0)
    """ Seconds after which Trino ends a query, including its time in the queue """


class InvalidSettings(FeastError):
    """Settings under `offline_store` that are wrong.

    Not a ValueError: with those, Feast prints all settings, and passwords with them.
    """


class FirnOfflineStoreConfig(FeastConfigBaseModel):
    """The settings of FirnOfflineStore.

    :raises InvalidSettings: naming everything that is wrong, without its values
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    type: Literal["firn.feast.FirnOfflineStore"] = "firn.feast.FirnOfflineStore"
    url: StrictStr | None = None
    """ Address of the gateway; otherwise found as Firn() finds it """
    token: SecretStr | None = None
    token_file: StrictStr | None = None
    retry_for: float = RETRY_SECONDS
    """ How many seconds to retry calls while Firn is away """
    catalogs: dict[str, str] = Field(default_factory=dict)
    """ Firn's catalog for each warehouse of Feast's IcebergSource """
    trino: TrinoConfig | None = None
    """ For entity queries, materialization and the types of columns """
    pyiceberg: dict[str, dict[str, SecretStr]] = Field(default_factory=dict)
    """ PyIceberg's properties for each catalog that Feast writes to, in addition to PyIceberg's own configuration """

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as e:
            wrong = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in e.errors()]
            raise InvalidSettings(f"offline_store in feature_store.yaml: {'; '.join(wrong)}") from None


# Feast looks for the store in the module of its settings
FirnOfflineStoreConfig.__module__ = "firn.feast"


def settings(config: RepoConfig) -> FirnOfflineStoreConfig:
    store = config.offline_store
    if not isinstance(store, FirnOfflineStoreConfig):
        raise TypeError(f"the offline store is '{store.type}', not firn.feast.FirnOfflineStore")
    return store


def client(config: RepoConfig) -> Firn:
    """One client for each Firn and process."""
    store = settings(config)
    token = store.token.get_secret_value() if store.token else None
    return _client(os.getpid(), store.url, token, store.token_file, store.retry_for)


@lru_cache(maxsize=16)
def _client(_process: int, url: str | None, token: str | None, token_file: str | None, retry_for: float) -> Firn:
    return Firn(url, token=token, token_file=token_file, retry_for=retry_for)
