"""What whoever takes a service opens: its whole environment and its database role, memory aside.

The tables are written out by hand and compared with what services.py gives each process and roles.json each user: a
secret more in a row fails here, and has to be weighed.
"""

import base64
import binascii
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from guichet.clock import SystemClock
from guichet.contracts.base import Sealed
from guichet.contracts.inbound import Attachment
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.contracts.topics import TOPICS
from guichet.errors import TamperedError, UnopenableError
from guichet.ids import KeyId, MessageId
from guichet.mongo.client import connect, connect_vault
from guichet.privacy.follow_link import SECRET_BYTES, FollowLink
from guichet.runtime.settings import MongoSettings, OpeningSettings
from guichet.store.follow_views.document import (
    FollowPage,
    FollowView,
    GenericState,
    ShownAnswer,
    ShownFile,
    open_view,
    seal_view,
)
from guichet.store.messages.document import OUTBOUND_CONTENT, Direction, MessageDocument, OutboundContent
from guichet.store.objects import ObstoreObjects, attachment
from guichet.store.setup.roles import ROLE_OF, read_roles
from guichet.vault.mongo_vault import open_vault
from guichet.vault.sealing import DataKey, Thing, seal, unseal
from guichet.vault.setup import initialise_vault
from guichet_local.machine.paths import REPOSITORY
from guichet_local.plan.secrets import stack_makers
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.builders.link import a_link, linked_under
from guichet_testing.sealing import seal_model
from guichet_testing.town.services import ACCOUNTS, SERVICES

OWN: Final = "GUICHET_KAFKA_PASSWORD"  # each process its own, and in its URI the store's: opens what its rights say
SEALED: Final = frozenset({"cases.subject", "cases.link", "messages.content"})
WITH_FILES: Final = SEALED | {"objects.bytes"}  # of who opens messages and is told where files lie
NOTHING: Final[frozenset[str]] = frozenset()

SECRETS: Final = {
    # service → secrets of its environment; what opens with them and its role; what they are of use for otherwise
    # names messages that it takes in itself; seals what signs the town in at its mailboxes
    "ingest-email": ("MESSAGE_ID_KEY INGEST_PSEUDONYM_KEY IMAP_TOKEN_KEY", NOTHING),
    "ingest-sms": ("MESSAGE_ID_KEY INGEST_PSEUDONYM_KEY TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN", NOTHING),
    "ingest-social": ("MESSAGE_ID_KEY INGEST_PSEUDONYM_KEY TELEGRAM_TOKEN TELEGRAM_WEBHOOK_SECRET", NOTHING),
    "citizen-portal": ("MESSAGE_ID_KEY INGEST_PSEUDONYM_KEY PORTAL_FORM_KEY", NOTHING),  # and marks its own forms
    "ops-console": ("", NOTHING),
    "case-router": ("REGISTRY_KEY SECTOR_KEY THREAD_KEY REFERENCE_KEY ROOT_KEY_FILE", SEALED),
    "notifier": ("REFERENCE_KEY ROOT_KEY_FILE", WITH_FILES),
    "sender-mail": ("", NOTHING),  # the relay's password, where it has one, is the town's to set
    "sender-twilio": ("TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN", NOTHING),
    "sender-telegram": ("TELEGRAM_TOKEN", NOTHING),
    "gdpr-worker": ("REGISTRY_KEY SECTOR_KEY LEDGER_KEY ROOT_KEY_FILE", WITH_FILES),
    "search-indexer": ("ROOT_KEY_FILE", SEALED),
    # And signs as agents do, and names what they take down.
    "agent-desk": (
        "MESSAGE_ID_KEY INGEST_PSEUDONYM_KEY SECTOR_KEY SESSION_KEY SIGNING_KEY ROOT_KEY_FILE",
        WITH_FILES,
    ),
}
WORDS: Final = "Jeanne Moreau demande une aide"
ANSWER, FILE = MessageId("an-answer"), "a-file-of-the-answer"


def roles() -> Mapping[str, Mapping[str, Any]]:
    return read_roles(REPOSITORY / "deploy" / "mongodb" / "roles.json")


def environment_of(service: str, everything: Mapping[str, str]) -> dict[str, str]:
    [row] = [each for each in SERVICES if each.name == service]
    return {name: value for name, value in everything.items() if row.may_know(name)}


def readable(service: str) -> set[str]:
    """Collections whose documents the service's user may read."""
    rights = roles()[ROLE_OF[service]] if service in ROLE_OF else {}
    return {name for name, acts in rights.items() if "find" in acts}


def test_every_service_has_its_row() -> None:
    assert SECRETS.keys() == {each.name for each in SERVICES} - {"citizen-sandbox"}


@pytest.mark.parametrize("service", SECRETS)
def test_a_service_is_given_no_secret_beside_those_of_its_row(service: str) -> None:
    every = {*(name for name in stack_makers(ACCOUNTS) if name.startswith("GUICHET_")), "GUICHET_ROOT_KEY_FILE"}
    every |= {"GUICHET_SIGNING_KEY", "GUICHET_FOLLOW_KEY"}
    given = environment_of(service, dict.fromkeys(every - {OWN}, ""))
    assert set(given) == {f"GUICHET_{name}" for name in SECRETS[service][0].split()}


def test_no_secret_that_opens_or_signs_is_in_two_services() -> None:
    """Session, form and signing keys are one process's each; what several share makes ids or opens by design."""
    shared_by_design = {"MESSAGE_ID_KEY", "INGEST_PSEUDONYM_KEY", "REGISTRY_KEY", "SECTOR_KEY", "REFERENCE_KEY"}
    shared_by_design |= {
        "ROOT_KEY_FILE",
        *("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TELEGRAM_TOKEN"),  # who receives proves, or fetches, by them
    }
    for name in {name for names, _ in SECRETS.values() for name in names.split()} - shared_by_design:
        assert len([service for service, (names, _) in SECRETS.items() if name in names.split()]) == 1, name


@pytest.mark.parametrize("service", SECRETS)
def test_who_opens_has_the_root_key_and_a_role_to_read_the_vault_and_nobody_has_one_alone(service: str) -> None:
    has_root = "ROOT_KEY_FILE" in SECRETS[service][0].split()
    reads_vault = bool(
        {"guichet_vault.keys", "guichet_vault.bucket_keys", "guichet_vault.opening_keys"} & readable(service)
    )
    assert has_root is reads_vault is bool(SECRETS[service][1])


def test_the_portal_may_say_nothing_about_a_case() -> None:
    """On the bus it writes citizens' messages, and commands that a proof of the link decides; nothing else."""
    assert {topic.name for topic in TOPICS if "citizen-portal" in topic.producers} == {
        "inbound-portal",
        "citizen-commands",
    }


@pytest.mark.real
class TestStolen:
    """A town with one case, its message, an answer with a file and its page, sealed as services seal; everybody's
    environment together.
    """

    @pytest.fixture
    async def town(self, mongo_server: Any, mongo_database: str, tmp_path: Path) -> dict[str, str]:
        key = {
            name: b64encode(name.encode().ljust(32, b"-")[:32]).decode()
            for name in stack_makers(())
            if name.endswith("_KEY")
        }
        everything = key | {
            "GUICHET_MONGODB_URI": mongo_server.uri,
            "GUICHET_MONGODB_DATABASE": mongo_database,
            "GUICHET_VAULT_DATABASE": f"{mongo_database}_vault",
            "GUICHET_ROOT_KEY_FILE": str(tmp_path / "root.key"),
            "GUICHET_OBJECTS_URL": (tmp_path / "objects").as_uri(),
        }
        opening = OpeningSettings(
            mongodb_uri=mongo_server.uri,
            vault_database=everything["GUICHET_VAULT_DATABASE"],
            root_key_file=tmp_path / "root.key",
        )
        await initialise_vault(connect_vault(opening), tmp_path / "root.key", clock=SystemClock().now)
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        of_message, of_case, of_answer = await open_vault(opening, clock=SystemClock().now).new_keys(3)
        case = linked_under(a_case(), of_case)
        subject = seal(of_case, Thing("case", case.case_id), "subject", WORDS.encode())
        content = InboundContent(sender=(Identifier(kind="email", value="j@courriel.example"),), text=WORDS)
        message = MessageDocument(
            _id=MessageId(case.opened_by),
            direction=Direction.INBOUND,
            channel="email",
            accounts=("contact@mairie.example",),
            at=ARRIVED,
            filed=case.case_id,
            content=seal_model(of_message, Thing("message", case.opened_by), "content", content),
        )
        box = attachment(FILE).seal(of_answer, ANSWER, WORDS.encode()).box
        await ObstoreObjects(everything["GUICHET_OBJECTS_URL"]).put(FILE, box)
        about = {"attachment_id": FILE, "content_type": "application/pdf", "size_bytes": len(WORDS)}
        answer = message.model_copy(
            update={
                "message_id": ANSWER,
                "direction": Direction.OUTBOUND,
                "attachments": (Attachment.model_validate(about),),
                "content": OUTBOUND_CONTENT.seal(of_answer, ANSWER, OutboundContent(text=WORDS)),
            }
        )
        opens = {"message_id": ANSWER, "name": "plan.pdf", "key_id": of_answer.key_id, "secret": of_answer.secret}
        page = FollowPage(
            reference=case.reference,
            received_at=ARRIVED,
            state=GenericState.RECEIVED,
            answers=(ShownAnswer(at=ARRIVED, text=WORDS, files=(ShownFile.model_validate(about | opens),)),),
        )
        view = seal_view(a_link(case.case_id), page, case_id=case.case_id, version=1)
        await database["cases"].insert_one(case.model_copy(update={"subject": subject}).model_dump(by_alias=True))
        await database["messages"].insert_many([each.model_dump(by_alias=True) for each in (message, answer)])
        await database["follow_views"].insert_one(view.model_dump(by_alias=True))
        return everything

    async def test_a_stolen_portal_reads_nobody(self, town: dict[str, str]) -> None:
        assert await opened_by("citizen-portal", town) == NOTHING

    @pytest.mark.parametrize("service", SECRETS)
    async def test_a_stolen_service_opens_what_its_row_says(self, town: dict[str, str], service: str) -> None:
        assert await opened_by(service, town) == SECRETS[service][1]


async def opened_by(service: str, everything: Mapping[str, str]) -> frozenset[str]:
    """Return what opens, field by field, with every key that the environment and the role give."""
    environment, names = environment_of(service, everything), readable(service)
    files = ObstoreObjects(environment["GUICHET_OBJECTS_URL"]) if "GUICHET_OBJECTS_URL" in environment else None
    if not names:
        return NOTHING
    mongo = MongoSettings(
        mongodb_uri=environment["GUICHET_MONGODB_URI"], mongodb_database=environment["GUICHET_MONGODB_DATABASE"]
    )
    database, found = connect(mongo), set[str]()
    if "guichet.follow_views" in names:
        async for document in database["follow_views"].find():
            found |= {"follow_views.box"} if _opens(FollowView.model_validate(document), environment) else set()
    if files is not None and _opens_file(await files.get(FILE), environment):
        found.add("objects.bytes")
    if "GUICHET_ROOT_KEY_FILE" not in environment or "guichet_vault.bucket_keys" not in names:
        return frozenset(found)
    vault = open_vault(
        OpeningSettings(
            mongodb_uri=environment["GUICHET_MONGODB_URI"],
            vault_database=environment["GUICHET_VAULT_DATABASE"],
            root_key_file=Path(environment["GUICHET_ROOT_KEY_FILE"]),
        ),
        clock=SystemClock().now,
    )
    for collection, kind, field in (
        ("cases", "case", "subject"),
        ("cases", "case", "link"),
        ("messages", "message", "content"),
    ):
        if f"guichet.{collection}" in names:
            async for document in database[collection].find():
                sealed = Sealed.model_validate(document[field])
                key = (await vault.open_keys([sealed.key_id]))[sealed.key_id]
                unseal(key, Thing(kind, document["_id"]), field, sealed)
                found.add(f"{collection}.{field}")
                for each in document.get("attachments", ()) if files is not None else ():
                    box = await files.get(each["attachment_id"])
                    attachment(each["attachment_id"]).open_box(key, document["_id"], box)
                    found.add("objects.bytes")
    return frozenset(found)


def _secrets_in(values: Iterable[str]) -> Iterator[bytes]:
    """Yield everything that whoever holds these values has in hand."""
    for value in values:
        yield value.encode()
        with suppress(binascii.Error, ValueError):
            yield base64.b64decode(value, validate=True)


def _opens_file(box: bytes, environment: Mapping[str, str]) -> bool:
    """Try everything in the environment as the key of a file that a page names."""
    for secret in _secrets_in(environment.values()):
        with suppress(UnopenableError):
            attachment(FILE).open_box(DataKey(KeyId("any"), secret[:32].ljust(32, b"\0")), ANSWER, box)
            return True
    return False


def _opens(view: FollowView, environment: Mapping[str, str]) -> bool:
    """Try everything that whoever holds the environment and the document has in hand as the secret of the link."""
    for secret in _secrets_in([*environment.values(), view.lookup, view.case_id]):
        for candidate in (secret, secret[:SECRET_BYTES]):
            try:
                return open_view(FollowLink(candidate), view) is not None
            except TamperedError:
                continue
    return False
