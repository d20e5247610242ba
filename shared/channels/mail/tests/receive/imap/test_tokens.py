"""Tokens that open a mailbox: shown, kept sealed, asked for."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet_mail.imap_secrets import Secrets
from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.connection.errors import MailboxError, SignInRefusedError, code_in
from guichet_mail.receive.imap.connection.sasl import TokenShown
from guichet_mail.receive.imap.oauth import token_endpoint
from guichet_mail.receive.imap.oauth.kept_token import open_token, seal_token
from guichet_mail.receive.imap.oauth.token_endpoint import ask_for_token
from guichet_mail.receive.imap.oauth.tokens import Tokens
from guichet_testing.twins.store.mailbox_places import InMemoryMailboxPlaces

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.mark.parametrize(
    ("mechanism", "first", "last"),
    [
        ("XOAUTH2", b"user=a=b,c\x01auth=Bearer t\x01\x01", b""),
        ("OAUTHBEARER", b"n,a=a=3Db=2Cc,\x01host=h.example\x01port=993\x01auth=Bearer t\x01\x01", b"\x01"),
    ],
)
def test_a_token_is_shown_once_and_a_refusal_is_heard(mechanism: str, first: bytes, last: bytes) -> None:
    shown = TokenShown(mechanism, "a=b,c", "h.example", 993, "t")
    assert shown(b"") == first
    assert shown(json.dumps({"status": "invalid_token", "scope": "x"}).encode()) == last
    assert shown.why == "invalid_token"
    assert "'t'" not in repr(shown)


@given(st.binary(max_size=200) | st.builds(lambda said: json.dumps(said).encode(), st.recursive(st.text(), st.lists)))
def test_whatever_a_server_says_of_a_token_is_answered(challenge: bytes) -> None:
    shown = TokenShown("XOAUTH2", "a", "h", 1, "t")
    shown(b"")
    assert shown(challenge) == b""
    assert len(shown.why) <= 40


@given(st.text(max_size=60), st.text(max_size=20))
def test_a_token_is_opened_by_its_key_for_its_account_and_as_long_as_the_town_s_is_the_same(
    token: str, own: str
) -> None:
    sealed = seal_token(KEY, "contact", token, own)
    assert open_token(KEY, "contact", sealed, own) == token
    assert open_token(OTHER, "contact", sealed, own) is None
    assert open_token(KEY, "voirie", sealed, own) is None
    assert open_token(KEY, "contact", sealed, f"{own}-new") is None
    assert open_token(KEY, "contact", sealed[:-1], own) is None
    assert open_token(KEY, "contact", b"", own) is None


ACCOUNT = ImapAccount.model_validate(
    {
        "host": "imap.example", "user": "a@b.example", "since": "2026-01-01", "sign_in": "xoauth2",
        "oauth": {"token_url": "https://login.example/token", "client_id": "c", "scope": "s"},
    }
)  # fmt: skip


async def answered(answer: httpx.Response | Exception, account: ImapAccount = ACCOUNT) -> tuple[dict[str, str], object]:
    asked: dict[str, str] = {}

    def serve(request: httpx.Request) -> httpx.Response:
        asked.update(dict(httpx.QueryParams(request.content.decode())))
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with httpx.AsyncClient(transport=httpx.MockTransport(serve)) as http:
        try:
            return asked, await ask_for_token(account, Secrets(client_secret="secret"), "refresh", http)
        except MailboxError as error:
            return asked, error


async def test_a_client_asks_by_its_secret_and_a_refresh_token_by_itself() -> None:
    given = httpx.Response(200, json={"access_token": "t", "expires_in": "3599", "refresh_token": "new"})
    asked, granted = await answered(given)
    assert asked == {"grant_type": "client_credentials", "client_id": "c", "client_secret": "secret", "scope": "s"}
    assert (granted.access_token, granted.life, granted.refresh_token) == ("t", timedelta(seconds=3599), "new")  # type: ignore[attr-defined]
    assert ACCOUNT.oauth is not None
    by_refresh = ACCOUNT.model_copy(update={"oauth": ACCOUNT.oauth.model_copy(update={"grant": "refresh-token"})})
    asked, _ = await answered(given, by_refresh)
    assert (asked["grant_type"], asked["refresh_token"]) == ("refresh_token", "refresh")


async def test_a_token_is_no_younger_than_the_question_for_it() -> None:
    """A slow answer lengthens no life: the token would end at its server while we still show it."""
    time = [datetime(2026, 3, 2, 9, tzinfo=UTC)]

    def serve(request: httpx.Request) -> httpx.Response:
        time[0] += timedelta(seconds=45)
        return httpx.Response(200, json={"access_token": f"at {time[0]:%H:%M:%S}", "expires_in": 60})

    async with httpx.AsyncClient(transport=httpx.MockTransport(serve)) as http:
        tokens = Tokens(
            ACCOUNT, Secrets(client_secret="secret"), place="contact", places=InMemoryMailboxPlaces(), key=KEY,
            http=http, now=lambda: time[0],
        )  # fmt: skip
        assert [await tokens.token(), await tokens.token()] == ["at 09:00:45", "at 09:01:30"]


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (httpx.Response(400, json={"error": "invalid_grant"}), SignInRefusedError, "revoked or has ended"),
        (
            httpx.Response(401, json={"error": "invalid_client", "error_description": "AADSTS7000222: expired keys"}),
            SignInRefusedError,
            "login.example gives no token (401, invalid_client, AADSTS7000222)",
        ),
        (httpx.Response(404, text="<html>"), SignInRefusedError, "see oauth.token_url"),
        (httpx.Response(429), MailboxError, "answers 429"),
        (httpx.Response(503), MailboxError, "answers 503"),
        (httpx.Response(200, text="<html>"), MailboxError, "answers with no token"),
        (httpx.Response(200, json=["access_token"]), MailboxError, "answers with no token"),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]"), MailboxError, "its certificate does not hold"),
        (httpx.ReadTimeout("slow"), MailboxError, "does not answer"),
    ],
)
async def test_why_there_is_no_token_is_said(answer: httpx.Response, kind: type[MailboxError], said: str) -> None:
    _, error = await answered(answer)
    assert type(error) is kind
    assert said in str(error)
    assert "secret" not in str(error).replace("the secret", "").replace("client secret", "")


JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda each: st.lists(each) | st.dictionaries(
    st.sampled_from(["access_token", "expires_in", "refresh_token", "error", "error_description"]), each
), max_leaves=6)  # fmt: skip


@given(st.sampled_from([200, 400, 401, 500]), JSON)
async def test_any_answer_is_a_token_or_a_sentence(status: int, said: object) -> None:
    _, came = await answered(httpx.Response(status, content=json.dumps(said).encode()))
    assert isinstance(came, MailboxError) or came.access_token  # type: ignore[attr-defined]


def test_a_code_is_read_from_what_a_server_says_and_nothing_else_of_it() -> None:
    assert code_in("login failed: b'[AUTHENTICATIONFAILED] Madame Dupont'") == "AUTHENTICATIONFAILED"
    assert code_in("[ALERT your mailbox is full]") == "ALERT"
    assert code_in("no [code here]") == ""


async def test_nobody_is_followed_elsewhere_with_a_secret() -> None:
    asked: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(307, headers={"location": "https://elsewhere.example/token"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(serve)) as http:
        with pytest.raises(SignInRefusedError, match="307"):
            await ask_for_token(ACCOUNT, Secrets(client_secret="secret"), "", http)
    assert asked == ["https://login.example/token"]


@pytest.mark.parametrize("pause_s", [0.0, 0.05])
async def test_an_answer_without_end_is_given_up(pause_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_endpoint, "TIMEOUT_S", 0.5)
    given = 0

    async def without_end() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield b" " * 65536
            await asyncio.sleep(pause_s)

    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=without_end()))
    async with asyncio.timeout(5), httpx.AsyncClient(transport=transport) as http:
        with pytest.raises(MailboxError):
            await ask_for_token(ACCOUNT, Secrets(client_secret="secret"), "", http)
    assert given * 65536 <= token_endpoint.LONGEST_BODY * 2


async def test_a_clock_of_no_time_zone_is_of_utc() -> None:
    answer = httpx.Response(200, json={"access_token": "t"}, headers={"date": "Thu, 01 Jan 2026 10:00:00 -0000"})
    assert token_endpoint.clock_of(answer) == datetime(2026, 1, 1, 10, tzinfo=UTC)
