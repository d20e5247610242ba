"""The example town of the repository, from which a new one takes the usual departments, their words and its texts."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from guichet.ids import DepartmentId, ProcedureId, SectorId
from guichet.town.organisation import Department, Organisation, Rule, RuleList, Sector
from guichet.town.procedures import FILE as PROCEDURES
from guichet.town.procedures import ProcedureList
from guichet.town.yaml_file import read_yaml
from guichet_cli.town.questions.kinds import plain

EXAMPLE: Final = Path(__file__).parents[3] / "local" / "town"


@cache
def usual() -> Organisation:
    """Return its sectors and departments. Raises SettingsError where this code lies apart from its repository."""
    return read_yaml(EXAMPLE / "organisation.yaml").parse(Organisation)


@cache
def usual_rules() -> tuple[Rule, ...]:
    """Return what its messages are routed by. Raises SettingsError."""
    return read_yaml(EXAMPLE / "rules.yaml").parse(RuleList).rules


@cache
def usual_procedures() -> Mapping[ProcedureId, Mapping[str, Any]]:
    """Return its procedures, as its file has them, by id. Raises SettingsError."""
    file = read_yaml(EXAMPLE / PROCEDURES)
    listed = file.parse(ProcedureList).procedures
    return {name: file.content["procedures"][name] for name in listed}


def department_id(name: str) -> DepartmentId:
    """Return the id of a department that is called so: the usual one's, or one made of its name."""
    found = (known for known, each in usual().departments.items() if plain(each.name) == plain(name))
    return next(found, DepartmentId(plain(name)[:40].strip("-")))


def usual_department(name: str) -> Department | None:
    """Return the usual department of that name."""
    return usual().departments.get(department_id(name))


def sector_of(name: str) -> tuple[SectorId, Sector]:
    """Return a department's sector: the usual one's; one that is not usual has its own, and shares nothing."""
    if (department := usual_department(name)) is not None:
        return department.sector, usual().sectors[department.sector]
    return SectorId(department_id(name)), Sector(name=name)
