"""Checked against Twilio's published example and its SDK's validator, never against our own code."""

from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from guichet_twilio.tile.forms import sign

# the example of Twilio's documentation, docs/usage/validation of its helper libraries
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}


def test_twilios_published_example_has_the_published_signature() -> None:
    assert sign(URL, FORM, "12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@given(st.dictionaries(st.text(min_size=1), st.text()), st.text(min_size=1))
def test_twilios_own_validator_accepts_whatever_we_sign(form: dict[str, str], token: str) -> None:
    url = "https://guichet.mairie.example/webhooks/twilio/messages"
    assert RequestValidator(token).validate(url, form, sign(url, form, token))


def test_another_address_has_another_signature() -> None:
    signature = sign(URL, FORM, "12345")
    assert not RequestValidator("12345").validate(URL.replace("https", "http"), FORM, signature)
