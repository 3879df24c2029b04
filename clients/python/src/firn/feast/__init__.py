"""Firn as the offline store of Feast 0.67. docs/feast.md describes it.

offline_store:
  type: firn.feast.FirnOfflineStore
  url: http://firn.example.com
"""

from ._config import FirnOfflineStoreConfig, InvalidSettings, TrinoConfig
from ._job import FirnRetrievalJob
from ._provider import FirnProvider
from ._source import FirnLoggingDestination, FirnSource, SavedDatasetFirnStorage
from ._store import FirnOfflineStore

__all__ = [
    "FirnLoggingDestination",
    "FirnOfflineStore",
    "FirnOfflineStoreConfig",
    "FirnProvider",
    "FirnRetrievalJob",
    "FirnSource",
    "InvalidSettings",
    "SavedDatasetFirnStorage",
    "TrinoConfig",
]
