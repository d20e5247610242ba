"""Who answers, and for which departments."""

from collections.abc import Iterator

from guichet.contracts.channels import Words
from guichet_cli.town.example import sector_of
from guichet_cli.town.questions.kinds import joined, one_of, parts, plain, several
from guichet_cli.town.questions.question import Given, Question, RefusedError


def of_agents(given: Given) -> Iterator[Question]:
    """Yield who answers, and what each may see."""
    yield Question(
        "agents",
        Words(
            fr="Agents qui répondent (prénom et nom), séparés par des points-virgules ; d’autres pourront suivre",
            en="Agents who answer (given name and family name), with semicolons between them; others may follow",
        ),
        read=several(_agent_name),
    )
    names = parts(given["departments"])
    for name in parts(given["agents"]):
        yield Question(
            f"agent.{plain(name)}.departments",
            Words(
                fr=f"{name} : services dont cette personne lit les demandes (nommez vous-même les sensibles)",
                en=f"{name}: departments whose cases they read (name sensitive ones yourself)",
            ),
            default=joined([each for each in names if not sector_of(each)[1].sensitive] or names),
            read=several(one_of(names)),
        )


def sign_ins(given: Given) -> dict[str, str]:
    """Return the agents' names by the one that each signs in with. Pure."""
    found: dict[str, str] = {}
    for name in parts(given["agents"]):
        wanted = plain(name).replace("-", ".")
        found[next(each for each in (wanted, *(f"{wanted}{n}" for n in range(2, 99))) if each not in found)] = name
    return found


def _agent_name(text: str) -> str:
    if not plain(text):
        raise RefusedError(f"« {text} » n’est pas un nom.", f"{text!r} is no name.")
    return text
