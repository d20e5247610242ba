"""How a provider shows that a payload is its own, tried on published examples and on forgeries."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.payload import Payload
from guichet.channel.proofs import HmacSha256, NoProof, Proof, StandardWebhooks, Token
from guichet.channel.refusals import UnverifiedSourceError
from guichet.errors import SettingsError

AT = datetime.fromtimestamp(1614265330, UTC)
# github.com/standard-webhooks/standard-webhooks: the vector of its libraries' tests
PUBLISHED = Payload(
    body=b'{"test": 2432232314}',
    at=AT,
    headers={
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STANDARD = StandardWebhooks(SECRET)


def said(**headers: str) -> Payload:
    return replace(PUBLISHED, headers={**PUBLISHED.headers, **{n.replace("_", "-"): v for n, v in headers.items()}})


def refuses(proof: Proof, payload: Payload) -> bool:
    try:
        proof.verify(payload)
    except UnverifiedSourceError:
        return True
    return False


def test_the_published_example_of_standard_webhooks_is_taken() -> None:
    STANDARD.verify(PUBLISHED)
    assert STANDARD.sign(PUBLISHED) == PUBLISHED.headers


def test_while_a_secret_is_changed_one_signature_of_several_is_enough() -> None:
    STANDARD.verify(said(webhook_signature=f"v1a,abc v1,AAAA {PUBLISHED.headers['webhook-signature']}"))


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook_id": "msg_another"},
        {"webhook_timestamp": "1614265331"},
        {"webhook_timestamp": "soon"},
        {"webhook_timestamp": "²"},
        {"webhook_timestamp": "9" * 40},
        {"webhook_timestamp": "9" * 12},  # of a year that no date can have
        {"webhook_timestamp": ""},
        {"webhook_signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"webhook_signature": "é"},
        {"webhook_signature": ""},
    ],
)
def test_a_standard_webhook_that_is_forged_is_refused(headers: Mapping[str, str]) -> None:
    assert refuses(STANDARD, said(**headers))


def test_another_body_is_refused() -> None:
    assert refuses(STANDARD, replace(PUBLISHED, body=PUBLISHED.body + b" "))


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_copy_of_long_ago_and_of_a_time_to_come_is_refused(minutes: int) -> None:
    assert refuses(STANDARD, replace(PUBLISHED, at=AT + timedelta(minutes=minutes)))


def test_what_is_signed_anew_keeps_its_id() -> None:
    later = replace(PUBLISHED, at=AT + timedelta(days=30))
    again = STANDARD.sign(later)
    assert again["webhook-id"] == PUBLISHED.headers["webhook-id"]
    STANDARD.verify(replace(later, headers=again))


@pytest.mark.parametrize("secret", ["whsec_é", "whsec_not base64", "whsec_", "", "whsec_c2hvcnQ="])
def test_a_secret_that_is_none_is_said_at_start(secret: str) -> None:
    with pytest.raises(SettingsError, match="whsec_ and a key of 24 bytes or more in base64"):
        StandardWebhooks(secret)


def test_hmac_is_that_of_rfc_4231() -> None:
    """Test case 2 of RFC 4231 4.3, in hexadecimal."""
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    proof = HmacSha256("X-Hub-Signature", "Jefe", "sha256=")
    payload = Payload(b"what do ya want for nothing?", AT, {"x-hub-signature": f"sha256={digest}"})
    proof.verify(payload)
    assert proof.sign(payload) == {"X-Hub-Signature": f"sha256={digest}"}
    assert refuses(proof, replace(payload, headers={"x-hub-signature": digest}))
    assert refuses(proof, replace(payload, headers={}))


def test_a_token_is_the_secret_itself() -> None:
    proof = Token("X-Pigeon-Token", "secret")
    proof.verify(Payload(b"", AT, {"x-pigeon-token": "secret"}))
    assert refuses(proof, Payload(b"", AT, {"x-pigeon-token": "secre"}))
    assert refuses(proof, Payload(b"", AT, {}))


@given(st.binary(), st.sampled_from([STANDARD, HmacSha256("X-S", "secret"), Token("X-S", "secret"), NoProof()]))
def test_what_is_signed_is_verified(body: bytes, proof: Proof) -> None:
    payload = Payload(body, AT)
    signed = {name.lower(): value for name, value in proof.sign(payload).items()}
    proof.verify(replace(payload, headers=signed))


@given(st.text(), st.text(), st.text())
def test_no_header_crashes_a_proof(message_id: str, stamped: str, signature: str) -> None:
    signature = base64.b64encode(signature.encode("utf-8", "replace")).decode()
    assert refuses(STANDARD, said(webhook_id=message_id, webhook_timestamp=stamped, webhook_signature=signature))


def test_a_token_that_no_header_carries_is_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match="use ASCII alone"):
        Token("X-Pigeon-Token", "clé-du-pigeonnier")
