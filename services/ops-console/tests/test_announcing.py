"""Each cause once per channel, whatever the channel answers."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from guichet.errors import TransientError
from guichet.runtime.overview import AlarmStanding
from guichet.runtime.telemetry.alarms import Alarm
from ops_console.domain.alarms.alarm_book import AlarmBook
from ops_console.domain.alarms.alarm_words import WORDS, entry_of, words_of
from ops_console.domain.alarms.notice import Notice, write_notice
from ops_console.handlers.rounds import announce
from ops_console.handlers.send_notices import WebhookSender, write_mail

START = datetime(2026, 5, 1, 7, 5, tzinfo=UTC)
URL = "http://127.0.0.1:8002"
LAG = ("lag", "case-router:inbound-email")
DOWN = ("service-down", "notifier")


class Listener:
    """A channel that keeps what it was told, or refuses."""

    def __init__(self, name: str = "mail", refusals: int = 0) -> None:
        self.name = name
        self.heard: list[Notice] = []
        self._refusals = refusals

    async def send(self, notice: Notice) -> None:
        if self._refusals:
            self._refusals -= 1
            raise TransientError("busy")
        self.heard.append(notice)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


async def announce_to(listener: Listener, book: AlarmBook) -> None:
    await announce(listener, book, town="Saint-Aubin", console_url=URL)


async def test_causes_of_one_moment_go_out_together_and_once() -> None:
    book, mail = AlarmBook(), Listener()
    await announce_to(mail, book)
    book.take({LAG: {"kafka"}, DOWN: {"ops-console"}}, (), at(0))
    await announce_to(mail, book)
    book.take({LAG: {"kafka"}, DOWN: {"ops-console"}}, (), at(2))
    await announce_to(mail, book)
    [notice] = mail.heard
    assert "2 alertes" in notice.text
    assert [each["cause"] for each in notice.alarms] == [LAG[1], DOWN[1]]


async def test_a_refusal_is_tried_again_and_holds_no_other_channel_up() -> None:
    book, mail, webhook = AlarmBook(), Listener("mail", refusals=1), Listener("webhook")
    book.take({LAG: {"kafka"}}, (), at(0))
    with pytest.raises(TransientError):
        await announce_to(mail, book)
    await announce_to(webhook, book)
    await announce_to(mail, book)
    await announce_to(webhook, book)
    assert (len(mail.heard), len(webhook.heard)) == (1, 1)
    assert book.holding()[0].announced_by == {"mail", "webhook"}


async def test_what_comes_back_is_announced_again() -> None:
    book, mail = AlarmBook(), Listener()
    for seconds, holding in [(0, {LAG: {"kafka"}}), (20, {}), (40, {LAG: {"kafka"}})]:
        book.take(holding, (), at(seconds))
        await announce_to(mail, book)
    assert len(mail.heard) == 2
    assert mail.heard[0].identity != mail.heard[1].identity


async def test_what_ended_before_the_relay_came_back_is_told_all_the_same() -> None:
    book, mail = AlarmBook(), Listener()
    book.take({LAG: {"kafka"}}, (), at(0))
    book.take({}, (), at(20))
    await announce_to(mail, book)
    assert "Terminée\xa0: à 09:05" in mail.heard[0].text


def standing(alarm: str = "dead-letter", cause: str = "case-router:inbound-email:unreadable") -> AlarmStanding:
    return AlarmStanding(alarm=alarm, cause=cause, raised_by=("kafka",), since=START)


def test_a_notice_says_what_why_since_and_what_to_do() -> None:
    notice = write_notice("Saint-Aubin", [standing()], URL)
    assert notice.subject == "[Guichet] Message mis de côté\xa0: case-router · inbound-email · unreadable"
    for line in ["1er mai 2026 à 09:05", "guichet dead-letters show", f"{URL}/consignes#alarm-dead-letter", f"{URL}/"]:
        assert line in notice.text


def test_the_same_notice_sent_twice_is_one_mail() -> None:
    mails = [
        write_mail(write_notice("S", [standing()], URL), sender="contact@mairie.example", recipient="a@mairie.example")
        for _ in range(2)
    ]
    assert mails[0]["Message-ID"] == mails[1]["Message-ID"]
    assert str(mails[0]["Message-ID"]).endswith("@mairie.example>")


@pytest.mark.parametrize("alarm", list(Alarm))
def test_every_alarm_has_words(alarm: Alarm) -> None:
    assert WORDS[alarm].title
    assert WORDS[alarm].remedy.endswith(".")
    assert entry_of(alarm) == f"alarm-{alarm.value}"


def test_an_alarm_of_a_newer_service_is_shown_all_the_same() -> None:
    assert words_of("of-tomorrow").title


async def test_the_webhook_posts_json_and_a_refusal_is_transient() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200 if len(asked) > 1 else 500)

    notice = write_notice("Saint-Aubin", [standing()], URL)
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        sender = WebhookSender(http, "https://chat.mairie.example/hook/secret")
        with pytest.raises(TransientError) as refused:
            await sender.send(notice)
        await sender.send(notice)
    assert "secret" not in str(refused.value)
    assert b'"alarm":"dead-letter"' in asked[1].content
    assert b'"text":' in asked[1].content
