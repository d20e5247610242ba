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
from guichet_twilio.read.form import read_form
from guichet_twilio.read.signature import TwilioSignature

# twilio.com/docs/usage/webhooks/webhooks-security, "Example with Python"
PUBLISHED_URL = "https://mycompany.com"
PUBLISHED_TARGET = "/myapp.php?foo=1&bar=2"
PUBLISHED_FORM = b"CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212"
PUBLISHED_SIGNATURE = "GvWf1cFY/Q7PnoempGyD5oXAezc="  # with this token
PUBLISHED_TOKEN = "12345"


def test_the_published_example_is_genuine() -> None:
    signature = TwilioSignature(PUBLISHED_URL, PUBLISHED_TOKEN)
    signature.verify(PUBLISHED_TARGET, read_form(PUBLISHED_FORM), {"x-twilio-signature": PUBLISHED_SIGNATURE})


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
        TwilioSignature(PUBLISHED_URL, PUBLISHED_TOKEN).verify(target, read_form(form), {"x-twilio-signature": proof})


def test_a_rule_may_sign_with_sha_256_and_a_key_of_its_own() -> None:
    form = read_form(b"Body=Bonjour&From=%2B33700990042")
    signed = f"{PUBLISHED_URL}/x" + "BodyBonjour" + "From+33700990042"
    proof = b64encode(hmac.new(b"shared", signed.encode(), hashlib.sha256).digest()).decode()
    headers = {
        "x-twilio-signature": proof,
        "x-twilio-webhooks-signature-settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256",
    }
    TwilioSignature(PUBLISHED_URL, PUBLISHED_TOKEN, shared_key="shared").verify("/x", form, headers)
    with pytest.raises(UnverifiedSourceError):
        TwilioSignature(PUBLISHED_URL, PUBLISHED_TOKEN).verify("/x", form, headers)
    unknown = headers | {"x-twilio-webhooks-signature-settings": "key=k,algorithm=ROT13"}
    with pytest.raises(UnverifiedSourceError):
        TwilioSignature(PUBLISHED_URL, PUBLISHED_TOKEN, shared_key="shared").verify("/x", form, unknown)


def test_endless_fields_are_refused_unread() -> None:
    with pytest.raises(UnverifiedSourceError):
        read_form(b"a=1&" * 5000)


def test_an_address_that_was_signed_with_its_port_is_genuine_too() -> None:
    form = read_form(b"Body=Bonjour")
    proof = b64encode(hmac.new(b"12345", b"https://mycompany.com:443/xBodyBonjour", hashlib.sha1).digest()).decode()
    TwilioSignature(PUBLISHED_URL, PUBLISHED_TOKEN).verify("/x", form, {"x-twilio-signature": proof})


@given(st.lists(st.tuples(st.sampled_from(["From", "Body", "B"]), st.text("aé ", max_size=3)), min_size=1))
def test_what_twilio_s_own_library_signs_is_genuine(fields: list[tuple[str, str]]) -> None:
    form = read_form(urlencode(fields).encode())
    proof = RequestValidator(PUBLISHED_TOKEN).compute_signature(f"{PUBLISHED_URL}/x", form)
    signature = TwilioSignature(PUBLISHED_URL, PUBLISHED_TOKEN)
    signature.verify("/x", form, {"x-twilio-signature": proof})
    with pytest.raises(UnverifiedSourceError):
        signature.verify("/y", form, {"x-twilio-signature": proof})


def test_our_own_signing_is_twilio_s() -> None:
    form = read_form(PUBLISHED_FORM)
    signed = TwilioSignature(PUBLISHED_URL, PUBLISHED_TOKEN).sign(PUBLISHED_TARGET, form)
    assert signed == {"X-Twilio-Signature": PUBLISHED_SIGNATURE}
