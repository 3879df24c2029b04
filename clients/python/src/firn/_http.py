"""Calls of the gateway: authentication, retries within a limit, and errors as exceptions."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

from ._address import shown
from ._deadline import NEVER, Deadline
from ._errors import (
    AccessDenied,
    FirnError,
    FirnUnavailable,
    NotFound,
    RequestRefused,
    ResultExpired,
    Violation,
)

if TYPE_CHECKING:
    import ssl

    import httpx

CONNECT_SECONDS = 10.0
# after the last byte of an upload, the gateway puts the rows on the object store before it answers
READ_SECONDS = 120.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
# the gateway accepts 16 KiB of headers, the query included
MAX_QUERY_BYTES = 8000
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,126}")
_AWAY = {429, 502, 503, 504}
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_T = TypeVar("_T")


@dataclass(frozen=True)
class Rows:
    """The rows of a call's body. `open` gives the file anew for each try."""

    open: Callable[[], IO[bytes]]
    media_type: str


class Http:
    """A connection pool to one gateway. Thread-safe."""

    def __init__(
        self, url: str, token: Callable[[], str | None], retry_for: float, verify: bool | ssl.SSLContext
    ) -> None:
        import httpx

        self.url = url
        self._token = token
        self._retry_for = retry_for
        self._client = httpx.Client(
            base_url=url,
            verify=verify,
            # a proxy of the environment does not reach this machine's loopback interface
            trust_env=urlsplit(url).hostname not in _LOOPBACK,
            headers={"User-Agent": "firn-python"},
        )

    def close(self) -> None:
        self._client.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        request_id: str | None = None,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        rows: Rows | None = None,
        wait: float = 0,
        deadline: Deadline = NEVER,
    ) -> httpx.Response:
        """The answer, which is 2xx. Every call may be sent again: `request_id` makes those that change idempotent.

        :param rows: are sent as the body, and `body`, which is a request then, beside them
        :param deadline: bounds each try and all tries together; what the last one failed with is raised
        """
        headers = _headers(request_id, wait)

        def send() -> httpx.Response:
            seconds = deadline.limit(READ_SECONDS + wait)
            if rows is None:
                return self._send(method, path, headers, seconds, params=params, json=body)
            with rows.open() as file:
                typed, content = _with_rows(body or {}, rows.media_type, file)
                return self._send(method, path, {**headers, **typed}, seconds, **content)

        return self.retry(send, request_id=request_id, deadline=deadline)

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], seconds: float, **content: Any
    ) -> httpx.Response:
        import httpx

        timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        try:
            response = self._client.request(
                method, path, headers={**headers, **self._authorization()}, timeout=timeout, **content
            )
        except httpx.TransportError as e:
            raise self._unreachable(e) from e
        if response.status_code >= 300:
            raise error_of(response)
        return response

    @contextlib.contextmanager
    def stream(self, path: str, seconds: float, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """An open answer. It is not asked for again: its reader knows where to go on.

        :param seconds: how long to wait for the next bytes
        """
        import httpx

        timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS)
        sent = {**headers, **self._authorization()}
        try:
            with self._client.stream("GET", path, headers=sent, timeout=timeout) as response:
                if response.status_code >= 300:
                    response.read()
                    raise error_of(response)
                yield response
        except httpx.TransportError as e:
            raise self._unreachable(e) from e

    def retry(
        self,
        step: Callable[[], _T],
        *,
        request_id: str | None = None,
        moved: Callable[[], int] = lambda: 0,
        deadline: Deadline = NEVER,
    ) -> _T:
        """Runs a step again while Firn is away, with growing pauses, within the limit and before the deadline.

        :param moved: how far the step has come; the limit begins anew when that has changed
        """
        at = moved()
        limit = Deadline(self._retry_for)
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return step()
            except FirnError as e:
                e.request_id = e.request_id or request_id
                if moved() != at:
                    at = moved()
                    limit = Deadline(self._retry_for)
                    pause = FIRST_PAUSE_SECONDS
                if not isinstance(e, FirnUnavailable) or not e.is_transient:
                    raise
                wait = max(pause, e.retry_after)
                if wait > limit.left():
                    raise
                deadline.pause(wait)
                if deadline.is_over:
                    raise
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _authorization(self) -> dict[str, str]:
        token = self._token()
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _unreachable(self, cause: Exception) -> FirnUnavailable:
        return FirnUnavailable(
            "FIRN_UNREACHABLE",
            f"Firn does not answer at {shown(self.url)} ({str(cause) or type(cause).__name__}).",
            fault="SERVICE",
            remedy="Check the address: Firn(url), or FIRN_URL. './firn status' shows whether the embedded stack runs.",
        )


def _headers(request_id: str | None, wait: float) -> dict[str, str]:
    if request_id and not _ID.fullmatch(request_id):
        # no header carries some of these, so Firn cannot be asked
        raise RequestRefused(
            "INVALID_REQUEST_ID",
            f"The request id {request_id!r} does not match {_ID.pattern}.",
            fault="REQUEST",
            remedy="Choose an id of letters, digits, '.', '_' and '-', at most 127 characters long.",
        )
    key = {"Idempotency-Key": request_id} if request_id else {}
    return {"Prefer": f"wait={int(wait)}", **key}


def _with_rows(request: Mapping[str, Any], media_type: str, file: IO[bytes]) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers and content of a call with rows. The request is in the query, where it is checked before they are read.

    A request that is too long for a query goes into a form. So does one whose column has a comma in its name, by which
    the gateway separates the items of a list.
    """
    query = as_query(request)
    columns = request.get("spine", {}).get("columns", [])
    if len(urlencode(query)) <= MAX_QUERY_BYTES and not any("," in one for one in columns):
        return {"Content-Type": media_type}, {"params": query, "content": file}
    form = {
        "request": ("request", json.dumps(request).encode(), "application/json"),
        "rows": ("rows", file, media_type),
    }
    return {}, {"files": form}


def as_query(request: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A request as the gateway's parameters: those of its spine begin with `spine.`; maps and records are JSON."""
    query: list[tuple[str, str]] = []
    for name, value in request.items():
        if name == "spine":
            query += [(f"spine.{field}", text) for field, text in as_query(value)]
        elif isinstance(value, bool):
            query.append((name, str(value).lower()))
        elif isinstance(value, list) and all(isinstance(one, str) for one in value):
            query += [(name, one) for one in value]
        else:
            query.append((name, value if isinstance(value, str) else json.dumps(value)))
    return query


def error_of(response: httpx.Response) -> FirnError:
    """A problem document (RFC 9457) as an exception. What a proxy says in another form counts by its status."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    status = response.status_code
    error = _class_of(status)(
        problem.get("code") or f"HTTP_{status}",
        problem.get("detail")
        or f"{response.request.method} {response.request.url.path} was answered with status {status}.",
        violations=[Violation.of(one) for one in problem.get("violations", [])],
        fault=problem.get("fault", "UNKNOWN"),
        remedy=problem.get("remedy", ""),
        request_id=response.headers.get("Firn-Request-Id"),
    )
    if isinstance(error, FirnUnavailable):
        error.is_transient = error.code not in FirnUnavailable.DECIDED
        error.retry_after = _seconds(response.headers.get("Retry-After"))
    return error


def _class_of(status: int) -> type[FirnError]:
    if status in (401, 403):
        return AccessDenied
    if status == 404:
        return NotFound
    if status == 410:
        return ResultExpired
    if status in _AWAY:
        return FirnUnavailable
    return RequestRefused if 400 <= status < 500 else FirnError


def _seconds(retry_after: str | None) -> float:
    return float(retry_after) if retry_after and retry_after.isdigit() else 0.0
