"""procedures.yaml of a new town: the usual procedures of its departments, their sources to be confirmed. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from guichet_cli.town.example import department_id, usual_procedures
from guichet_cli.town.questions.kinds import parts
from guichet_cli.town.questions.question import Given

TO_BE_CONFIRMED: Final = "à confirmer"
_SOURCES: Final = frozenset({"source", "required_by"})


def procedures_file(given: Given) -> dict[str, Any]:
    """Return its content; nothing where none of the departments is a usual one."""
    departments = {*map(department_id, parts(given["departments"]))}
    listed = {
        str(name): _unconfirmed(procedure)
        for name, procedure in usual_procedures().items()
        if procedure["department"] in departments
    }
    return {"procedures": listed} if listed else {}


def _unconfirmed(content: Any) -> Any:
    """Return it with each source to be confirmed: the example's lawyer is not the town's (docs/law.md 20)."""
    match content:
        case Mapping():
            return {key: TO_BE_CONFIRMED if key in _SOURCES else _unconfirmed(value) for key, value in content.items()}
        case list():
            return [_unconfirmed(each) for each in content]
        case _:
            return content
