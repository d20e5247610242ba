"""Whatever is typed is refused in a sentence, or becomes part of a town that can be read; the code of mail reads it, too."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guichet.contracts.channels import KnownChannels
from guichet.town import load_town
from guichet.town.channel_facts import installed_facts
from guichet_cli.town.description.settings import settings_of
from guichet_cli.town.description.town_files import town_files
from guichet_cli.town.questions.order import questions
from guichet_cli.town.questions.question import Question, RefusedError
from guichet_mail.mail_file import read_mail_file

KNOWN: Final = KnownChannels(installed_facts())
TODAY: Final = date(2026, 11, 27)
NEEDED: Final = {
    "telephone": "01 99 00 12 00",
    "main_mailbox": "contact@villiers.example",
    "terms_url": "https://villiers.example/conditions",
    "terms_date": "1/1/2026",
    "GUICHET_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "GUICHET_TWILIO_NUMBER": "+33700000000",
    "GUICHET_TWILIO_WHATSAPP_NUMBER": "+33 7 00 00 00 00",
}
TYPED: Final = st.one_of(
    st.text(max_size=25).map(lambda text: " ".join(text.split())),
    st.sampled_from(
        [
            *("oui", "non", "aucun", "lmtp", "imap", "none", "tls", "zimbra", "microsoft-365", "autre", "telegram"),
            *("email; sms; whatsapp", "CCAS; Voirie; École", "a@v.example; 1@v.example", "A; É 'x: y'; - z", "#a; {b}"),
        ]
    ),
)


def answer(question: Question, typed: str) -> str:
    """Return what is kept of what was typed, or of what counts otherwise where that is refused."""
    otherwise = question.default if question.default is not None else NEEDED.get(question.name, "x")
    try:
        return question.read(typed or otherwise)
    except RefusedError:
        return question.read(otherwise)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_any_answers_are_refused_or_become_a_town(data: st.DataObject) -> None:
    given_so_far: dict[str, str] = {}
    for question in questions(given_so_far, KNOWN, TODAY):
        given_so_far[question.name] = answer(question, data.draw(st.one_of(st.just(""), TYPED)))
    with tempfile.TemporaryDirectory() as folder:
        for name, text in town_files(given_so_far, KNOWN).items():
            (Path(folder) / name).parent.mkdir(exist_ok=True)
            (Path(folder) / name).write_text(text, "utf-8")
        town = load_town(folder)
        variables = settings_of(given_so_far, KNOWN, Path(folder))
        mail = read_mail_file(Path(folder), town.mailboxes)
        mail.own_systems(variables.get("GUICHET_LMTP_AUTHSERV_ID"))
