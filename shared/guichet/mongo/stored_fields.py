"""How a document rests: what it does not say takes no room."""

from functools import cache
from typing import Any, Final

from pydantic import BaseModel

_NEEDED: Final = object()


def said_by(document: BaseModel) -> dict[str, Any]:
    """Return the fields that say something else than their default, by the names under which they are stored.

    What lies within a field rests whole: questions ask for what is in it, as `suspended.state`.
    """
    defaults = _defaults(type(document))
    said = {name for name, value in document if value != defaults[name]}
    return document.model_dump(by_alias=True, include=said)


@cache
def _defaults(kind: type[BaseModel]) -> dict[str, Any]:
    return {
        name: _NEEDED if field.is_required() else field.get_default(call_default_factory=True)
        for name, field in kind.model_fields.items()
    }
