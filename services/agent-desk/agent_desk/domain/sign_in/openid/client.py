"""The desk as a client of the town's identity provider, and where it sends a browser. Pure."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from urllib.parse import urlencode

from agent_desk.domain.sign_in.openid.provider import Provider
from agent_desk.domain.sign_in.openid.started import StartedSignIn


@dataclass(frozen=True)
class Client:
    """What the operator set, and what follows from the desk's own address.

    redirect_uri, after_sign_out: where the provider sends a browser back to; it knows both, to the letter. label: the
    provider's name, as the button says it. help: whom an agent asks who is not let in. strong: the values of `acr` that
    stand for two factors. strong_required: nobody is let in without.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    after_sign_out: str
    label: str
    scope: str
    help: str
    strong: tuple[str, ...] = ()
    strong_required: bool = False


def sign_in_address(client: Client, provider: Provider, started: StartedSignIn) -> str:
    """Return where a browser signs in (OpenID Connect Core 3.1.2.1, with the proof key of RFC 7636)."""
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": client.scope,
        "state": started.state,
        "nonce": started.nonce,
        "code_challenge": challenge_of(started.verifier),
        "code_challenge_method": "S256",
        **_strength(client),
    }
    return _with(provider.authorization_endpoint, asked)


def sign_out_address(client: Client, provider: Provider, id_token: str) -> str | None:
    """Return where a browser signs out of the provider, too; None where it has no such place.

    id_token: what the browser kept, whatever it is: the provider judges it. Blank: it kept none.
    """
    if provider.end_session_endpoint is None:
        return None
    # ProConnect takes no parameter that it does not name, and wants a state of 32 characters. Nothing hangs on it.
    who = {"id_token_hint": id_token} if id_token else {"client_id": client.client_id}
    asked = {**who, "post_logout_redirect_uri": client.after_sign_out, "state": secrets.token_urlsafe(32)}
    return _with(provider.end_session_endpoint, asked)


def challenge_of(verifier: str) -> str:
    """Return what the provider is told of the verifier before it sees it (RFC 7636, 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _strength(client: Client) -> dict[str, str]:
    """Ask for two factors: politely, or as what one cannot do without (Core 5.5.1.1, and one of the two at a time)."""
    if not client.strong:
        return {}
    if not client.strong_required:
        return {"acr_values": " ".join(client.strong)}
    return {"claims": json.dumps({"id_token": {"acr": {"essential": True, "values": [*client.strong]}}})}


def _with(address: str, asked: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"
