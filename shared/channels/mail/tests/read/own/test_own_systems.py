"""What each mail system writes, as it writes it (own_systems/expected.yaml says where the forms come from)."""

import email
from datetime import datetime
from email.policy import compat32
from pathlib import Path
from typing import Any

import pytest
import yaml

from guichet_mail.read.headers import Headers, read_head
from guichet_mail.read.own.own_system import OwnSystem
from guichet_mail.read.own.own_system_file import OwnSystemFile, presets

HERE = Path(__file__).with_name("own_systems")
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "expected.yaml").read_text())
OURS = {"zimbra": "mail.mairie.example", "postfix": "mx.mairie.example", "postfix-rspamd": "mx.mairie.example"}


def system_of(preset: str) -> OwnSystem:
    return OwnSystemFile(preset=preset, authserv_id=OURS.get(preset)).system()


def headers_of(name: str) -> Headers:
    return Headers.of(email.message_from_bytes((HERE / f"{name}.eml").read_bytes(), policy=compat32))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_mail_system_is_read_as_it_writes(name: str) -> None:
    system, headers, expected = system_of(name.partition(".")[0]), headers_of(name), EXPECTED[name]
    assert system.author_verdict(headers) is expected["verdict"]
    assert system.is_spam(headers) is expected["spam"]
    assert system.taken_at(headers) == datetime.fromisoformat(str(expected["taken_at"]))


@pytest.mark.parametrize("name", EXPECTED)
def test_the_first_headers_of_a_mail_date_it_alike(name: str) -> None:
    system = system_of(name.partition(".")[0])
    assert system.taken_at(read_head((HERE / f"{name}.eml").read_bytes())) == system.taken_at(headers_of(name))


def test_each_preset_has_mails_and_each_mail_is_looked_at() -> None:
    assert {name.partition(".")[0] for name in EXPECTED} == set(presets())
    assert {path.stem for path in HERE.glob("*.eml")} == set(EXPECTED)
