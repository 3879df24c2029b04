"""Firn by its events, without the gateway. Needs `pip install firn[kafka]`."""

from ._ask import ask
from ._digest import request_digest

__all__ = ["ask", "request_digest"]
