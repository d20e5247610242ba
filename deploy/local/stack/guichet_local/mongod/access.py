"""How our own mongod asks who is there: its key file, its administrator, and TLS where that is wanted."""

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pymongo import MongoClient

from guichet.store.setup.roles import ADMINISTRATOR
from guichet.store.setup.users import MECHANISM, make_users
from guichet_local.machine.ports import HOST
from guichet_local.machine.private_file import write_private

_ITSELF: Final = "__system"  # the user as whom the members of a replica set know each other, by the key file


@dataclass(frozen=True)
class MongodAccess:
    """key_file: made if missing, 0600; who holds it is the server itself. administrator_password: of ADMINISTRATOR.

    certificate: key and certificate of the server, in PEM, for TLS; authority: whose certificates clients believe.
    """

    key_file: Path
    administrator_password: str
    certificate: Path | None = None
    authority: Path | None = None

    def options(self) -> list[str]:
        """Words for mongod's command line.

        Without a user mongod would let in whoever comes first from this machine, as its administrator; we come in by
        the key file, so nobody needs that.
        """
        words = ["--keyFile", str(self.key_file), "--setParameter", "enableLocalhostAuthBypass=false"]
        if self.certificate is not None:
            words += ["--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(self.certificate)]
            words += ["--tlsCAFile", str(self.authority), "--tlsAllowConnectionsWithoutCertificates"]
        return words

    def make_key_file(self) -> None:
        """Make the key file, unless it is there."""
        if not self.key_file.exists():
            self.key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(self.key_file, base64.b64encode(secrets.token_bytes(96)).decode())

    def connect_as_itself(self, port: int) -> MongoClient[dict[str, Any]]:
        """Sign in with the key file: before there is a user, and where a member's address must be mended."""
        tls: dict[str, Any] = {"tls": True, "tlsCAFile": str(self.authority)} if self.authority else {}
        return MongoClient(
            HOST,
            port,
            directConnection=True,
            serverSelectionTimeoutMS=2000,
            username=_ITSELF,
            password=self.key_file.read_text(),
            authSource="local",
            authMechanism=MECHANISM,
            **tls,
        )

    def admit_administrator(self, itself: MongoClient[dict[str, Any]]) -> None:
        """Make the administrator, or give them the password that the stack knows."""
        make_users(itself, {ADMINISTRATOR: ("root", self.administrator_password)})
