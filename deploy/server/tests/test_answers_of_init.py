"""What `guichet town init` proposes can be installed: its answers, with every channel open, are rendered."""

import re
from datetime import date
from pathlib import Path
from typing import Final

from guichet.contracts.channels import KnownChannels
from guichet.town.channel_facts import installed_facts
from guichet.town.own_accounts import own_accounts
from guichet_cli.town.description.settings import settings_of
from guichet_cli.town.description.town_files import town_files
from guichet_cli.town.questions.order import questions
from guichet_server.render.everything import CADDYFILE, Town, files_of
from guichet_testing.server_files import SECRETS

KNOWN: Final = KnownChannels(installed_facts())
TYPED: Final = {
    "telephone": "01 99 00 12 00",
    "main_mailbox": "contact@villiers.example",
    "terms_url": "https://villiers.example/conditions",
    "terms_date": "1/1/2026",
    "channels": "; ".join(name for name, facts in KNOWN.items() if facts.is_electronic),
    "GUICHET_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "GUICHET_TWILIO_NUMBER": "+33700000000",
    "GUICHET_TWILIO_WHATSAPP_NUMBER": "+33700000000",
}


def test_what_is_proposed_with_every_channel_open_is_rendered(tmp_path: Path) -> None:
    given: dict[str, str] = {}
    for question in questions(given, KNOWN, date(2026, 11, 27)):
        typed = TYPED.get(question.name) or (question.default if question.default is not None else "x")
        given[question.name] = question.read(typed)
    for name, text in town_files(given, KNOWN).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    settings = {name: value for name, value in settings_of(given, KNOWN, tmp_path).items() if value}
    files = files_of(Town(own_accounts(tmp_path), ("contact@villiers.example",)), settings, SECRETS)
    caddy = files[CADDYFILE].text
    door = caddy[caddy.index("messages.villiers.example {") :]
    ports = dict(re.findall(r"handle /webhooks/(\S+)\* \{\s+reverse_proxy 127.0.0.1:(\d+)", door))
    assert ports.keys() == {"twilio", "telegram", "app-webhook"}
    assert ports["telegram"] == ports["app-webhook"] != ports["twilio"]
