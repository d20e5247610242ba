"""The real Dovecot of the tests does what mailboxes of towns do, and what they should not."""

import imaplib
import ssl
from datetime import UTC, datetime, timedelta

import httpx
import pytest

pytestmark = pytest.mark.real

USER = "contact@mairie.example"
TWO_DAYS_AGO = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def mails(count: int) -> list[bytes]:
    return [f"Message-ID: <{nth}@courriel.example>\r\n\r\nBonjour\r\n".encode() for nth in range(count)]


def refused(sign_in) -> bool:
    try:
        sign_in()
    except imaplib.IMAP4.error as exc:
        return "AUTHENTICATIONFAILED" in str(exc)
    return False


def by_token(dovecot, mechanism: str, token: str) -> None:
    said = {
        "XOAUTH2": f"user={USER}\1auth=Bearer {token}\1\1",
        "OAUTHBEARER": f"n,a={USER},\1host=localhost\1port=143\1auth=Bearer {token}\1\1",
    }
    with imaplib.IMAP4(dovecot.host, dovecot.port) as session:
        session.authenticate(mechanism, lambda _: said[mechanism].encode())


def by_password(dovecot, password: str) -> None:
    trusted = ssl.create_default_context(cafile=dovecot.authority)
    with imaplib.IMAP4_SSL(dovecot.host, dovecot.tls_port, ssl_context=trusted) as session:
        session.login(USER, password)


def test_what_is_delivered_lies_in_order_under_the_date_it_was_given_and_outlives_a_kill(dovecot):
    mailbox = dovecot.add_user(USER)
    mailbox.deliver(mails(50), TWO_DAYS_AGO)
    dovecot.kill()
    mailbox.deliver([b"Message-ID: <while it was away>\n\n"])
    dovecot.start()
    listed = mailbox.listing()
    assert [each.uid for each in listed] == [*range(1, 52)]
    assert [each.message_id for each in listed[:50]] == [f"<{nth}@courriel.example>" for nth in range(50)]
    assert {each.received_at for each in listed[:50]} == {TWO_DAYS_AGO}
    assert not any(each.flags - {"\\Recent"} for each in listed)


def test_a_mailbox_is_opened_by_its_password_over_tls_until_it_changes_or_is_switched_off(dovecot):
    dovecot.add_user(USER, "un secret: long")
    by_password(dovecot, "un secret: long")
    assert refused(lambda: by_password(dovecot, "un autre"))
    dovecot.change_password(USER, "un nouveau")
    assert refused(lambda: by_password(dovecot, "un secret: long"))
    by_password(dovecot, "un nouveau")
    dovecot.switch_off(USER)
    assert refused(lambda: by_password(dovecot, "un nouveau"))
    dovecot.switch_on(USER)
    by_password(dovecot, "un nouveau")


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_token_opens_the_mailbox_it_names_until_it_expires(dovecot, mechanism):
    dovecot.add_user(USER)
    sound = dovecot.tokens.token(USER)
    by_token(dovecot, mechanism, sound)
    assert refused(lambda: by_token(dovecot, mechanism, dovecot.tokens.token(USER, timedelta(seconds=-1))))
    assert refused(lambda: by_token(dovecot, mechanism, dovecot.tokens.token("etat-civil@mairie.example")))
    assert refused(lambda: by_token(dovecot, mechanism, f"{sound[:-8]}AAAAAAAA"))


def test_a_mailbox_breaks_is_read_only_is_mended_and_rebuilt_under_a_new_uidvalidity(dovecot):
    mailbox = dovecot.add_user(USER)
    mailbox.append(mails(1)[0], TWO_DAYS_AGO, "\\Seen")
    mailbox.add_folder("Traités & classés").deliver(mails(1))
    [before], validity = mailbox.listing(), mailbox.uid_validity()
    assert (before.flags, before.received_at) == ({"\\Seen", "\\Recent"}, TWO_DAYS_AGO)
    mailbox.break_down()
    with pytest.raises(imaplib.IMAP4.error, match="SERVERBUG"):
        mailbox.listing()
    mailbox.let_only_read()
    with dovecot.signed_in(USER) as session, pytest.raises(imaplib.IMAP4.readonly):
        session.select("INBOX")
    mailbox.mend()
    mailbox.rebuild()
    assert mailbox.uid_validity() != validity
    assert [each.message_id for each in mailbox.listing()] == [before.message_id]
    with dovecot.signed_in(USER) as session:
        assert b'"Trait&AOk-s &- class&AOk-s"' in b"".join(session.list()[1])


def test_the_token_endpoint_gives_tokens_that_dovecot_takes_each_refresh_token_once(dovecot, token_endpoint):
    dovecot.add_user(USER)
    token_endpoint.user = USER
    first = token_endpoint.refresh_token
    client = {"client_id": token_endpoint.client_id, "client_secret": token_endpoint.client_secret}
    with httpx.Client(verify=ssl.create_default_context(cafile=token_endpoint.authority), trust_env=False) as http:

        def ask(**form: str) -> httpx.Response:
            return http.post(token_endpoint.url, data=form)

        by_token(dovecot, "XOAUTH2", ask(grant_type="client_credentials", **client).json()["access_token"])
        renewed = ask(grant_type="refresh_token", refresh_token=first, client_id="guichet").json()
        by_token(dovecot, "OAUTHBEARER", renewed["access_token"])
        assert (
            ask(grant_type="refresh_token", refresh_token=first, client_id="guichet").json()["error"] == "invalid_grant"
        )
        assert ask(grant_type="refresh_token", refresh_token=renewed["refresh_token"], client_id="guichet").is_success
        assert ask(grant_type="client_credentials", client_id="guichet").status_code == 401
        token_endpoint.refusal = "invalid_client"
        assert ask(grant_type="client_credentials", **client).json()["error"] == "invalid_client"
        token_endpoint.is_down = True
        assert ask(grant_type="client_credentials", **client).status_code == 503
