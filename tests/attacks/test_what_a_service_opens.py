"""What whoever takes a service opens: its whole environment and its database role, memory aside."""

import json
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from guichet.contracts.base import Sealed
from guichet.contracts.inbound import Channel
from guichet.contracts.inbound_content import Identifier, IdentifierKind, InboundContent
from guichet.errors import TamperedError
from guichet.ids import MessageId
from guichet.privacy.sealing import Thing, seal, seal_model, unseal
from guichet.runtime.settings import MongoSettings, OpeningSettings
from guichet.store.client import connect, connect_vault
from guichet.store.message_document import Direction, MessageDocument
from guichet.store.vault import open_vault
from guichet.store.vault_setup import initialise_vault
from guichet.testing.a_case import ARRIVED, a_case
from guichet_local.services import SERVICES

ROLES: Final = json.loads((Path(__file__).parents[2] / "deploy" / "mongodb" / "roles.json").read_text())
ROLE_OF: Final = {
    "citizen-portal": "guichet_portal",
}
WORDS: Final = "Jeanne Moreau demande une aide"


def environment_of(service: str, everything: Mapping[str, str]) -> dict[str, str]:
    [row] = [each for each in SERVICES if each.name == service]
    return {name: value for name, value in everything.items() if row.may_know(name)}


def readable(service: str) -> set[str]:
    return {name for name, deeds in ROLES[ROLE_OF[service]].items() if "find" in deeds}


@pytest.mark.real
class TestStolen:
    @pytest.fixture
    async def town(self, mongo_server: Any, mongo_database: str, tmp_path: Path) -> Any:
        """A case with a message, sealed as services seal; the environment of all services together."""
        everything = {
            "GUICHET_MONGODB_URI": mongo_server.uri,
            "GUICHET_MONGODB_DATABASE": mongo_database,
            "GUICHET_VAULT_DATABASE": f"{mongo_database}_vault",
            "GUICHET_ROOT_KEY_FILE": str(tmp_path / "root.key"),
            "GUICHET_SESSION_KEY": b64encode(b"s" * 32).decode(),
        }
        opening = OpeningSettings(
            mongodb_uri=mongo_server.uri,
            vault_database=everything["GUICHET_VAULT_DATABASE"],
            root_key_file=tmp_path / "root.key",
        )
        await initialise_vault(connect_vault(opening), tmp_path / "root.key")
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        of_message, of_case = await open_vault(opening).new_keys(2)
        case = a_case()
        case = case.model_copy(
            update={"subject": seal(of_case, Thing("case", case.case_id), "subject", WORDS.encode())}
        )
        content = InboundContent(
            sender=(Identifier(kind=IdentifierKind.EMAIL, value="j@courriel.example"),), text=WORDS
        )
        message = MessageDocument(
            _id=MessageId(case.opened_by),
            direction=Direction.INBOUND,
            channel=Channel.EMAIL,
            accounts=("contact@mairie.example",),
            at=ARRIVED,
            filed=case.case_id,
            content=seal_model(of_message, Thing("message", case.opened_by), "content", content),
        )
        await database["cases"].insert_one(case.model_dump(by_alias=True))
        await database["messages"].insert_one(message.model_dump(by_alias=True))
        return everything

    async def test_a_stolen_portal_reads_nobody(self, town: dict[str, str]) -> None:
        assert await opened_by("citizen-portal", town) == []


async def opened_by(service: str, everything: Mapping[str, str]) -> list[str]:
    """Return what opens: field by field, with every key that the environment and the role give."""
    environment, names = environment_of(service, everything), readable(service)
    if "GUICHET_ROOT_KEY_FILE" not in environment or "guichet_vault.bucket_keys" not in names:
        return []
    vault = open_vault(
        OpeningSettings(
            mongodb_uri=environment["GUICHET_MONGODB_URI"],
            vault_database=environment["GUICHET_VAULT_DATABASE"],
            root_key_file=Path(environment["GUICHET_ROOT_KEY_FILE"]),
        )
    )
    database = connect(
        MongoSettings(
            mongodb_uri=environment["GUICHET_MONGODB_URI"], mongodb_database=environment["GUICHET_MONGODB_DATABASE"]
        )
    )
    found = []
    for collection, kind, field in (("cases", "case", "subject"), ("messages", "message", "content")):
        if f"guichet.{collection}" not in names:
            continue
        async for document in database[collection].find():
            sealed = Sealed.model_validate(document[field])
            keys = await vault.open_keys([sealed.key_id])
            try:
                unseal(keys[sealed.key_id], Thing(kind, document["_id"]), field, sealed)
            except (KeyError, TamperedError):
                continue
            found.append(f"{collection}.{field}")
    return found
