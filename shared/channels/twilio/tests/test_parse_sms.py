from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.contracts.inbound import DateSource
from guichet.contracts.inbound_content import Location
from guichet.errors import PermanentError
from guichet_twilio.read.form import read_form
from guichet_twilio.read.parse_sms import TAKEN_AT, IncomingSms, parse_sms
from guichet_twilio.read.parse_status import parse_status
from shared.channels.twilio.tests.account import NAME

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FIELDS = ("MessageSid", "From", "To", "Body", "NumMedia", "MediaUrl0", "MediaContentType0", "Latitude", "Longitude")


def captured(name: str) -> IncomingSms:
    body = Path(__file__).with_name("fixtures").joinpath(f"{name}.form").read_bytes()
    return parse_sms(read_form(body), name=NAME, arrived_at=NOW)


def test_an_sms() -> None:
    draft = captured("sms").draft
    assert (draft.channel, draft.accounts, draft.received_at) == ("sms", ("+33700000000",), NOW)
    assert draft.content.text == "Bonjour, le lampadaire du 12 rue des Lilas est éteint. Merci 🙏"
    assert [each.value for each in draft.content.sender] == ["+33700990042"]
    assert draft.content.conversation == "+33700990042"


@pytest.mark.parametrize("written", ["", "yesterday", "2026-03-01T09:30:00", "0001-01-01T00:00:00+14:00", "9" * 400])
def test_an_sms_whose_form_tells_no_time_of_twilio_s_was_received_when_it_came(written: str) -> None:
    form = {"MessageSid": "S", "From": "+33700990042", "To": "+33700000000", TAKEN_AT: written}
    draft = parse_sms(form, name=NAME, arrived_at=NOW).draft
    assert (draft.received_at, draft.at_our_edge, draft.dated_by) == (NOW, NOW, DateSource.EDGE)


def test_an_mms_names_its_files_by_what_they_are() -> None:
    media = captured("mms").media
    assert [(each.name, each.content_type) for each in media] == [
        ("fichier-1.jpg", "image/jpeg"),
        ("fichier-2.bin", "application/octet-stream"),
    ]
    assert media[0].path.endswith("/Messages/MM0a1b2c3d4e5f60718293a4b5c6d7e8f9/Media/ME1")
    assert media[0].path.startswith("/2010-04-01/Accounts/")


def test_a_whatsapp_location() -> None:
    draft = captured("whatsapp_location").draft
    assert (draft.channel, draft.accounts) == ("whatsapp", ("+33700000001",))
    assert draft.content.location == Location(latitude=48.8566, longitude=2.3522)
    assert draft.content.text == "Square des Lilas\n3 rue des Lilas"
    assert draft.content.display_name == "Karim Benali"


def test_the_credentials_go_to_no_address_that_a_form_names() -> None:
    form = {
        "MessageSid": "SM1",
        "From": "+33700990042",
        "To": "+33700000000",
        "MediaUrl0": "https://evil.example/x?y=1",
    }
    assert [each.path for each in parse_sms(form, name=NAME, arrived_at=NOW).media] == ["/x?y=1"]


@pytest.mark.parametrize(
    ("missing", "reason"),
    [("MessageSid", "blank-provider-id"), ("From", "unreadable"), ("To", "unreadable")],
)
def test_what_is_missing_is_told_by_its_reason(missing: str, reason: str) -> None:
    form = {"MessageSid": "SM1", "From": "+33700990042", "To": "+33700000000", "Body": "x"}
    with pytest.raises(PermanentError) as refusal:
        parse_sms({**form, missing: " "}, name=NAME, arrived_at=NOW)
    assert refusal.value.reason == reason


def test_another_channel_of_twilio_s_is_put_aside() -> None:
    with pytest.raises(PermanentError) as refusal:
        parse_sms({"MessageSid": "S", "From": "messenger:1", "To": "messenger:2"}, name=NAME, arrived_at=NOW)
    assert refusal.value.reason == "unknown-channel"


@given(
    st.binary(max_size=300)
    | st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=30)).map(
        lambda form: urlencode(form, errors="replace").encode()
    )
)
def test_any_bytes_become_a_message_or_a_permanent_error(body: bytes) -> None:
    with suppress(PermanentError):
        incoming = parse_sms(read_form(body), name=NAME, arrived_at=NOW)
        assert incoming.draft.message_id
        incoming.draft.content.model_dump_json().encode()
    with suppress(PermanentError):
        assert parse_status(read_form(body), "o", at=NOW).event_id
