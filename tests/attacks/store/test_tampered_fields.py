"""Somebody who writes in the store and has no key changes what rests there: each part is missed by itself, and heard of.

In each kind of document every sealed value is changed; then an agent and the citizen look at everything there is of a
case, and the citizen writes again. Not one page is an error, no message is lost, and an alarm stands.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx
import pytest

from citizen_sandbox.play.entry import Attachment
from guichet.privacy.data_map.entry import Form
from guichet.store.setup.schema import whole_data_map
from guichet_local.stack import LocalStack
from guichet_testing.builders.tampered import altered
from guichet_testing.town.desk_client import signed_in
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.town.store import DATA, looked_into
from guichet_testing.until import until

pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]

# Each kind of document, and the cause under which whoever reads it raises the alarm.
COLLECTIONS: Final = {
    "cases": "case",
    "messages": "message",
    "citizens": "citizen",
    "identifiers": "identifier",
    "threads": "thread",
    "follow_views": "follow-view",
}
FILES: Final = "objects"
ELSEWHERE: Final = {
    "abuse_declarations",  # read with the sender's next case: services/case-router/tests/domain/commands/test_abuse.py
    "case_history",  # where an agent gave a reason: services/agent-desk/tests/cases/test_tampered_fields.py
    "bulk_cases",  # read when each is given: services/agent-desk/tests/bulk/test_giving.py
    "drafts",  # read on their case's page: services/agent-desk/tests/composer/test_drafts.py
    "saved_answers",  # read while one answers: services/agent-desk/tests/composer/test_saved_answers.py
    "saved_views",  # read with a list: services/agent-desk/tests/work/test_saved_views.py
    "notes",  # read on their case's page: services/agent-desk/tests/work/test_notes.py
    "letters",  # read on their own pages: services/agent-desk/tests/letters
    "agents",  # read when one signs in: services/agent-desk/tests/sign_in/test_second_factor.py
    "keys",  # services remember them for minutes: shared/tests/vault/test_mongo_vault.py
    "objects",  # below
    "town-exports",  # no service reads one: deploy/cli/tests/town_export/test_archive.py
    "search files",  # made again: services/search-indexer/tests/handlers/test_sector_files.py
    "backups",  # copies of these: shared/tests/vault/rotation/test_rotate.py
}
LOOKING: Final = ("agent-desk", "citizen-portal", "case-router", "notifier")
NOT_ERRORS: Final = {200, 409}  # 409: this one thing is not given out, and the page says why


def test_no_kind_of_document_with_sealed_fields_is_left_out() -> None:
    stored = (entry for entry in whole_data_map() if entry.place != "topic")
    sealed = {entry.name for entry in stored if any(field.form is Form.SEALED for field in entry.fields)}
    assert {name.rpartition(".")[2] for name in sealed} <= {*COLLECTIONS, *ELSEWHERE}


@pytest.fixture(scope="module", autouse=True)
def calm_again(guichet: LocalStack) -> Iterator[None]:
    """The alarms of this file end with the processes that raised them."""
    yield
    for service in LOOKING:
        guichet.stop(service)
        guichet.start(service)


@pytest.mark.parametrize("kind", [*COLLECTIONS, FILES])
async def test_a_tampered_field_costs_its_own_part_and_is_heard_of(guichet: LocalStack, kind: str) -> None:
    subject = f"Banc cassé, {kind}"
    async with (
        SandboxClient(guichet.addresses["citizen-sandbox"]) as sandbox,
        signed_in(guichet, "karim.haddad") as desk,
    ):
        await sandbox.reset()
        await _writes(sandbox, subject)
        receipt = await sandbox.wait_for_mail("amina-benali", containing=subject, timeout=90)
        path = await until(lambda: desk.case_of(subject), f"{subject} is on the desk")
        _, page = await desk.read(path)
        places = [path, "/demandes", *re.findall(r'href="(/demandes/[^"]+/fichiers/[^"]+)"', page)]
        assert len(places) == 3, "the file is on the page"
        follow = re.search(r"/suivi/[\w-]+", receipt.text)
        assert follow is not None
        with _tampered(guichet, kind):
            told = {place: (await desk.http.get(place)).status_code for place in places}
            told[follow[0]] = await _status(guichet.addresses["citizen-portal"] + follow[0])
            filed = _filed(guichet)
            await _writes(sandbox, f"Encore, {kind}", {"References": _message_id(receipt.headers)})
            await until(lambda: _filed(guichet) == filed + 1, "what the citizen writes then is filed")
        assert {place: status for place, status in told.items() if status not in NOT_ERRORS} == {}
        assert told[path] == told["/demandes"] == 200
    cause = COLLECTIONS.get(kind, "message")

    async def is_heard_of() -> bool:
        return cause in await _alarmed(guichet)

    await until(is_heard_of, f"{kind}: what was tampered with is seen")


async def _writes(sandbox: SandboxClient, subject: str, headers: dict[str, str] | None = None) -> None:
    photo = Attachment(name="banc.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n" + b"x" * 2000)
    await sandbox.send_mail(
        "amina-benali", subject, "Le banc est cassé.", to=["voirie@mairie.example"], files=[photo], headers=headers
    )


def _filed(guichet: LocalStack) -> int:
    with looked_into(guichet) as client:
        return client[DATA]["messages"].count_documents({"direction": "inbound", "filed": {"$ne": None}})


async def _status(url: str) -> int:
    async with httpx.AsyncClient(trust_env=False) as browser:
        return (await browser.get(url)).status_code


@contextmanager
def _tampered(guichet: LocalStack, kind: str) -> Iterator[None]:
    """Change every sealed value of a kind of document, and put back what was there."""
    files = [path for path in (guichet.folder / "objects").rglob("*") if path.is_file()] if kind == FILES else []
    were = {path: path.read_bytes() for path in files}
    with looked_into(guichet) as client:
        collection = client[DATA][kind]
        documents = list(collection.find()) if kind != FILES else []
        assert documents or files
        for document in documents:  # no field but these: a service may be writing into another
            if tampered := {name: new for name, new in _changed(document).items() if new != document[name]}:
                collection.update_one({"_id": document["_id"]}, {"$set": tampered})
        for path, content in were.items():
            path.write_bytes(altered(content))
        try:
            yield
        finally:
            for document in documents:
                for name, value in document.items():
                    if _changed({name: value}) != {name: value}:
                        collection.update_one({"_id": document["_id"]}, {"$set": {name: value}})
            for path, content in were.items():
                path.write_bytes(content)


def _changed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: altered(each) if name == "box" else _changed(each) for name, each in value.items()}
    return [_changed(each) for each in value] if isinstance(value, list) else value


async def _alarmed(guichet: LocalStack) -> set[str]:
    """Return the causes of the alarm `tampered` that stand anywhere."""
    found = set[str]()
    for service in LOOKING:
        told = await _metrics(guichet, service)
        found |= set(re.findall(r'^guichet_alarm\{alarm="tampered",cause="([^"]+)"\} 1', told, re.MULTILINE))
    return found


async def _metrics(guichet: LocalStack, service: str) -> str:
    address = guichet.addresses[f"{service}-health"]
    async with httpx.AsyncClient(trust_env=False) as operator:
        return (await operator.get(f"{address}/metrics")).text


def _message_id(headers: list[tuple[str, str]]) -> str:
    return next(value for name, value in headers if name.lower() == "message-id")
