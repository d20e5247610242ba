"""Read every mail of some folders, and say what is read otherwise than before.

    python shared/channels/mail/tests/read_corpora.py FOLDER... > after.json
    python shared/channels/mail/tests/read_corpora.py FOLDER... --before before.json

What is no mail but a calendar (.ics) or a winmail.dat (.tnef) is put into one. Before: the JSON that an older version
of Guichet wrote of the same folders. Corpora at hand, none of which is kept here: the source distributions of
flufl.bounce, mail-parser, talon, tnefparse and icalendar on PyPI, and test/test_email/data of Python itself.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from guichet.channel.envelope import Envelope
from guichet.errors import PermanentError
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes

CONTACT = "contact@mairie.example"
READER = MailReader(TownMailboxes([CONTACT], CONTACT), b"k" * 32)
ARRIVED_AT = datetime(2026, 3, 2, tzinfo=UTC)
HEADER = re.compile(rb"(?im)^(?:from|to|subject|date|received|message-id|content-type|return-path)\s*:")
WRAPPED = {".ics": "text/calendar; charset=utf-8; method=REQUEST", ".tnef": "application/ms-tnef; name=winmail.dat"}


def mails_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every mail of a folder under its name; Python's own sources and pages are none."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in (".py", ".pyc", ".rst", ".md", ".html", ".json"):
            content, name = path.read_bytes(), str(path.relative_to(folder))
            if path.suffix in WRAPPED:
                yield name, _wrapped(WRAPPED[path.suffix], content)
            elif HEADER.search(content[:2000]):
                yield name, content


def what_is_read(mail: bytes) -> dict[str, Any]:
    """Return what an agent sees of a mail, its id, and its flags."""
    try:
        draft = READER.read(Envelope("someone@exemple.test", (CONTACT,), mail), ARRIVED_AT)
    except PermanentError as error:
        return {"refused": error.reason}
    content = draft.content.model_dump(mode="json", exclude_defaults=True)
    files = [[each.name, each.content_type, hashlib.sha256(each.content).hexdigest()[:12]] for each in draft.files]
    return {"id": draft.message_id, "automatic": draft.automatic, "files": files, **content}


def _wrapped(content_type: str, content: bytes) -> bytes:
    head = f"From: a@b.example\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + base64.encodebytes(content).replace(b"\n", b"\r\n")


def _differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name, {}), after.get(name, {})
        for field in sorted(was.keys() | now.keys()):
            if was.get(field) != now.get(field):
                yield f"{name}: {field}\n  - {was.get(field)}\n  + {now.get(field)}"


def main() -> None:
    """Read the folders that the command line names."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folders", nargs="+", type=Path)
    asked.add_argument("--before", type=Path)
    given = asked.parse_args()
    after = {f"{folder.name}/{name}": what_is_read(mail) for folder in given.folders for name, mail in mails_in(folder)}
    if given.before:
        sys.stdout.writelines(f"{each}\n" for each in _differences(json.loads(given.before.read_text()), after))
    else:
        json.dump(after, sys.stdout, indent=1, ensure_ascii=False)


if __name__ == "__main__":
    main()
