"""Which departments answer, where each is reached, and whose each mailbox is."""

from collections.abc import Iterator

from guichet.contracts.channels import Words
from guichet_cli.town.example import department_id, usual
from guichet_cli.town.questions.kinds import (
    NO,
    YES,
    joined,
    mailbox,
    one_of,
    optional,
    parts,
    plain,
    several,
    telephone,
    yes_or_no,
)
from guichet_cli.town.questions.question import Given, Question, RefusedError


def of_departments(given: Given) -> Iterator[Question]:
    """Yield what is asked of the departments and of the mailboxes."""
    yield Question(
        "departments",
        Words(
            fr="Services qui répondent aux citoyens, séparés par des points-virgules",
            en="Departments that answer citizens, with semicolons between them",
        ),
        default=joined(each.name for each in usual().departments.values()),
        read=_department_names,
    )
    names = parts(given["departments"])
    yield Question(
        "fallback_department",
        Words(fr="Service qui reçoit ce qu’aucune règle n’attribue", en="Department that gets what no rule assigns"),
        default=names[0],
        read=one_of(names),
    )
    yield Question(
        "own_contacts",
        Words(
            fr="Certains services ont-ils leur propre courriel, téléphone ou adresse ?",
            en="Have some departments a mail address, telephone or postal address of their own?",
        ),
        default=NO,
        read=yes_or_no,
    )
    if given["own_contacts"] == YES:
        for name in names:
            yield from _of_department(name, given)
    yield Question(
        "other_mailboxes",
        Words(
            fr="Autres adresses de la mairie qui reçoivent des demandes, séparées par des points-virgules",
            en="Other mail addresses of the town hall that get requests, with semicolons between them",
        ),
        default="",
        read=optional(several(mailbox)),
    )
    for address in _of_nobody_yet(given):
        yield Question(
            f"mailbox.{address}",
            Words(
                fr=f"{address} : service dont c’est la boîte (ou aucun : les règles décident)",
                en=f"{address}: department whose mailbox it is (or none: rules decide)",
            ),
            default=next((name for name in names if department_id(name) == plain(address.partition("@")[0])), ""),
            read=optional(one_of(names)),
        )


def _of_department(name: str, given: Given) -> Iterator[Question]:
    key = department_id(name)
    yield Question(
        f"department.{key}.mailbox",
        Words(fr=f"{name} : courriel", en=f"{name}: mail address"),
        default=given["main_mailbox"],
        read=mailbox,
    )
    yield Question(
        f"department.{key}.telephone",
        Words(fr=f"{name} : téléphone", en=f"{name}: telephone"),
        default=given["telephone"],
        read=telephone,
    )
    yield Question(
        f"department.{key}.postal_address",
        Words(fr=f"{name} : adresse postale", en=f"{name}: postal address"),
        default=given["postal_address"],
    )


def mailboxes_of(given: Given) -> dict[str, str | None]:
    """Return the town's mailboxes and whose each is: one department's, or nobody's, where rules decide. Pure."""
    of_departments = _of_departments(given)
    main = given["main_mailbox"]
    alone = {each: keys[0] for each, keys in of_departments.items() if len(keys) == 1 and each != main}
    said = {each: department_id(name) for each in _of_nobody_yet(given) if (name := given[f"mailbox.{each}"])}
    listed = dict.fromkeys([main, *of_departments, *parts(given["other_mailboxes"])])
    return {each: (alone | said).get(each) for each in listed}


def _of_departments(given: Given) -> dict[str, list[str]]:
    """Return the mailboxes that departments said to be theirs, and whose each is."""
    found: dict[str, list[str]] = {}
    for key in map(department_id, parts(given["departments"])):
        found.setdefault(contact(given, key, "mailbox"), []).append(key)
    return found


def _of_nobody_yet(given: Given) -> list[str]:
    known = {given["main_mailbox"], *_of_departments(given)}
    return [each for each in parts(given["other_mailboxes"]) if each not in known]


def contact(given: Given, department: str, what: str) -> str:
    """Return how citizens reach a department, or the town hall. what: mailbox, telephone, postal_address. Pure."""
    usually = given["main_mailbox"] if what == "mailbox" else given[what]
    return given.get(f"department.{department}.{what}", usually)


def _department_names(text: str) -> str:
    kept = several(_department_name)(text)
    found: dict[str, str] = {}
    for name in parts(kept):
        if (other := found.setdefault(department_id(name), name)) != name:
            raise RefusedError(
                f"« {other} » et « {name} » sont le même service ; n’en gardez qu’un.",
                f"{other!r} and {name!r} are one department; keep one of them.",
            )
    return kept


def _department_name(text: str) -> str:
    if not department_id(text)[:1].isalpha():
        raise RefusedError(
            f"« {text} » : le nom d’un service commence par une lettre.",
            f"{text!r}: a department's name begins with a letter.",
        )
    return text
