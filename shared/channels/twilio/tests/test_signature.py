"""Against the example that Twilio publishes, never against our own signing."""

import hashlib
import hmac
from base64 import b64encode
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from guichet.channel.refusals import UnverifiedSourceError
from ingest_sms.domain.form import read_form
from ingest_sms.domain.signature import TwilioSignature, requested_target

# twilio.com/docs/usage/webhooks/webhooks-security, "Example with Python"
PUBLISHED_URL = "https://mycompany.com"
PUBLISHED_TARGET = "/myapp.php?foo=1&bar=2"
PUBLISHED_FORM = b"CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212"
PUBLISHED_SIGNATURE = "GvWf1cFY/Q7PnoempGyD5oXAezc="  # with this token
PUBLISHED_TOKEN = "12345"


def test_the_published_example_is_genuine() -> None:
    signature = TwilioSignature(PUBLISHED_URL, PUBLISHED_TOKEN)
    signature.verify(PUBLISHED_TARGET, read_form(PUBLISHED_FORM), {"X-Twilio-Signature": PUBLISHED_SIGNATURE})


@pytest.mark.parametrize(
    ("target", "form", "proof"),
    [
        (PUBLISHED_TARGET, PUBLISHED_FORM.replace(b"1234", b"1235"), PUBLISHED_SIGNATURE),
        (PUBLISHED_TARGET.replace("bar=2", "bar=3"), PUBLISHED_FORM, PUBLISHED_SIGNATURE),
        (PUBLISHED_TARGET, PUBLISHED_FORM + b"&More=1", PUBLISHED_SIGNATURE),
        (PUBLISHED_TARGET, PUBLISHED_FORM, ""),
        (PUBLISHED_TARGET, PUBLISHED_FORM, "é"),
    ],
)
def test_anything_else_is_forged(target: str, form: bytes, proof: str) -> None:
    with pytest.raises(UnverifiedSourceError):
        TwilioSignature(PUBLISHED_URL, PUBLISHED_TOKEN).verify(target, read_form(form), {"X-Twilio-Signature": proof})


def test_a_rule_may_sign_with_sha_256_and_a_key_of_its_own() -> None:
    form = read_form(b"Body=Bonjour&From=%2B33700990042")
    signed = f"{PUBLISHED_URL}/x" + "BodyBonjour" + "From+33700990042"
    proof = b64encode(hmac.new(b"shared", signed.encode(), hashlib.sha256).digest()).decode()
    headers = {
        "X-Twilio-Signature": proof,
        "X-Twilio-Webhooks-Signature-Settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256",
    }
    TwilioSignature(PUBLISHED_URL, PUBLISHED_TOKEN, shared_key="shared").verify("/x", form, headers)
    with pytest.raises(UnverifiedSourceError):
        TwilioSignature(PUBLISHED_URL, PUBLISHED_TOKEN).verify("/x", form, headers)
    unknown = headers | {"X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=ROT13"}
    with pytest.raises(UnverifiedSourceError):
        TwilioSignature(PUBLISHED_URL, PUBLISHED_TOKEN, shared_key="shared").verify("/x", form, unknown)


def test_endless_fields_are_refused_unread() -> None:
    with pytest.raises(UnverifiedSourceError):
        read_form(b"a=1&" * 5000)


def test_path_and_query_are_taken_as_they_came_over_the_wire() -> None:
    scope = {"raw_path": b"/webhooks/twilio/status%2Fx", "query_string": b"outbound_id=a%20b"}
    assert requested_target(scope) == "/webhooks/twilio/status%2Fx?outbound_id=a%20b"
    assert requested_target(scope | {"query_string": b""}) == "/webhooks/twilio/status%2Fx"


def test_an_address_that_was_signed_with_its_port_is_genuine_too() -> None:
    form = read_form(b"Body=Bonjour")
    proof = b64encode(hmac.new(b"12345", b"https://mycompany.com:443/xBodyBonjour", hashlib.sha1).digest()).decode()
    TwilioSignature(PUBLISHED_URL, PUBLISHED_TOKEN).verify("/x", form, {"X-Twilio-Signature": proof})


@given(st.lists(st.tuples(st.sampled_from(["From", "Body", "B"]), st.text("aé ", max_size=3)), min_size=1))
def test_what_twilio_s_own_library_signs_is_genuine(fields: list[tuple[str, str]]) -> None:
    form = read_form(urlencode(fields).encode())
    proof = RequestValidator(PUBLISHED_TOKEN).compute_signature(f"{PUBLISHED_URL}/x", form)
    signature = TwilioSignature(PUBLISHED_URL, PUBLISHED_TOKEN)
    signature.verify("/x", form, {"X-Twilio-Signature": proof})
    with pytest.raises(UnverifiedSourceError):
        signature.verify("/y", form, {"X-Twilio-Signature": proof})
