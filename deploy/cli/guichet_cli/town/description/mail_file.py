"""mail.yaml, written from what was answered; what each field means, docs/mailboxes.md says. Pure."""

from typing import Any, Final

from guichet_cli.town.questions.of_intake import BY_LMTP, MAIL_SYSTEMS, OTHER, accounts_of
from guichet_cli.town.questions.question import Given

_TOKENS: Final = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
_BY_PASSWORD: Final = {"sign_in": "password"}


def mail_file(given: Given) -> dict[str, Any]:
    """Return its content."""
    own = _own_system(given)
    if given["intake"] == BY_LMTP:
        return {"lmtp": own, "imap": {}} if own.get("preset") else {"imap": {}}
    return {"imap": {name: _account(address, own, given) for name, address in accounts_of(given).items()}}


def _own_system(given: Given) -> dict[str, str]:
    preset = {} if given["mail_system"] == OTHER else {"preset": given["mail_system"]}
    return preset | ({"authserv_id": named} if (named := given.get("authserv_id", "")) else {})


def _account(address: str, own: dict[str, str], given: Given) -> dict[str, Any]:
    host = {"host": given["imap_host"]} if "imap_host" in given else {}
    return {**own, **host, "user": address, "since": given["imap_since"], "afterwards": "leave", **_sign_in(given)}


def _sign_in(given: Given) -> dict[str, Any]:
    if not MAIL_SYSTEMS[given["mail_system"]].by_tokens:
        return _BY_PASSWORD
    url = _TOKENS.format(tenant=given["oauth_tenant"])
    return {"oauth": {"token_url": url, "client_id": given["oauth_client_id"]}}
