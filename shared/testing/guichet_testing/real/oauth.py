"""Tokens as a provider of mailboxes gives them, and the endpoint that does. Dovecot checks them by the key alone."""

import json
import secrets
import ssl
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import time
from typing import Any, Final
from urllib.parse import parse_qs, unquote_plus

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from guichet_local.machine.ports import HOST, free_ports

LASTS: Final = timedelta(hours=1)  # as long as Microsoft's and Google's


class TokenIssuer:
    """Signs tokens (JWT, ES256). public_key: PEM, by which they are checked offline."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.public_key = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def token(self, user: str, lasts: timedelta = LASTS, **claims: Any) -> str:
        """Return a token that opens this user's mailbox for so long; negative: one that has expired."""
        now = int(time())
        said = {"sub": user, "email": user, "iat": now, "exp": now + int(lasts.total_seconds())} | claims
        text = f"{_encoded(json.dumps({'typ': 'JWT', 'alg': 'ES256'}))}.{_encoded(json.dumps(said))}"
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(SHA256())))
        return f"{text}.{_encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


@dataclass
class TokenEndpoint:
    """An OAuth token endpoint (RFC 6749): client_credentials, and refresh_token, each of which is used once.

    user: whose mailbox its tokens open. lasts: how long those of now on do. It is ordered about by `refusal` (the error
    it answers, such as invalid_client or invalid_grant; None: it gives tokens) and `is_down` (503).
    asked: the forms that came, as they came. authority: whose certificate it shows; None: it speaks plain HTTP.
    """

    issuer: TokenIssuer
    user: str = ""
    authority: Path | None = None
    client_id: str = "guichet"
    client_secret: str = field(default_factory=secrets.token_urlsafe)
    refresh_token: str = field(default_factory=secrets.token_urlsafe)
    lasts: timedelta = LASTS
    refusal: str | None = None
    is_down: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def answer(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Return the status and the body for a form."""
        self.asked.append(form)
        if self.is_down:
            return 503, {}
        if error := self.refusal or self._fault_of(form):
            return 401 if error == "invalid_client" else 400, {"error": error, "error_description": f"{error}: played"}
        body: dict[str, Any] = {"access_token": self.issuer.token(self.user, self.lasts), "token_type": "Bearer"}
        body |= {"expires_in": int(self.lasts.total_seconds())}
        if form["grant_type"] == "refresh_token":
            self.refresh_token = secrets.token_urlsafe()
            body |= {"refresh_token": self.refresh_token}
        return 200, body

    def _fault_of(self, form: dict[str, str]) -> str | None:
        grant = form.get("grant_type")
        secret_must_be_there = grant == "client_credentials"  # a public client has a refresh token and no secret
        secret = form.get("client_secret", "" if secret_must_be_there else self.client_secret)
        if (form.get("client_id"), secret) != (self.client_id, self.client_secret):
            return "invalid_client"
        if grant == "client_credentials":
            return None
        if grant == "refresh_token":
            return None if form.get("refresh_token") == self.refresh_token else "invalid_grant"
        return "unsupported_grant_type"


@contextmanager
def serving_tokens(endpoint: TokenEndpoint, certificate: Path | None = None) -> Iterator[TokenEndpoint]:
    """Serve an endpoint at its `url` for as long as the block lasts. certificate: with its key; then over TLS."""
    server = ThreadingHTTPServer((HOST, free_ports(1)[0]), _handler(endpoint))
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    endpoint.url = f"{'https' if certificate else 'http'}://{HOST}:{server.server_port}/token"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(endpoint: TokenEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(sent).items()}
            status, said = endpoint.answer(_who_asks(self.headers.get("Authorization", "")) | form)
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: what was asked stands in `asked`."""

    return Handler


def _who_asks(authorization: str) -> dict[str, str]:
    """Read the client's name and secret where they are sent apart from the form (RFC 6749, 2.3.1)."""
    scheme, _, sent = authorization.partition(" ")
    if scheme.lower() != "basic":
        return {}
    client_id, _, secret = b64decode(sent).decode().partition(":")
    return {"client_id": unquote_plus(client_id), "client_secret": unquote_plus(secret)}


def _encoded(part: str | bytes) -> str:
    raw = part.encode() if isinstance(part, str) else part
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
