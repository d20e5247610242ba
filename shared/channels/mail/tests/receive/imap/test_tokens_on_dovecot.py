"""Mailboxes that a token opens: a real Dovecot checks it offline, for XOAUTH2 and OAUTHBEARER."""

import secrets
from base64 import b64encode
from datetime import date, timedelta
from typing import Any

import pytest

from guichet.runtime.telemetry.alarms import Alarm
from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.poll import place_name
from guichet_testing.real.dovecot import Dovecot
from guichet_testing.real.maildir import Mailbox
from guichet_testing.real.oauth import TokenEndpoint
from guichet_testing.until import until
from shared.channels.mail.tests.receive.imap.town_mailbox import CONTACT, Town, a_mail, account, alarms_of

MECHANISMS = pytest.mark.parametrize("sign_in", ["xoauth2", "oauthbearer"])
TOKEN_KEY = b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def town(dovecot: Dovecot, token_endpoint: TokenEndpoint, monkeypatch: pytest.MonkeyPatch) -> Town:
    token_endpoint.user = CONTACT
    monkeypatch.setenv("GUICHET_IMAP_CONTACT_CLIENT_SECRET", token_endpoint.client_secret)
    monkeypatch.setenv("GUICHET_IMAP_CONTACT_REFRESH_TOKEN", token_endpoint.refresh_token)
    return Town(dovecot, monkeypatch)


@pytest.fixture
def mailbox(town: Town) -> Mailbox:
    return town.dovecot.add_user(CONTACT)


def by_token(endpoint: TokenEndpoint, dovecot: Dovecot, sign_in: str, **more: Any) -> dict[str, ImapAccount]:
    oauth = {"token_url": endpoint.url, "client_id": endpoint.client_id, "scope": "imap", **more}
    return {"contact": account(dovecot, sign_in=sign_in, oauth=oauth)}


@MECHANISMS
async def test_a_client_s_token_opens_the_mailbox(
    town: Town, mailbox: Mailbox, token_endpoint: TokenEndpoint, sign_in: str
) -> None:
    mailbox.deliver([a_mail(1)])
    async with town.reading(by_token(token_endpoint, town.dovecot, sign_in)):
        await town.takes(1)
        mailbox.deliver([a_mail(2)])
        await town.takes(1, 2)
    [asked] = token_endpoint.asked
    assert (asked["grant_type"], asked["scope"]) == ("client_credentials", "imap")


@MECHANISMS
async def test_a_refresh_token_that_is_good_once_is_kept_sealed_for_the_next_process(
    town: Town, mailbox: Mailbox, token_endpoint: TokenEndpoint, sign_in: str
) -> None:
    accounts = by_token(token_endpoint, town.dovecot, sign_in, grant="refresh-token")
    mailbox.deliver([a_mail(1)])
    async with town.reading(accounts, imap_token_key=TOKEN_KEY):
        await town.takes(1)
    [sealed] = town.world.mailbox_places.tokens.values()
    assert token_endpoint.refresh_token.encode() not in sealed
    mailbox.deliver([a_mail(2)])
    async with town.reading(accounts, imap_token_key=TOKEN_KEY):
        await town.takes(1, 2)
    assert [each["grant_type"] for each in token_endpoint.asked] == ["refresh_token"] * 2
    assert len({each["refresh_token"] for each in token_endpoint.asked}) == 2


async def test_a_refresh_token_that_the_town_sets_anew_counts_at_once(
    town: Town, mailbox: Mailbox, token_endpoint: TokenEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = by_token(token_endpoint, town.dovecot, "xoauth2", grant="refresh-token")
    async with town.reading(accounts, imap_token_key=TOKEN_KEY):
        await until(lambda: town.world.mailbox_places.tokens, "a token that is kept")
    token_endpoint.refresh_token = "donné-de-nouveau"
    monkeypatch.setenv("GUICHET_IMAP_CONTACT_REFRESH_TOKEN", "donné-de-nouveau")
    mailbox.deliver([a_mail(1)])
    async with town.reading(accounts, imap_token_key=TOKEN_KEY):
        await town.takes(1)


async def test_a_token_is_renewed_before_it_ends_while_all_is_well(
    town: Town, mailbox: Mailbox, token_endpoint: TokenEndpoint
) -> None:
    token_endpoint.lasts = timedelta(minutes=1)  # by the server's clock, which is this machine's
    mailbox.deliver([a_mail(1)])
    async with town.reading(by_token(token_endpoint, town.dovecot, "xoauth2")):
        await town.takes(1)
        for _ in range(2):
            asked = len(token_endpoint.asked)
            town.world.time += timedelta(seconds=45)
            await until(lambda asked=asked: len(token_endpoint.asked) > asked, "another token")
    assert alarms_of("contact") == set()


@pytest.mark.parametrize("refusal", ["invalid_client", "invalid_grant"])
async def test_a_refusal_is_an_alarm_though_the_mailbox_is_still_open(
    town: Town, mailbox: Mailbox, token_endpoint: TokenEndpoint, refusal: str
) -> None:
    token_endpoint.lasts = timedelta(minutes=1)
    mailbox.deliver([a_mail(1)])
    async with town.reading(by_token(token_endpoint, town.dovecot, "xoauth2")):
        await town.takes(1)
        token_endpoint.refusal = refusal
        town.world.time += timedelta(minutes=1)
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_REFUSED}, "an alarm")


async def test_who_gives_tokens_may_be_away_for_a_while(
    town: Town, mailbox: Mailbox, token_endpoint: TokenEndpoint
) -> None:
    token_endpoint.is_down = True
    mailbox.deliver([a_mail(1)])
    async with town.reading(by_token(token_endpoint, town.dovecot, "oauthbearer")):
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_UNREADABLE}, "an alarm")
        token_endpoint.is_down = False
        await town.takes(1)
        await until(lambda: alarms_of("contact") == set(), "its end")


@MECHANISMS
async def test_a_token_for_another_mailbox_is_refused(
    town: Town, mailbox: Mailbox, token_endpoint: TokenEndpoint, sign_in: str
) -> None:
    token_endpoint.user = "autre@mairie.example"
    mailbox.deliver([a_mail(1)])
    async with town.reading(by_token(token_endpoint, town.dovecot, sign_in)):
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_REFUSED}, "an alarm")
    assert town.received == []


@pytest.mark.parametrize(("ends_in", "holds"), [(31, False), (30, True), (-1, True)])
async def test_a_secret_that_ends_soon_is_an_alarm(
    town: Town, mailbox: Mailbox, token_endpoint: TokenEndpoint, ends_in: int, holds: bool
) -> None:
    ends: date = town.world.time.date() + timedelta(days=ends_in)
    mailbox.deliver([a_mail(1)])
    async with town.reading(by_token(token_endpoint, town.dovecot, "xoauth2", secret_expires=ends)):
        await town.takes(1)
        assert (Alarm.MAILBOX_SIGN_IN_ENDS in alarms_of("contact")) == holds


async def test_a_refresh_token_needs_a_key_to_be_sealed_under(
    town: Town, mailbox: Mailbox, token_endpoint: TokenEndpoint, capfd: pytest.CaptureFixture[str]
) -> None:
    mailbox.deliver([a_mail(1)])
    accounts = by_token(token_endpoint, town.dovecot, "xoauth2", grant="refresh-token")
    async with town.reading(accounts):
        assert alarms_of("contact") == {Alarm.MAILBOX_NOT_OPENED}
    assert "GUICHET_IMAP_TOKEN_KEY is not set" in capfd.readouterr().out


async def test_no_token_is_lost_where_the_store_is_away_when_it_comes(
    town: Town, mailbox: Mailbox, token_endpoint: TokenEndpoint
) -> None:
    accounts = by_token(token_endpoint, town.dovecot, "xoauth2", grant="refresh-token")
    places = town.world.mailbox_places
    kept, keep = list[bytes](), places.keep_token

    async def keep_later(place: str, sealed: bytes) -> None:
        if not kept:
            kept.append(sealed)
            await keep("away", sealed)
            places.away = True
        await keep(place, sealed)

    places.keep_token = keep_later  # type: ignore[method-assign]
    token_endpoint.lasts = timedelta(seconds=2)
    async with town.reading(accounts, imap_token_key=TOKEN_KEY):
        await until(lambda: kept, "a first token")
        places.away = False
        town.world.time += timedelta(seconds=2)
        await until(lambda: place_name("contact", accounts["contact"]) in places.tokens, "what could not be kept, kept")
        mailbox.deliver([a_mail(1)])
        await town.takes(1)
