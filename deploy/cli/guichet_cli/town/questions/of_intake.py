"""How the town's mail comes in, and by which relay it leaves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from guichet.contracts.channels import Words
from guichet_cli.town.questions.kinds import day, host, one_of, optional, plain, port
from guichet_cli.town.questions.of_departments import mailboxes_of
from guichet_cli.town.questions.of_town import domain
from guichet_cli.town.questions.question import Given, Question, as_typed

BY_IMAP: Final = "imap"
BY_LMTP: Final = "lmtp"
OTHER: Final = "autre"


@dataclass(frozen=True)
class MailSystem:
    """A preset of mail.yaml (docs/mailboxes.md). by_tokens: it takes no password. is_own: a server of the town's own,
    whose name must be given."""

    by_tokens: bool = False
    is_own: bool = False


MAIL_SYSTEMS: Final = {
    "ovhcloud": MailSystem(),
    "microsoft-365": MailSystem(by_tokens=True),
    "google-workspace": MailSystem(),
    "zimbra": MailSystem(is_own=True),
    "postfix": MailSystem(is_own=True),
    "postfix-rspamd": MailSystem(is_own=True),
    OTHER: MailSystem(is_own=True),
}
_RELAY_PORTS: Final = {"starttls": "587", "tls": "465", "none": "25"}


def of_intake(given: Given, today: date) -> Iterator[Question]:
    """Yield by which way mail comes, from which system, and what opens the mailboxes."""
    yield Question(
        "intake",
        Words(
            fr="Arrivée des courriels : imap (Guichet relève vos boîtes) ou lmtp (votre serveur les remet)",
            en="How do mails come in: imap (Guichet reads your mailboxes) or lmtp (your server hands them over)",
        ),
        default=BY_IMAP,
        read=one_of((BY_IMAP, BY_LMTP)),
    )
    by_imap = given["intake"] == BY_IMAP
    systems = [name for name, each in MAIL_SYSTEMS.items() if by_imap or each.is_own]
    yield Question(
        "mail_system",
        Words(
            fr=f"Votre messagerie ({', '.join(systems)})",
            en=f"Your mail system ({', '.join(systems)})",
        ),
        default=systems[0] if by_imap else OTHER,
        read=one_of(systems),
    )
    system = MAIL_SYSTEMS[given["mail_system"]]
    if system.is_own:
        yield from _of_own_server(given, by_imap=by_imap)
    if by_imap:
        yield from _of_mailboxes(given, system, today)


def _of_own_server(given: Given, *, by_imap: bool) -> Iterator[Question]:
    if by_imap:
        yield Question(
            "imap_host", Words(fr="Serveur IMAP", en="IMAP server"), default=f"imap.{domain(given)}", read=host
        )
        yield Question(
            "imap_ca_file",
            Words(
                fr="Fichier du certificat de votre propre autorité (vide : une autorité publique a signé le sien)",
                en="File with your own authority's certificate (blank: a public authority signed its own)",
            ),
            default="",
        )
    is_needed = given["mail_system"] != OTHER
    yield Question(
        "authserv_id",
        Words(
            fr="Nom que votre serveur écrit en tête de Authentication-Results (docs/mailboxes.md, 4)",
            en="Name that your server puts first in Authentication-Results (docs/mailboxes.md, 4)",
        ),
        default=f"mx.{domain(given)}" if is_needed else "",
        read=host if is_needed else optional(host),
    )


def _of_mailboxes(given: Given, system: MailSystem, today: date) -> Iterator[Question]:
    yield Question(
        "imap_since",
        Words(
            fr="Premier jour dont les courriels sont repris (chacun reçoit un accusé)",
            en="First day whose mails are taken in (each gets a receipt)",
        ),
        default=today.isoformat(),
        read=day,
    )
    if system.by_tokens:
        yield Question("oauth_tenant", Words(fr="Identifiant du locataire (tenant)", en="The tenant's id"))
        yield Question("oauth_client_id", Words(fr="Identifiant de l’application", en="The application's id"))
    for name, address in accounts_of(given).items():
        what = Words(fr="secret de l’application", en="the application's secret")
        if not system.by_tokens:
            what = Words(fr="mot de passe de la boîte", en="password of the mailbox")
        yield Question(
            f"imap.{name}.secret",
            Words(fr=f"{address} : {what.fr}", en=f"{address}: {what.en}"),
            variable=secret_variable(name, system),
        )


def of_relay(given: Given) -> Iterator[Question]:
    """Yield by which server answers and receipts leave."""
    is_local = given.get("intake") == BY_LMTP
    yield Question(
        "relay_host",
        Words(fr="Serveur par lequel partent les courriels (SMTP)", en="Server by which mails leave (SMTP)"),
        default="127.0.0.1" if is_local else f"smtp.{domain(given)}",
        read=host,
    )
    yield Question(
        "relay_security",
        Words(fr="Chiffrement vers ce serveur : starttls, tls ou none", en="Security there: starttls, tls or none"),
        default="none" if given["relay_host"] in {"127.0.0.1", "localhost"} else "starttls",
        read=one_of(_RELAY_PORTS),
    )
    yield Question(
        "relay_port",
        Words(fr="Port de ce serveur", en="Port there"),
        default=_RELAY_PORTS[given["relay_security"]],
        read=port,
    )
    yield Question(
        "relay_user",
        Words(fr="Nom d’utilisateur à ce serveur (ou aucun)", en="User name there (or none)"),
        default="" if given["relay_security"] == "none" else given["main_mailbox"],
        read=optional(as_typed),
    )
    if given["relay_user"]:
        yield Question(
            "relay_password",
            Words(fr="Mot de passe à ce serveur", en="Password there"),
            variable="GUICHET_SMTP_PASSWORD",
        )


def accounts_of(given: Given) -> dict[str, str]:
    """Return the mailboxes that are read, by the name of their account in mail.yaml. Pure."""
    named: dict[str, str] = {}
    for address in mailboxes_of(given):
        name = plain(address.partition("@")[0])[:28].strip("-")
        name = name if name[:1].isalpha() else f"b-{name}"
        named[next(each for each in (name, *(f"{name}-{n}" for n in range(2, 99))) if each not in named)] = address
    return named


def secret_variable(account: str, system: MailSystem) -> str:
    """Return the variable that opens a mailbox. Pure."""
    return f"GUICHET_IMAP_{account.upper().replace('-', '_')}_{'CLIENT_SECRET' if system.by_tokens else 'PASSWORD'}"
