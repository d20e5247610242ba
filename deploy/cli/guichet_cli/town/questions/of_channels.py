"""Which channels the town opens, and what each provider's account is. What is asked of an account, its facts say."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from guichet.contracts.accounts import Asked
from guichet.contracts.channels import ChannelFacts, KnownChannels, Words
from guichet_cli.town.questions.kinds import joined, of_form, one_of, parts, public_address, several
from guichet_cli.town.questions.of_town import domain
from guichet_cli.town.questions.question import Given, Question, as_typed

WEBHOOKS: Final = "{webhooks}"
RANDOM: Final = "{random}"


def of_channels(given: Given, known: KnownChannels) -> Iterator[Question]:
    """Yield which channels are open, and what their accounts ask."""
    electronic = {name: facts for name, facts in known.items() if facts.is_electronic}
    listed = ", ".join(f"{name} ({facts.title.fr})" for name, facts in electronic.items())
    yield Question(
        "channels",
        Words(
            fr=f"Canaux ouverts aux citoyens, séparés par des points-virgules : {listed}",
            en=f"Channels that are open to citizens, with semicolons between them: {listed}",
        ),
        default=joined(name for name, facts in electronic.items() if not _asks(facts, known)),
        read=several(one_of(electronic)),
    )
    asked = asked_of(given, known)
    if any(each.default == WEBHOOKS for each in asked):
        yield Question(
            "webhooks_url",
            Words(
                fr="Adresse publique à laquelle les opérateurs remettent les messages",
                en="Public address to which providers hand messages over",
            ),
            default=f"https://messages.{domain(given)}",
            read=public_address,
        )
    for each in asked:
        yield Question(
            each.variable,
            Words(fr=each.fr, en=each.en),
            default=_default(each, given),
            read=_reader(each),
            variable=each.variable if each.is_secret else None,
        )


def opened(given: Given) -> list[str]:
    """Return the channels that the town opens. Pure."""
    return parts(given["channels"])


def takes_mail(given: Given, known: KnownChannels) -> bool:
    """Return whether mails come in: some channel that is open has mailboxes. Pure."""
    return any(known[name].has_mailboxes for name in opened(given))


def asked_of(given: Given, known: KnownChannels) -> Sequence[Asked]:
    """Return what the accounts of the open channels ask. Pure."""
    on = opened(given)
    found = [each for name in on for each in _asks(known[name], known) if each.channel is None or each.channel in on]
    return [*{each.variable: each for each in found}.values()]


def _asks(facts: ChannelFacts, known: KnownChannels) -> tuple[Asked, ...]:
    accounts = [each.account for each in known.values() if each.provider == facts.provider and each.account is not None]
    return accounts[0].asked if accounts else ()


def _reader(asked: Asked) -> Callable[[str], str]:
    if asked.default == WEBHOOKS:
        return public_address
    return as_typed if asked.pattern is None else of_form(asked.pattern)


def _default(asked: Asked, given: Given) -> str | None:
    match asked.default:
        case "{webhooks}":
            return given["webhooks_url"]
        case "{random}":
            return secrets.token_urlsafe(32)
        case said:
            return said
