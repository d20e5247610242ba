"""A desk is built anew for each test. What its routes take is the same each time, and is read once in a process.

FastAPI reads it from each function's signature: thirty milliseconds a desk, and a thousand tests begin with one. Where
a function stands in its file it reads at its first request, for the words of an error: half a millisecond each.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Final

import pytest
from fastapi import routing
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_dependant
from fastapi.exceptions import EndpointContext

Read = Callable[..., Dependant]
_READ: Final[dict[Hashable, Dependant]] = {}
_PLACES: Final[dict[Hashable, EndpointContext]] = {}


@contextmanager
def signatures_read_once() -> Iterator[None]:
    """While it lasts, a route gets what was read for the same function at the same path; each keeps its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routing, "get_dependant", partial(_once, get_dependant))
        yield


def _once(read: Read, *, path: str, call: Callable[..., Any], **others: Any) -> Dependant:
    same = _what_is_read(call)
    if same is None:
        return read(path=path, call=call, **others)
    key = (path, same, *sorted(others.items()))
    if key not in _READ:
        _READ[key] = read(path=path, call=call, **others)
        _PLACES[key] = routing._extract_endpoint_context(call)
    routing._endpoint_context_cache[id(call)] = {**_PLACES[key]}
    return replace(_READ[key], call=call)


def _what_is_read(call: Callable[..., Any]) -> Hashable | None:
    """Return all that a signature is read from: equal for each making of one inner function. None: not known to be."""
    if hasattr(call, "__wrapped__") or not hasattr(call, "__code__"):
        return None
    told = (type(call), call.__code__, *call.__annotations__.items(), call.__defaults__, call.__kwdefaults__)
    try:
        hash(told)
    except TypeError:
        return None
    return told
