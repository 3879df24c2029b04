"""Firn's client: point-in-time-correct features of Iceberg tables, as pandas, Polars or Arrow.

>>> from firn import Firn
>>> firn = Firn()
>>> job = firn.get_historical_features(labels, features=["customer_features:total_orders"])
>>> job.to_df()
"""

from ._changes import Changes
from ._client import Firn
from ._errors import (
    AccessDenied,
    FirnError,
    FirnUnavailable,
    FirnWarning,
    InvalidFrame,
    NotFound,
    RequestRefused,
    ResultExpired,
    RetrievalCancelled,
    RetrievalFailed,
    StandingSuspended,
    Violation,
    WaitTimeout,
)
from ._job import Job
from ._records import Column, Pins, Progress, Registration, Result, Target, View, ViewOutcome
from ._standing import Standing

__version__ = "0.1.0"

__all__ = [
    "AccessDenied",
    "Changes",
    "Column",
    "Firn",
    "FirnError",
    "FirnUnavailable",
    "FirnWarning",
    "InvalidFrame",
    "Job",
    "NotFound",
    "Pins",
    "Progress",
    "Registration",
    "RequestRefused",
    "Result",
    "ResultExpired",
    "RetrievalCancelled",
    "RetrievalFailed",
    "Standing",
    "StandingSuspended",
    "Target",
    "View",
    "ViewOutcome",
    "Violation",
    "WaitTimeout",
]
