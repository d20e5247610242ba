"""What a provider says of itself (OpenID Connect Discovery 1.0, RFC 8414). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from agent_desk.domain.sign_in.openid.errors import ProviderAwayError

_SAYS: Final = "authorization_response_iss_parameter_supported"
_METHODS: Final = "token_endpoint_auth_methods_supported"


@dataclass(frozen=True)
class Provider:
    """Where it answers. names_itself: each answer that a browser brings says whose it is (RFC 9207).

    takes_basic: the client's secret travels in a header of its own; else in the form.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    names_itself: bool
    takes_basic: bool


def address_of_metadata(issuer: str) -> str:
    """Return where a provider says what it is."""
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def read_provider(said: Mapping[str, Any], issuer: str) -> Provider:
    """Return the provider of that name. Raises ProviderAwayError where what it says is not to be relied on."""
    if said.get("issuer") != issuer:
        raise ProviderAwayError("The provider calls itself by another name: see GUICHET_DESK_OIDC_ISSUER.")
    methods = said.get(_METHODS)
    return Provider(
        issuer=issuer,
        authorization_endpoint=_needed(said, "authorization_endpoint", issuer),
        token_endpoint=_needed(said, "token_endpoint", issuer),
        jwks_uri=_needed(said, "jwks_uri", issuer),
        userinfo_endpoint=_address(said, "userinfo_endpoint", issuer),
        end_session_endpoint=_address(said, "end_session_endpoint", issuer),
        names_itself=said.get(_SAYS) is True,
        takes_basic=not isinstance(methods, list) or "client_secret_basic" in methods,
    )


def is_safe(address: str) -> bool:
    """Say whether what goes there is read by nobody on the way: https, or this very machine."""
    try:
        place = urlsplit(address)
        host, _ = place.hostname, place.port
    except ValueError:
        return False
    if not host or place.username is not None or place.fragment:
        return False
    return place.scheme == "https" or (place.scheme == "http" and _is_here(host))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _needed(said: Mapping[str, Any], name: str, issuer: str) -> str:
    address = _address(said, name, issuer)
    if address is None:
        raise ProviderAwayError(f"The provider names no {name}.")
    return address


def _address(said: Mapping[str, Any], name: str, issuer: str) -> str | None:
    """Return an address; a provider elsewhere does not send us to this machine."""
    address = said.get(name)
    if address is None:
        return None
    if not isinstance(address, str) or not is_safe(address) or not address.startswith(f"{urlsplit(issuer).scheme}:"):
        raise ProviderAwayError(f"The provider's {name} is no address that the desk goes to.")
    return address
