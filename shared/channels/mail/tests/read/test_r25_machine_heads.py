"""R25: mails of machines are known by their heads alone, though they came with a return path (docs/law.md 46)."""

import email
from email.policy import compat32
from pathlib import Path
from typing import Final

import pytest
import yaml

from guichet.contracts.inbound import Automatic
from guichet_mail.read.headers import Headers
from guichet_mail.read.machine import Arrival, judge_automatic
from guichet_mail.read.machine_words import plain_words

HEADS: Final = yaml.safe_load(Path(__file__).with_name("machine_heads.yaml").read_text(encoding="utf-8"))
VECTORS: Final = [(reason, system, head) for reason, heads in HEADS.items() for system, head in heads.items()]


def judged(head: str) -> Automatic | None:
    lines = head.split("|")
    if "Message-ID:" in lines:
        lines.remove("Message-ID:")
    elif "Message-ID" not in head:
        lines.append("Message-ID: <1@exemple.test>")
    mail = email.message_from_bytes("\n".join([*lines, "", "Bonjour"]).encode(), policy=compat32)
    return judge_automatic(
        Arrival(Headers.of(mail), "quelqu-un@exemple.test", mail.get_content_type(), "mairie.example")
    )


@pytest.mark.parametrize(
    ("reason", "head"), [(reason, head) for reason, _, head in VECTORS], ids=[s for _, s, _ in VECTORS]
)
def test_r25_a_machine_is_known_by_its_head(reason: str, head: str) -> None:
    assert judged(head) == reason


def test_there_are_heads_of_many_systems() -> None:
    assert len({system.partition(",")[0] for _, system, _ in VECTORS}) >= 60


def test_words_are_plain() -> None:
    assert plain_words(" Échec\N{NO-BREAK SPACE}de  l’envoi\N{NARROW NO-BREAK SPACE}:\tx ") == "echec de l'envoi: x"
