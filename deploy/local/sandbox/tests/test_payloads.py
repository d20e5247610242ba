"""What the page shows of the wire: bounded, readable, and told what became of it."""

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from citizen_sandbox.play.entry import Direction, Entry, State
from citizen_sandbox.play.journal import Wanted
from citizen_sandbox.play.payloads import LONGEST, MOST, Payload, Payloads, pretty
from guichet_testing.doors.sandbox import Running, Town
from guichet_testing.town.sandbox_client import SandboxClient


def payload_of(number: int, body: bytes = b"{}", address: str = "a") -> Payload:
    entry = Entry(id=number, channel="pigeon", direction=Direction.SENT, address=address, counterpart="mairie")
    return Payload.of(
        entry, "http://mairie.example/webhooks", "application/json; charset=utf-8", body, {"X-Key": "k" * 99}
    )


def test_the_newest_are_kept_and_each_is_cut() -> None:
    payloads = Payloads()
    for number in range(MOST + 5):
        payloads.note(payload_of(number, b"x" * (LONGEST + 1)))
    kept = payloads.newest_first(Wanted())
    assert [each.entry_id for each in kept] == list(range(MOST + 4, 4, -1))
    assert {(len(each.body), each.size) for each in kept} == {(LONGEST, LONGEST + 1)}
    assert len(kept[0].headers["X-Key"]) < 20, "a secret in a header is not shown whole"


def test_the_same_payload_tried_again_is_one_with_its_last_answer() -> None:
    payloads = Payloads()
    for answer in (State.WAITING, State.ACCEPTED):
        payloads.note(payload_of(1)).become(answer, "said")
    [only] = payloads.newest_first(Wanted())
    assert (only.attempts, only.state) == (2, State.ACCEPTED)


def test_one_sees_those_of_the_person_one_plays() -> None:
    payloads = Payloads()
    payloads.note(payload_of(1, address="a"))
    payloads.note(payload_of(2, address="b"))
    assert [each.entry_id for each in payloads.newest_first(Wanted(addresses=frozenset({"b"})))] == [2]
    assert [each.entry_id for each in payloads.newest_first(Wanted(strangers_to=frozenset({"b"})))] == [1]


@pytest.mark.parametrize(
    ("media_type", "body", "shown"),
    [
        ("application/json", '{"a":{"b":"é"}}'.encode(), '{\n  "a": {\n    "b": "é"\n  }\n}'),
        ("application/json", b'{"cut', '{"cut'),
        ("application/x-www-form-urlencoded", b"Body=Un+trou&From=%2B33&Empty=", "Body: Un trou\nFrom: +33\nEmpty: "),
        ("message/rfc822", b"Subject: x\r\n\r\ny\xff", "Subject: x\n\ny�"),
    ],
)
def test_a_body_is_shown_as_one_reads_it(media_type: str, body: bytes, shown: str) -> None:
    assert pretty(media_type, body) == shown


@pytest.mark.parametrize(
    ("door", "reason"),
    [
        (JSONResponse({"detail": "bad signature"}, 403), "bad signature"),
        (PlainTextResponse("busy", 503), "busy"),
        (JSONResponse([1], 400), "[1]"),
        (Response(status_code=413), ""),
    ],
)
async def test_a_refusal_has_the_door_s_own_words(
    citizens: SandboxClient, town: Town, door: Response, reason: str
) -> None:
    town.statuses.append(door)
    await citizens.send_sms("amina-benali", "Bonjour")
    [payload] = await citizens.payloads("twilio")
    assert (payload["state"], payload["said"], payload["reason"]) == ("refused", f"HTTP {door.status_code}", reason)


async def test_a_door_may_say_which_message_it_made_of_a_payload(citizens: SandboxClient, town: Town) -> None:
    town.statuses.append(Response(status_code=204, headers={"X-Guichet-Message": "m-1"}))
    sent = await citizens.send_telegram("amina-benali", "Bonjour")
    [payload] = await citizens.payloads("telegram")
    assert (payload["message_id"], payload["entry_id"], payload["state"]) == ("m-1", sent.id, "accepted")


async def test_a_mail_has_the_answer_of_lmtp(citizens: SandboxClient, town: Town) -> None:
    await citizens.send_mail("amina-benali", "Bonjour", "texte", to=["personne@mairie.example"])
    [payload] = await citizens.payloads("mail")
    assert (payload["state"], payload["target"][:7]) == ("refused", "lmtp://")
    assert "550 5.1.1 unknown mailbox" in payload["said"]
    assert "Subject: Bonjour" in payload["body"]


async def test_a_mail_that_names_another_is_no_answer_to_this_one(
    sandbox: Running, citizens: SandboxClient, town: Town
) -> None:
    first = await citizens.send_mail("amina-benali", "Un", "texte")
    await citizens.send_mail("amina-benali", "Deux", "texte")
    receipt = (
        f"From: m@mairie.example\r\nSubject: Recu 2026-7F3K-29Q\r\nReferences: {first.provider_id}\r\n\r\nBonjour\r\n"
    )
    await sandbox.take_mail(receipt.encode())
    arrived = await citizens.wait_for_mail("amina-benali")
    assert [each["received"] for each in await citizens.payloads("mail")] == [None, arrived.id]
    page = await citizens.page("amina-benali")
    assert page.count("Puis reçu") == 1
    assert page.index("Subject: Deux") < page.index("Puis reçu") < page.index("Subject: Un\n")


async def test_no_answer_belongs_to_a_payload_that_was_refused(
    sandbox: Running, citizens: SandboxClient, town: Town
) -> None:
    await citizens.send_mail("amina-benali", "Un", "texte", to=["personne@mairie.example"])
    await sandbox.take_mail(b"From: m@mairie.example\r\nSubject: Recu\r\n\r\nBonjour\r\n")
    await citizens.wait_for_mail("amina-benali")
    assert [each["received"] for each in await citizens.payloads("mail")] == [None]


async def test_resetting_forgets_payloads_too(citizens: SandboxClient, town: Town) -> None:
    await citizens.send_sms("amina-benali", "Bonjour")
    await citizens.reset()
    assert await citizens.payloads("twilio") == []
