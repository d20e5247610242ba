"""procedures.yaml of a new town: the usual procedures of its departments, their sources to be confirmed. Pure."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from guichet_cli.town.example import department_id, usual_procedures
from guichet_cli.town.questions.kinds import TO_BE_CONFIRMED, parts
from guichet_cli.town.questions.question import Given

_SOURCES: Final = frozenset({"source", "required_by"})
_ANYWHERE: Final = "any_department"


def procedures_file(given: Given) -> dict[str, Any]:
    """Return its content: what is asked of the usual departments that the town has, and of any department."""
    departments = {*map(department_id, parts(given["departments"]))}
    otherwise = department_id(given["fallback_department"])
    listed = {
        str(name): _unconfirmed(_treated(procedure, departments, otherwise))
        for name, procedure in usual_procedures().items()
        if procedure["department"] in departments or procedure.get(_ANYWHERE)
    }
    return {"procedures": listed}


def _treated(procedure: Mapping[str, Any], departments: Collection[str], otherwise: str) -> Mapping[str, Any]:
    """Return it with a department that the town has: what belongs to all is treated where nothing leads elsewhere."""
    return procedure if procedure["department"] in departments else {**procedure, "department": otherwise}


def _unconfirmed(content: Any) -> Any:
    """Return it with each source to be confirmed: the example's lawyer is not the town's (docs/law.md 20)."""
    match content:
        case Mapping():
            return {key: TO_BE_CONFIRMED if key in _SOURCES else _unconfirmed(value) for key, value in content.items()}
        case list():
            return [_unconfirmed(each) for each in content]
        case _:
            return content
