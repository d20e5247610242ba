"""Captured mails (people invented) and what is understood of them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from guichet.channel.draft import Draft
from guichet.channel.envelope import LMTP, Envelope
from guichet_mail.read.own.own_system import OwnSystem
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes

FIXTURES = sorted(Path(__file__).with_name("fixtures").glob("*.eml"))
CONTACT = "contact@mairie.example"
MAILBOXES = TownMailboxes([CONTACT, "voirie@mairie.example", "etat-civil@mairie.example"], CONTACT)
READER = MailReader(MAILBOXES, b"k" * 32, {LMTP: OwnSystem(authserv_id="mx.mairie.example")})


def understood(draft: Draft) -> dict[str, Any]:
    content = draft.content.model_dump(mode="json", exclude_defaults=True)
    files = [[file.name, file.content_type, len(file.content)] for file in draft.files]
    return {"accounts": list(draft.accounts), "automatic": draft.automatic, **content, "files": files}


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_a_captured_mail_is_understood(fixture: Path) -> None:
    mail = fixture.read_bytes()
    return_path = "" if b"Return-Path: <>" in mail else "someone@exemple.test"
    draft = READER.read(Envelope(return_path, (CONTACT,), mail), datetime.now(UTC))
    assert understood(draft) == json.loads(fixture.with_suffix(".expected.json").read_text())
