"""What `guichet staff` says, in French. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from guichet.ids import DepartmentId, ProcedureId
from guichet.store.agents.staff_changes import StaffBook
from guichet.town.long_dates import long_date
from guichet.town.organisation import Department
from guichet.town.procedures import Procedure
from guichet.town.staff.agents import Agent
from guichet.town.staff.differences import differences
from guichet.town.staff.faults import Fault, Wrong
from guichet.town.staff.identities import IdentityMapping
from guichet.town.staff.overlay import StaffKind, StaffValue, mapping_key, thing
from guichet.town.staff.staff import Staff
from guichet.town.staff.why import Explanation, Ground
from guichet.town.town import Town

KINDS: Final[Mapping[StaffKind, str]] = {
    StaffKind.AGENT: "agent",
    StaffKind.PROFILE: "profil",
    StaffKind.UNIT: "unité",
    StaffKind.MAPPING: "correspondance",
}
_FAULTS: Final[Mapping[Wrong, str]] = {
    Wrong.DEPARTMENT: "le service « {} » n’existe pas.",
    Wrong.PROCEDURE: "la démarche « {} » n’existe pas.",
    Wrong.UNIT: "l’unité « {} » n’existe pas.",
    Wrong.PROFILE: "le profil « {} » n’existe pas.",
    Wrong.NOTHING: "le profil « {} » ouvre les services de l’agent : donnez-en au moins un, ou une unité.",
    Wrong.SIGN_IN: "quelqu’un d’autre se connecte déjà sous le nom « {} ».",
    Wrong.OWN_MAILBOX: "« {} » est une boîte de la collectivité : le courriel lui reviendrait comme un message.",
    Wrong.USED: "encore utilisé par « {} ».",
    Wrong.MISSING: "il manque quelque chose ici.",
    Wrong.INVALID: "ce qui est écrit ne convient pas.",
    Wrong.ENDS: "le dernier jour précède le premier.",
    Wrong.TAKEN: "cela existe déjà.",
    Wrong.OVERTAKEN: "quelqu’un l’a modifié entre-temps, ou rien n’a été modifié : regardez, puis recommencez.",
    Wrong.LAST_ADMINISTRATOR: "plus personne ne gérerait les profils et les agents : nommez d’abord quelqu’un d’autre.",
}


def fault_line(fault: Fault) -> str:
    """Return what is wrong, and where."""
    where = ".".join(map(str, fault.place))
    return f"{where} : {_FAULTS[fault.what].format(fault.named)}" if where else _FAULTS[fault.what].format(fault.named)


def list_lines(book: StaffBook) -> Iterator[str]:
    """Yield a line for each thing: its kind, its key, what it is called, and who says so."""
    for kind, key in everything(book):
        value = thing(book.now, kind, key)
        where = "fichiers" if book.entry(kind, key) is None else "modifié" if value is not None else "retiré"
        yield f"{KINDS[kind]:<15} {key:<24} {where:<9} {called(value)}"


def everything(book: StaffBook) -> list[tuple[StaffKind, str]]:
    """Return every thing that is, or was taken away, in order."""
    found = [*_all(book.now), *((entry.kind, entry.key) for entry in book.entries.values())]
    return sorted(dict.fromkeys(found), key=lambda each: (list(StaffKind).index(each[0]), each[1]))


def _all(staff: Staff) -> Iterator[tuple[StaffKind, str]]:
    yield from ((StaffKind.AGENT, agent.agent_id) for agent in (*staff.agents, *staff.nowhere))
    yield from ((StaffKind.PROFILE, key) for key in staff.profiles)
    yield from ((StaffKind.UNIT, key) for key in staff.units)
    yield from ((StaffKind.MAPPING, mapping_key(each)) for each in staff.mappings)


def called(value: StaffValue | None) -> str:
    """Return what a thing is called."""
    match value:
        case None:
            return ""
        case Agent():
            return value.name
        case IdentityMapping():
            return " / ".join(each for each in (value.siret, value.organizational_unit, value.uid) if each)
        case _:
            return value.label


def difference_lines(book: StaffBook) -> Iterator[str]:
    """Yield a line for each thing that is not as the town's files say, and how."""
    for entry in book.entries.values():
        said, now = (thing(staff, entry.kind, entry.key) for staff in (book.files, book.now))
        if changed := differences(said, now):
            yield f"{KINDS[entry.kind]} {entry.key} : {', '.join(changed)}"


def why_sentence(found: Explanation, department: DepartmentId | None, town: Town) -> str:
    """Return what an agent sees of a case, and why. department: whose case it is; None: there is none."""
    name = found.agent.name
    if found.detail is not None:
        how = "en entier" if found.detail == "full" else "en synthèse"
        grounds = " ; ".join(_ground(each, town) for each in found.grounds)
        return f"{name} voit cette demande {how} : {grounds}."
    if not found.works:
        return f"{name} ne la voit pas : aucune de ses affectations ne vaut aujourd’hui."
    if department is None:
        return f"{name} ne voit aucune demande de cette référence."
    called = _names([department], town.departments)
    return f"{name} ne la voit pas : aucun de ses profils ne montre le service {called}."


def _ground(ground: Ground, town: Town) -> str:
    given = ground.given
    if given.departments == "own":
        departments = f"ses services ({_names(sorted(ground.grant.departments), town.departments)})"
    elif given.departments == "all":
        departments = "tous les services hors secteurs sensibles"
    else:
        departments = _names(given.departments, town.departments)
    taken_down = {None: "", "self": "saisies par l’agent lui-même", "members": "saisies par des élus"}
    more = [
        f"démarches : {_labels(given.procedures, town.procedures)}" if given.procedures else "",
        taken_down[given.entered_by],
        "avec un motif" if given.reason_asked else "",
        "après avoir reconnu l’appelant" if given.caller_identified else "",
        f"jusqu’au {long_date(ground.assignment.ends, 'fr')}" if ground.assignment.ends else "",
    ]
    return ", ".join(each for each in (f"profil {ground.profile.label}", departments, *more) if each)


def _names(keys: Iterable[DepartmentId], departments: Mapping[DepartmentId, Department]) -> str:
    return ", ".join(departments[key].name if key in departments else key for key in keys)


def _labels(keys: Iterable[ProcedureId], procedures: Mapping[ProcedureId, Procedure]) -> str:
    return ", ".join(procedures[key].label if key in procedures else key for key in keys)
