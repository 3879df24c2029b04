"""Where the gateway is, and with which token to call it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_URL = "http://127.0.0.1:8088"
_TOKEN = re.compile(r"[\x21-\x7e]*")


def find_url(given: str | None) -> str:
    """The given one, `FIRN_URL`, what `./firn status --env` prints, a stack of this machine, or the default port."""
    found = given or os.environ.get("FIRN_URL") or os.environ.get("FIRN_GATEWAY_URL") or _stack_url() or DEFAULT_URL
    url = found.rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"the address of Firn must begin with http:// or https://, got '{found}'")
    return url


def _stack_url() -> str | None:
    """`./firn up` notes its gateway's port in the stack's folder: FIRN_STACK, or .firn here or in a folder above."""
    stack = os.environ.get("FIRN_STACK")
    folders = [Path(stack)] if stack else [folder / ".firn" for folder in (Path.cwd(), *Path.cwd().parents)]
    file = f"firn-{os.environ.get('FIRN_NAMESPACE', 'firn')}.properties"
    for folder in folders:
        try:
            lines = (folder / file).read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, value = line.partition("=")
            if name.strip() == "firn.gateway.port":
                return f"http://127.0.0.1:{value.strip()}"
    return None


def token_source(token: str | None, token_file: str | os.PathLike[str] | None) -> Callable[[], str | None]:
    """The token for each call. A file is read each time, so a token that is renewed counts at once."""
    if token is not None and token_file is not None:
        raise ValueError("give either token or token_file, not both")
    file = token_file or (None if token else os.environ.get("FIRN_TOKEN_FILE"))
    if file is not None:
        path = Path(file)
        return lambda: _sendable(path.read_text())
    fixed = _sendable(token if token is not None else os.environ.get("FIRN_TOKEN", ""))
    return lambda: fixed or None


def _sendable(token: str) -> str:
    """The token without white space around it, as of a file with a last line feed. A message never repeats it."""
    token = token.strip()
    if not _TOKEN.fullmatch(token):
        raise ValueError("the token has characters that no bearer token has, such as spaces or line feeds")
    return token


def shown(url: str) -> str:
    """The address as messages may have it: without a password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
