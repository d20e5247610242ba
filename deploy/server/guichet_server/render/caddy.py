"""Caddy in front: certificates, TLS, and which address leads to which door. Pure.

No address that somebody opened is logged, the path of a follow page is a key: no access log, and no logger that would
quote a request when something goes wrong behind Caddy. The services' own logs say what was wrong; Caddy's say starts,
configuration and certificates. Health pages and the console have no address here. Nor has Caddy's own door for whoever
changes what it serves, which asks nobody who they are: it is a socket that its own user and root may open.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final
from urllib.parse import urlsplit

from guichet.errors import SettingsError
from guichet_topology.services import Service

TLS: Final = "GUICHET_SERVER_TLS"
AGENT_NETWORKS: Final = "GUICHET_SERVER_AGENT_NETWORKS"
PORTAL, DESK = "citizen-portal", "agent-desk"
_URLS: Final = {"GUICHET_PORTAL_URL": PORTAL, "GUICHET_DESK_URL": DESK}
_PUBLIC_URL: Final = "_PUBLIC_URL"  # how the variable ends that says where a provider reaches a webhook
_NAME: Final = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?")  # of a site: nothing that Caddy reads as something else
_WEBHOOKS: Final = "/webhooks/*"
_ADMIN_SOCKET: Final = "/var/lib/caddy/admin.sock"  # the home of Caddy's user, in Debian's package and in its maker's
_HEAD: Final = f"""\
# Written by `guichet-server apply`. The first line of the Caddyfile imports it: what comes first holds for all sites.
# No access log, and no log of errors that quotes a request: the path of a follow page is a key. On its usual port,
# 2019, every user of this machine could have Caddy serve other pages.
{{
	admin unix/{_ADMIN_SOCKET}
	servers {{
		timeouts {{
			read_header 10s
		}}
	}}
	log default {{
		exclude http.log.error http.handlers.reverse_proxy
	}}
}}
"""


@dataclass(frozen=True)
class Site:
    """One address of the town's. port: of the door behind it. paths: what of it is handed on; None: all."""

    host: str
    port: int
    paths: str | None = None
    networks: tuple[str, ...] = ()


def sites(services: Iterable[Service], values: Mapping[str, str], ports: Mapping[str, int]) -> tuple[Site, ...]:
    """Return what answers where. Raises SettingsError, naming the variable, for what is no address of a site."""
    networks = tuple(map(_network, values.get(AGENT_NETWORKS, "").replace(",", " ").split()))
    doors = [
        Site(_host(variable, values), ports[door], networks=networks if door == DESK else ())
        for variable, door in _URLS.items()
    ]
    webhooks = [
        (_host(variable, values), ports[service.ports["GUICHET_HTTP_PORT"]], _provider_of(variable))
        for service in services
        if "GUICHET_HTTP_PORT" in service.ports and service.name not in {PORTAL, DESK}
        for variable in sorted(values)
        if variable.endswith(_PUBLIC_URL) and service.may_know(variable)
    ]
    return tuple(dict.fromkeys([*doors, *_of_webhooks(webhooks)]))


def _of_webhooks(found: Sequence[tuple[str, int, str]]) -> Iterator[Site]:
    """Yield what is handed on of host, port and provider: by each provider's own path where doors share an address."""
    doors = {(host, port) for host, port, _ in found}
    for host, port, provider in found:
        is_shared = len([each for each, _ in doors if each == host]) > 1
        yield Site(host, port, f"/webhooks/{provider}*" if is_shared else _WEBHOOKS)


def _provider_of(variable: str) -> str:
    return variable.removeprefix("GUICHET_").removesuffix(_PUBLIC_URL).lower().replace("_", "-")


def caddyfile(found: Iterable[Site], values: Mapping[str, str]) -> str:
    """Render the file, a site a block. Raises SettingsError where two doors want one address whole."""
    by_host: dict[str, list[Site]] = {}
    for site in found:
        by_host.setdefault(site.host, []).append(site)
    tls = _tls(values.get(TLS, "acme"))
    return _HEAD + "".join(_block(host, theirs, tls) for host, theirs in by_host.items())


def _host(variable: str, values: Mapping[str, str]) -> str:
    url = urlsplit(values.get(variable, ""))
    if url.scheme != "https" or not _NAME.fullmatch(url.netloc):
        raise SettingsError(f"{variable} must be https:// and the name under which the proxy answers.")
    return url.netloc


def _network(said: str) -> str:
    try:
        ip_network(said)
    except ValueError as exc:
        raise SettingsError(f"{AGENT_NETWORKS}: {exc}.") from None
    return said


def _tls(wish: str) -> str:
    match wish.split():
        case ["acme"]:
            return ""  # Caddy's own way: certificates from Let's Encrypt, renewed by itself
        case ["internal"]:
            return "\ttls internal\n"
        case [certificate, key] if certificate.startswith("/") and key.startswith("/"):
            return f"\ttls {certificate} {key}\n"
    raise SettingsError(f"{TLS} is acme, internal, or two files: /path/certificate.pem /path/key.pem.")


def _block(host: str, theirs: list[Site], tls: str) -> str:
    if len({site.paths for site in theirs}) < len(theirs) or (
        len(theirs) > 1 and not all(each.paths for each in theirs)
    ):
        raise SettingsError(f"{host} is the address of two doors: give each a name of its own.")
    lines = "".join(_hand_on(site) for site in theirs)
    rest = "\thandle {\n\t\trespond 404\n\t}\n" if theirs[0].paths else ""
    return f'\n{host} {{\n{tls}\theader Strict-Transport-Security "max-age=31536000"\n{lines}{rest}}}\n'


def _hand_on(site: Site) -> str:
    proxy = f"reverse_proxy 127.0.0.1:{site.port}"
    if site.paths is not None:
        return f"\thandle {site.paths} {{\n\t\t{proxy}\n\t}}\n"
    only = f"\t@elsewhere not remote_ip {' '.join(site.networks)}\n\trespond @elsewhere 403\n" if site.networks else ""
    return f"{only}\t{proxy}\n"
