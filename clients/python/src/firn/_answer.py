"""Requests whose answer may come late: 202 means that the request stands, and is answered if it is sent again."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from ._deadline import Deadline
from ._errors import FirnUnavailable, WaitTimeout

if TYPE_CHECKING:
    import httpx

    from ._http import Http

ANSWER_SECONDS = 120.0
# how long one call waits for the answer
CALL_WAIT_SECONDS = 20
# the pause before a request is sent again if the call could not wait
RESEND_SECONDS = 1.0


def new_id() -> str:
    return f"python-{uuid.uuid4()}"


def answered(
    http: Http, method: str, path: str, timeout: float, *, request_id: str | None = None, **call: Any
) -> httpx.Response:
    """The answer, sent again under one id until it is there.

    :raises WaitTimeout: if it is not there in time
    """
    request_id = request_id or new_id()
    deadline = Deadline(timeout)
    cause: FirnUnavailable | None = None
    while True:
        wait = deadline.whole_seconds(CALL_WAIT_SECONDS)
        try:
            response = http.call(method, path, request_id=request_id, wait=wait, deadline=deadline, **call)
            if response.status_code != 202:
                return response
        except FirnUnavailable as e:
            if not deadline.is_over:
                raise
            cause = e
        if deadline.is_over:
            because = f": {cause.message}" if cause else "."
            raise WaitTimeout(
                "NO_ANSWER_YET",
                f"{method} {path} is not answered after {timeout:g} s{because}",
                fault="SERVICE",
                remedy="The request stands and will be answered; look at its effect later.",
                request_id=request_id,
            ) from cause
        if wait == 0:
            deadline.pause(RESEND_SECONDS)
