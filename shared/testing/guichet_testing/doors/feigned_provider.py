"""An identity provider in memory, for the desk over twins: it does what one should, and lies where it is told to."""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from agent_desk.domain.sign_in.openid.claims import LOGOUT_EVENT
from guichet_local.machine.ports import HOST, free_ports
from guichet_testing.twins.clock import Clock

ISSUER: Final = "https://identite.example/api/v2"
CLIENT_ID: Final = "guichet"
CLIENT_SECRET: Final = "only ever in memory"  # noqa: S105
SIRET: Final = "21350001800017"
WEAK, STRONG = "eidas1", "https://proconnect.gouv.fr/assurance/self-asserted-2fa"

Claims = dict[str, Any]


@cache
def a_key(name: str = "first") -> RSAKey:
    """Return a key that tokens are signed with."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


@dataclass
class FeignedProvider:
    """people: what it says of whom, by the name of their account. issuer: its own name. asked: the path of each asking.

    signed_user_info: what it says of somebody is a token of its own. is_away: it answers nothing. lies, user_lies:
    claims that stand in an ID token, or in what it says of somebody, in the place of the true ones; None: left out.
    header: of a token, in the place of its own. signs_with: another key than the published one. answers: what comes
    of a question at a path, in the place of its own answer.
    """

    clock: Callable[[], datetime] = field(default_factory=Clock)
    issuer: str = ISSUER
    key: Key = field(default_factory=a_key)
    people: dict[str, Claims] = field(default_factory=dict)
    signed_user_info: bool = True
    is_away: bool = False
    names_itself: bool = True
    metadata: Claims = field(default_factory=dict)
    lies: Claims = field(default_factory=dict)
    user_lies: Claims = field(default_factory=dict)
    header: Claims = field(default_factory=dict)
    signs_with: Key | None = None
    published: list[Claims] | None = None
    answers: dict[str, Callable[[httpx.Request], httpx.Response]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, Claims] = field(default_factory=dict)
    _access: dict[str, str] = field(default_factory=dict)

    def http(self) -> httpx.AsyncClient:
        """Return a client whose every question comes here."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def knows(self, name: str, **claims: Any) -> None:
        """Let somebody sign in, or change what is said of them."""
        self.people[name] = {
            "sub": f"sub-of-{name}",
            "given_name": name.capitalize(),
            "usual_name": "Essai",
            "siret": SIRET,
            "email": f"{name}@mairie.example",
            "uid": name,
            **claims,
        }

    def sign_in(self, address: str, name: str, *, acr: str | None = WEAK, session: str | None = None) -> str:
        """Do what a person does at the address that the desk sent them to; return where their browser is sent back."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe()
        self._codes[code] = {"asked": asked, "name": name, "acr": acr, "sid": session or f"session-of-{name}"}
        said = {"code": code, "state": asked["state"]} | ({"iss": self.issuer} if self.names_itself else {})
        return f"{asked['redirect_uri']}?{urlencode(said)}"

    def logout_token(self, **claims: Any) -> str:
        """Return a logout token; claims: in the place of what one says, None: left out."""
        now = int(self.clock().timestamp())
        said: Claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(),
            "events": {LOGOUT_EVENT: {}},
            **claims,
        }
        return self.token(said, typ="logout+jwt")

    def token(self, claims: Mapping[str, Any], **header: Any) -> str:
        """Return a signed token of what is claimed."""
        key = self.signs_with or self.key
        said = {name: value for name, value in claims.items() if value is not None}
        head = {"alg": "ES256" if isinstance(key, ECKey) else "RS256", "kid": key.kid, **header, **self.header}
        head = {name: value for name, value in head.items() if value is not None}
        return jwt.encode(head, said, key, algorithms=[head["alg"]])

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Return what it answers to a question. Raises httpx.ConnectTimeout while it is away."""
        path = request.url.path.removeprefix(urlsplit(self.issuer).path)
        self.asked.append(path)
        if self.is_away:
            raise httpx.ConnectTimeout("played", request=request)
        if path in self.answers:
            return self.answers[path](request)
        pages = {
            "/.well-known/openid-configuration": self._metadata,
            "/jwks": self._jwks,
            "/token": self._tokens,
            "/userinfo": self._user_info,
        }
        return pages[path](request)

    def _metadata(self, _request: httpx.Request) -> httpx.Response:
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/session/end",
            "authorization_response_iss_parameter_supported": self.names_itself,
            **self.metadata,
        }
        return httpx.Response(200, json={name: value for name, value in said.items() if value is not None})

    def _jwks(self, _request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"keys": self.published or [self.key.as_dict(private=False)]})

    def _tokens(self, request: httpx.Request) -> httpx.Response:
        form = {key: values[0] for key, values in parse_qs(request.content.decode()).items()}
        given = self._codes.pop(form.get("code", ""), None)
        if not _is_the_client(request) or given is None or not _shows_who_asked(form, given["asked"]):
            return httpx.Response(400, json={"error": "invalid_grant"})
        access, now, asked = secrets.token_urlsafe(), int(self.clock().timestamp()), given["asked"]
        self._access[access] = given["name"]
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": self.people[given["name"]]["sub"],
            "iat": now,
            "exp": now + int(timedelta(minutes=5).total_seconds()),
            "nonce": asked["nonce"],
            "acr": given["acr"],
            "sid": given["sid"],
            "at_hash": _left_half(access),
            **self.lies,
        }
        said = {"id_token": self.token(claims), "access_token": access, "token_type": "Bearer", "expires_in": 60}
        return httpx.Response(200, json=said)

    def _user_info(self, request: httpx.Request) -> httpx.Response:
        name = self._access.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if name is None:
            return httpx.Response(401)
        said = {**self.people[name], **self.user_lies}
        if not self.signed_user_info:
            return httpx.Response(200, json=said)
        signed = self.token({"iss": self.issuer, "aud": CLIENT_ID, **said})
        return httpx.Response(200, content=signed, headers={"content-type": "application/jwt"})


def unsigned(claims: Mapping[str, Any]) -> str:
    """Return a token that nobody signed (`alg: none`)."""
    return f"{_encoded({'alg': 'none'})}.{_encoded(claims)}."


def signed_with_public_key(claims: Mapping[str, Any], key: Key) -> str:
    """Return a token whose "secret" is the provider's public key, which everybody has (`alg: HS256`)."""
    public = json.dumps(key.as_dict(private=False)).encode()
    return jwt.encode({"alg": "HS256", "kid": key.kid}, dict(claims), OctKey.import_key(public), algorithms=["HS256"])


def _is_the_client(request: httpx.Request) -> bool:
    sent = request.headers.get("authorization", "").removeprefix("Basic ")
    name, _, secret = base64.b64decode(sent).decode().partition(":")
    return (unquote_plus(name), unquote_plus(secret)) == (CLIENT_ID, CLIENT_SECRET)


def _shows_who_asked(form: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
    same = challenge.rstrip(b"=").decode() == asked["code_challenge"]
    return same and form.get("redirect_uri") == asked["redirect_uri"]


def _left_half(access_token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()


def _encoded(said: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


@contextmanager
def at_a_port(provider: FeignedProvider) -> Iterator[FeignedProvider]:
    """Let a provider answer at a port of this machine, for desks that are processes, while the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass_on("GET", b"")

        def do_POST(self) -> None:
            self._pass_on("POST", self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _pass_on(self, method: str, sent: bytes) -> None:
            asked = httpx.Request(method, f"{provider.issuer}{self.path}", headers=self.headers.items(), content=sent)
            said = provider.answer(asked)
            self.send_response(said.status_code)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.content)

        def log_message(self, *_: object) -> None:
            """Say nothing: what was asked stands in `asked`."""

    server = ThreadingHTTPServer((HOST, free_ports(1)[0]), Handler)
    server.daemon_threads = True
    provider.issuer = f"http://{HOST}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
