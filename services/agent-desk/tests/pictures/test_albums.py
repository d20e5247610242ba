"""Pictures that a chat delivers one by one are one message of the case; nothing else is joined."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_desk.domain.cases.albums import with_albums
from agent_desk.domain.cases.moments import CitizenWrote, File, Noted, Step, TownWrote
from agent_desk.domain.cases.receipt_date import ReceiptDate
from agent_desk.domain.decisions.newer_moments import newer_moments
from guichet.case.newest import Said
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound_content import Identifier, Location
from guichet_testing.builders.case import ARRIVED

AUTHOR = (Identifier(kind="telegram", value="17"),)


def wrote(name: str, seconds: int = 0, **fields) -> CitizenWrote:
    at = ARRIVED + timedelta(seconds=seconds)
    files = fields.pop("files", (File(name, 1, f"{name}.jpg", 9, kind="image"),))
    common = {"channel": "telegram", "text": "", "sender": AUTHOR, "files": files}
    return CitizenWrote(at=at, receipt=ReceiptDate(at, at), message_id=name, **(common | fields))


FIRST = wrote("one", text="Le trou, rue Pasteur")
OPENED = Step(at=ARRIVED, type="CaseOpened")
RECEIPT = TownWrote(
    at=ARRIVED,
    message_id="aee",
    channel="telegram",
    purpose=Purpose.AEE,
    text="Reçu",
    author=None,
    delivery=DeliveryState.SENT,
)
ANSWER = replace(RECEIPT, message_id="answer", purpose=Purpose.REPLY, author="agent-12")
NOTE = Noted(at=ARRIVED, note_id="note", author="agent-12", text="Vu")


def test_an_album_is_one_message_whatever_the_desk_says_meanwhile():
    story = with_albums([OPENED, FIRST, wrote("two", 1), RECEIPT, wrote("three", 25), wrote("four", 50)])
    assert [getattr(each, "message_id", "step") for each in story] == ["step", "one", "aee"]
    assert [file.name for file in story[1].files] == ["one.jpg", "two.jpg", "three.jpg", "four.jpg"]
    assert story[1].text == FIRST.text


@pytest.mark.parametrize(
    "following",
    [
        wrote("late", 31),
        wrote("words", 1, text="Et ici"),
        wrote("subject", 1, subject="Suite"),
        wrote("place", 1, location=Location(latitude=48.1, longitude=-1.6)),
        wrote("nothing", 1, files=()),
        wrote("somebody-else", 1, sender=(Identifier(kind="telegram", value="18"),)),
        wrote("another-way", 1, channel="sms"),
        wrote("correction", 1, corrects=True),
        wrote("erased", 1, text=None),
    ],
    ids=lambda each: each.message_id,
)
def test_what_is_more_than_a_file_of_the_same_moment_stays_a_message(following):
    assert with_albums([FIRST, following]) == (FIRST, following)


@pytest.mark.parametrize("between", [ANSWER, NOTE], ids=["answer", "note"])
def test_what_was_said_in_between_parts_them(between):
    later = wrote("two", 2)
    assert with_albums([FIRST, between, later]) == (FIRST, between, later)


def test_a_file_joins_no_message_without_any_and_none_whose_words_are_erased():
    for first in (replace(FIRST, files=()), replace(FIRST, text=None)):
        later = wrote("two", 1)
        assert with_albums([first, later]) == (first, later)


def test_a_picture_that_joined_is_news_as_it_would_be_alone():
    story = with_albums([FIRST, wrote("two", 1)])
    newest = (Said(id="one"), Said(id="two"))
    assert newer_moments(story, newest, "one", "agent-12") == story
