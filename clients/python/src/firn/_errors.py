"""What can go wrong. Programs compare `code`; the codes are in docs/codes.md. Messages are for people."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong, or one warning."""

    code: str
    message: str
    field: str = ""
    suggestion: str | None = None
    fault: str = "UNKNOWN"

    @classmethod
    def of(cls, json: Mapping[str, Any]) -> Violation:
        return cls(
            code=json.get("code", ""),
            message=json.get("message", ""),
            field=json.get("field", ""),
            suggestion=json.get("suggestion"),
            fault=json.get("fault", "UNKNOWN"),
        )

    def __str__(self) -> str:
        where = f" [{self.field}]" if self.field else ""
        meant = f" Did you mean '{self.suggestion}'?" if self.suggestion else ""
        return f"{self.code}{where}: {self.message}{meant}"


class FirnWarning(UserWarning):
    """Something is allowed, but probably not meant."""


def warn(message: str) -> None:
    """Warns at the line that called this package, or Feast with this package behind it."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in ("firn", "feast"):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, FirnWarning, stacklevel=level)


class FirnError(Exception):
    """Any failure that Firn or this client reports.

    `fault` says what has to change: REQUEST, DATA, or SERVICE, in which case a later try may succeed.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        violations: Iterable[Violation] = (),
        fault: str = "UNKNOWN",
        remedy: str = "",
        request_id: str | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.violations = tuple(violations)
        self.fault = fault
        self.remedy = remedy
        self.request_id = request_id
        super().__init__(code, message)

    def __str__(self) -> str:
        if len(self.violations) == 1 and self.violations[0].code == self.code:
            lines = [str(self.violations[0])]
        else:
            lines = [f"{self.code}: {self.message}", *(f"  - {violation}" for violation in self.violations)]
        return "\n".join(lines + ([self.remedy] if self.remedy else []))

    def __reduce__(self) -> tuple[Any, ...]:
        # exceptions cross processes, as with joblib
        return _revived, (type(self), self.code, self.message, self.__dict__)


def _revived(cls: type[FirnError], code: str, message: str, state: dict[str, Any]) -> FirnError:
    error = cls(code, message)
    error.__dict__.update(state)
    return error


class RequestRefused(FirnError):
    """The request is wrong; `violations` has everything that is."""


class InvalidFrame(FirnError, ValueError):
    """The rows cannot be sent as they are. Nothing was sent."""


class NotFound(FirnError, LookupError):
    """There is no such view, standing retrieval or result."""


class AccessDenied(FirnError):
    """The token is missing or invalid, or does not allow this."""


class FirnUnavailable(FirnError, ConnectionError):
    """Firn, or something that it needs, did not answer in time. A later try may succeed."""

    # decided: the same request would get the same answer
    DECIDED: ClassVar[frozenset[str]] = frozenset(
        {"VALIDATION_UNAVAILABLE", "FILE_DENIED", "STORE_REFUSED", "UNSUPPORTED_STORE"}
    )
    is_transient = True
    retry_after = 0.0


class ResultExpired(FirnError):
    """The result's files were cleaned up. Send the request again, with `pins` for the same rows."""


class RetrievalFailed(FirnError):
    """The retrieval ended without a result."""


class RetrievalCancelled(RetrievalFailed):
    """The retrieval was cancelled."""


class StandingSuspended(FirnError):
    """The standing retrieval does not run until its definition or a view that it reads changes."""


class WaitTimeout(FirnError, TimeoutError):
    """The wait ended before the answer came. The request stands; the message says how to pick it up."""
