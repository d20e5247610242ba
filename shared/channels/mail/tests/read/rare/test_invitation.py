"""Invitations in words, and what a stranger may send as one."""

import time
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guichet.channel.draft import Draft
from guichet.channel.envelope import Envelope
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes

CONTACT = "contact@mairie.example"
READER = MailReader(TownMailboxes([CONTACT], CONTACT), b"k" * 32)


def read(calendar: bytes, charset: str = "utf-8") -> Draft:
    head = (
        f"From: a@b.example\r\nContent-Type: text/calendar; charset={charset}\r\nContent-Transfer-Encoding: binary\r\n"
    )
    return READER.read(Envelope("a@b.example", (CONTACT,), head.encode() + b"\r\n" + calendar), datetime.now(UTC))


def an_event(*lines: str, method: str = "REQUEST") -> bytes:
    event = ("BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", "")
    return "\r\n".join(event).encode()


def said(*lines: str, method: str = "REQUEST") -> list[str]:
    return read(an_event(*lines, method=method)).content.text.splitlines()


@pytest.mark.parametrize(
    ("lines", "when"),
    [
        (["DTSTART:20260302T093000Z", "DTEND:20260302T103000Z"], "2 mars 2026, de 10:30 à 11:30"),
        (["DTSTART:20260702T093000Z", "DTEND:20260703T103000Z"], "du 2 juillet 2026, 11:30, au 3 juillet 2026, 12:30"),
        (["DTSTART;TZID=Europe/London:20260302T093000", "DURATION:PT30M"], "2 mars 2026, de 10:30 à 11:00"),
        (["DTSTART;TZID=Romance Standard Time:20260302T093000"], "2 mars 2026 à 09:30"),
        (["DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Paris:20260302T093000"], "2 mars 2026 à 09:30"),
        (["DTSTART;TZID=Chez moi:20260302T093000"], "2 mars 2026 à 09:30 (fuseau « Chez moi »)"),
        (["DTSTART:20260302T093000"], "2 mars 2026 à 09:30"),
        (["DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260303"], "2 mars 2026, toute la journée"),
        (["DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260305"], "du 2 mars 2026 au 4 mars 2026"),
        (["DTSTART:20260302T093000Z", "DTEND:20260302T083000Z"], "2 mars 2026 à 10:30"),
    ],
)
def test_when_is_said_in_paris(lines: list[str], when: str) -> None:
    assert said("SUMMARY:Visite", *lines)[:2] == ["Invitation : Visite", f"Quand : {when}"]


def test_what_where_and_from_whom() -> None:
    assert said(
        "SUMMARY:Fête\\, rue", "LOCATION:Place", "ORGANIZER;CN=Zoé:mailto:zoe@exemple.test", "RRULE:FREQ=DAILY"
    ) == ["Invitation : Fête, rue", "Se répète : oui", "Où : Place", "De la part de : Zoé <zoe@exemple.test>"]


def test_a_date_that_is_none_costs_no_other_word() -> None:
    assert said("SUMMARY:Visite", "DTSTART:demain", "DTEND:20260302T093000Z", "LOCATION:Place") == [
        "Invitation : Visite",
        "Où : Place",
    ]


def test_an_answer_says_what_was_answered() -> None:
    attendee = "ATTENDEE;CN=Zoé;PARTSTAT=DECLINED:mailto:zoe@exemple.test"
    assert said("SUMMARY:Visite", attendee, method="REPLY") == [
        "Réponse à une invitation : Visite",
        "Zoé <zoe@exemple.test> : décline",
    ]


def test_a_description_is_the_letter_of_a_mail_without_one() -> None:
    assert said("SUMMARY:Visite", "DESCRIPTION:Bonjour\\nà tous") == ["Bonjour", "à tous", "", "Invitation : Visite"]


def test_a_line_cut_within_a_letter_and_a_wrong_charset_are_read() -> None:
    cut = an_event("SUMMARY:Fête").replace(b"\xc3\xaa", b"\xc3\r\n \xaa")
    assert read(cut).content.text == "Invitation : Fête"
    assert read(an_event("SUMMARY:Fête").decode().encode("cp1252")).content.text == "Invitation : Fête"


def test_the_file_stays_a_file() -> None:
    [file] = read(an_event("SUMMARY:Visite")).files
    assert (file.content_type, file.content) == ("text/calendar", an_event("SUMMARY:Visite"))


def read_both(inline: bytes, attached: bytes) -> Draft:
    """Read a mail with a calendar beside its letter, and a file invite.ics."""
    head = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b0und\r\n"
    parts = (
        b"Content-Type: text/plain\r\n\r\nVenez.",
        b"Content-Type: text/calendar; method=REQUEST\r\n\r\n" + inline,
        b"Content-Type: application/ics; name=invite.ics\r\nContent-Disposition: attachment\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + b64encode(attached),
        b"Content-Type: application/pdf; name=plan.pdf\r\n\r\n%PDF",
    )
    mail = head + b"".join(b"\r\n--b0und\r\n" + each for each in parts) + b"\r\n--b0und--\r\n"
    return READER.read(Envelope("a@b.example", (CONTACT,), mail), datetime.now(UTC))


def test_one_that_comes_twice_is_one_file_by_the_name_it_was_given() -> None:
    event = an_event("SUMMARY:Visite")
    for attached in (event, event.replace(b"\r\n", b"\n").rstrip()):
        draft = read_both(event, attached)
        assert draft.content.text == "Venez.\n\nInvitation : Visite"
        assert [each.name for each in draft.files] == ["invite.ics", "plan.pdf"]


def test_two_are_two_files() -> None:
    draft = read_both(an_event("SUMMARY:Visite"), an_event("SUMMARY:Visite", "LOCATION:Place"))
    assert [each.name for each in draft.files] == ["piece-jointe-1.ics", "invite.ics", "plan.pdf"]


@pytest.mark.parametrize(
    ("summary", "line"),
    [
        ("Annulé : Visite", "Rendez-vous annulé : Visite"),
        ("Annulée: Visite", "Rendez-vous annulé : Visite"),
        ("CANCELED: Visite", "Rendez-vous annulé : Visite"),
        ("Annulé\u00a0: Visite", "Rendez-vous annulé : Visite"),
        ("Annulé :", "Rendez-vous annulé : Annulé :"),
        ("Annulation : Visite", "Rendez-vous annulé : Annulation : Visite"),
        ("Annulé hier", "Rendez-vous annulé : Annulé hier"),
    ],
)
def test_that_it_is_cancelled_is_said_once(summary: str, line: str) -> None:
    assert said(f"SUMMARY:{summary}", method="CANCEL") == [line]
    assert said(f"SUMMARY:{summary}")[0].startswith(f"Invitation : {summary[:6]}")


def test_a_calendar_without_end_keeps_its_first_dates() -> None:
    event = an_event("SUMMARY:Visite").partition(b"BEGIN:VEVENT")
    one = b"BEGIN:VEVENT\r\nSUMMARY:Visite %d\r\nEND:VEVENT\r\n"
    many = event[0] + b"".join(one % each for each in range(30)) + b"END:VCALENDAR\r\n"
    assert read(many).content.text.endswith("… et 20 autres dates, dans le fichier joint.")


def test_what_is_none_is_said_and_the_whole_mail_attached() -> None:
    draft = read(b"BEGIN:VEVENT\r\n" * 3)
    assert (draft.content.remarks, draft.files[-1].name) == (("unopened",), "courriel-complet.eml")


LINES = st.sampled_from(
    ["BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTIMEZONE", "END:VTIMEZONE", "TZID:x",
     "BEGIN:STANDARD", "END:STANDARD", "DTSTART;TZID=x:20260302T093000", "DTSTART:00010101T000000Z", "DTEND:99991231T235959Z",
     "DTSTART;VALUE=DATE:99991231", "DURATION:P99999999D", "TZOFFSETFROM:+0100", "TZOFFSETTO:+9900", "RRULE:FREQ=YEARLY",
     "SUMMARY:a", "SUMMARY:b", "ORGANIZER:x", "ORGANIZER;CN=\"y:x", "ATTENDEE:z", "METHOD:REPLY", " x", "DTSTART:", ":;,="]
)  # fmt: skip


@given(st.binary(max_size=200) | st.lists(LINES | st.text(max_size=12), max_size=20).map("\r\n".join).map(str.encode))
@example(an_event("DTSTART:00010101T000000Z"))
@example(an_event("DTSTART;TZID=Pacific/Kiritimati:00010101T000000", "DTEND:99991231T235959Z"))
@settings(max_examples=400, deadline=None)
def test_anything_that_says_it_is_a_calendar_is_a_message(calendar: bytes) -> None:
    draft = read(calendar)
    assert draft.files
    draft.content.model_dump_json().encode()


def a_zone(rule: str) -> bytes:
    return "\r\n".join(
        ("BEGIN:VCALENDAR", "BEGIN:VTIMEZONE", "TZID:chez moi", "BEGIN:STANDARD", "DTSTART:16010101T000000", rule,
         "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "END:STANDARD", "END:VTIMEZONE", "BEGIN:VEVENT", "SUMMARY:Visite",
         "DTSTART;TZID=chez moi:20260302T093000", "END:VEVENT", "END:VCALENDAR", "")
    ).encode()  # fmt: skip


def test_a_zone_of_its_own_is_believed() -> None:
    assert "Quand : 2 mars 2026 à 08:30" in read(a_zone("RRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=1SU")).content.text


ENDLESS = {
    "seconds": a_zone("RRULE:FREQ=SECONDLY"),
    "folded": a_zone("RRULE:FREQ=SE\r\n CONDLY"),
    "hours": a_zone(f"RRULE:FREQ=YEARLY;BYHOUR={','.join(map(str, range(24)))};BYSECOND={','.join(map(str, range(60)))}"),
    "lines": an_event(*["A:1"] * 15_000),
    "parameters": an_event("X" + ";a=b" * 15_000 + ":c"),
    "attendees": an_event(*["ATTENDEE;CN=x:mailto:a@b.example"] * 1900),
    "events": b"BEGIN:VEVENT\r\n" * 4600,
    "zones": a_zone("RRULE:FREQ=YEARLY") * 200,
}  # fmt: skip


@pytest.mark.parametrize("calendar", ENDLESS.values(), ids=ENDLESS.keys())
def test_64_kb_made_to_keep_us_busy_take_less_than_a_fifth_of_a_second(calendar: bytes) -> None:
    assert read(an_event("SUMMARY:Visite")).files  # what it needs is loaded
    begun = time.process_time()
    assert read(calendar).files
    assert time.process_time() - begun < 0.2
