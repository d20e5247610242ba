"""What is believed of a token: signed by a published key, for us, of now, the answer to what was asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from agent_desk.domain.sign_in.openid.claims import (
    LOGOUT_EVENT,
    check_id_token,
    check_logout,
    check_user_info,
    is_strong,
)
from agent_desk.domain.sign_in.openid.client import Client
from agent_desk.domain.sign_in.openid.errors import RefusedAnswerError, UnknownKeyError
from agent_desk.domain.sign_in.openid.signatures import ALGORITHMS, read_keys, signed_claims
from agent_desk.domain.sign_in.openid.started import StartedSignIn
from guichet_testing.doors.feigned_provider import STRONG, WEAK, signed_with_public_key, unsigned

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RSA, EC = RSAKey.generate_key(2048, {"kid": "rsa"}), ECKey.generate_key("P-256", {"kid": "ec"})
KEYS = read_keys({"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]})
CLIENT = Client(
    issuer="https://identite.example",
    client_id="guichet",
    client_secret="secret",
    redirect_uri="https://agents.example/connexion/fournisseur/retour",
    after_sign_out="https://agents.example/connexion",
    label="ProConnect",
    scope="openid",
    help="le service informatique",
    strong=(STRONG,),
)
STARTED = StartedSignIn("state", "nonce", "verifier", "/demandes", int(NOW.timestamp()) - 30)
SAID: dict[str, Any] = {
    "iss": CLIENT.issuer,
    "aud": CLIENT.client_id,
    "sub": "somebody",
    "nonce": "nonce",
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 60,
}
LOGOUT: dict[str, Any] = {
    **{name: SAID[name] for name in ("iss", "aud", "iat", "sub")},
    "jti": "one",
    "sid": "session",
    "events": {LOGOUT_EVENT: {}},
}


def check(claims: dict[str, Any]) -> str:
    return check_id_token(claims, client=CLIENT, started=STARTED, access_token="access", now=NOW)


def without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if key != name}


@pytest.mark.parametrize(("algorithm", "key"), [("RS256", RSA), ("PS384", RSA), ("RS512", RSA), ("ES256", EC)])
def test_a_token_of_a_published_key_is_read(algorithm, key):
    token = jwt.encode({"alg": algorithm, "kid": key.kid}, SAID, key, algorithms=[algorithm])
    assert signed_claims(token, KEYS) == SAID
    nameless = jwt.encode({"alg": algorithm}, SAID, key, algorithms=[algorithm])
    assert signed_claims(nameless, KEYS) == SAID


def test_no_shared_secret_and_no_missing_signature_is_an_algorithm():
    assert {name[:2] for name in ALGORITHMS} == {"RS", "PS", "ES"}
    for forged in (unsigned(SAID), signed_with_public_key(SAID, RSA)):
        with pytest.raises(RefusedAnswerError, match="wrong-algorithm"):
            signed_claims(forged, KEYS)


@pytest.mark.parametrize("name", ["\ud800", "a\udfffb"])
def test_a_name_of_half_signs_names_nobody(name):
    """JSON may write what is no text; whom it names is digested, which would fail."""
    with pytest.raises(RefusedAnswerError, match="no-name"):
        check({**SAID, "sub": name})
    for claim in ("sub", "sid", "jti"):
        with pytest.raises(RefusedAnswerError, match="no-name"):
            check_logout({**LOGOUT, claim: name}, client=CLIENT, now=NOW)


def test_another_key_is_not_the_providers_whatever_it_calls_itself():
    stranger = RSAKey.generate_key(2048, {"kid": "rsa"})
    with pytest.raises(RefusedAnswerError, match="wrong-signature"):
        signed_claims(jwt.encode({"alg": "RS256", "kid": "rsa"}, SAID, stranger), KEYS)
    brought = {"alg": "RS256", "jwk": stranger.as_dict(private=False)}
    with pytest.raises(RefusedAnswerError):
        signed_claims(jwt.encode(brought, SAID, stranger), KEYS)
    with pytest.raises(UnknownKeyError):
        signed_claims(jwt.encode({"alg": "RS256", "kid": "new"}, SAID, stranger), KEYS)
    with pytest.raises(UnknownKeyError):
        signed_claims(jwt.encode({"alg": "RS256", "kid": "ec"}, SAID, stranger), KEYS)


@pytest.mark.filterwarnings("ignore:Key size")
def test_published_keys_that_are_no_signatures_keys_are_passed_over():
    small = RSAKey.generate_key(1024, {"kid": "small"}).as_dict(private=False)
    shared = OctKey.generate_key(256, {"kid": "shared"}).as_dict(private=True)
    other = {**RSA.as_dict(private=False), "use": "enc"}
    assert read_keys({"keys": [small, shared, other, "no key", {}, {"kty": "RSA"}, {"kty": "EC", "crv": 1}]}) == ()
    assert read_keys({}) == read_keys({"keys": "none"}) == ()


@given(st.data())
def test_no_token_that_was_changed_in_a_place_is_believed(data):
    token = jwt.encode({"alg": "ES256", "kid": "ec"}, SAID, EC, algorithms=["ES256"])
    place = data.draw(st.integers(0, len(token) - 1))
    sign = data.draw(st.sampled_from("ABCxyz019-_.= {"))
    changed = token[:place] + sign + token[place + 1 :]
    try:
        claims = signed_claims(changed, KEYS)
    except RefusedAnswerError:
        return
    # The last sign of a part carries bits that are not read: the token is another text of the same bytes.
    assert claims == SAID


@given(
    st.text(alphabet='abcdeyJ0.=-_{}[]"é', max_size=200)
    | st.binary(max_size=100).map(lambda raw: raw.decode("latin-1"))
)
def test_what_is_no_token_is_refused_and_nothing_else_happens(text):
    with pytest.raises(RefusedAnswerError):
        signed_claims(text, KEYS)


@pytest.mark.parametrize("payload", [b"[]", b"1", b"null", b"", b"[" * 6_000, b"{", b'"text"'])
def test_a_signed_thing_that_is_no_object_claims_nothing(payload):
    token = jws.serialize_compact({"alg": "ES256", "kid": "ec"}, payload, EC, algorithms=["ES256"])
    with pytest.raises(RefusedAnswerError):
        signed_claims(token, KEYS)


def test_who_signed_in_is_what_the_provider_calls_them():
    assert check(SAID) == "somebody"
    assert check({**SAID, "aud": ["guichet"], "azp": "guichet"}) == "somebody"


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        ({"iss": "https://identite.example/"}, "wrong-issuer"),
        ({"iss": None}, "wrong-issuer"),
        ({"aud": "another"}, "wrong-audience"),
        ({"aud": ["guichet", "another"]}, "wrong-audience"),
        ({"aud": []}, "wrong-audience"),
        ({"aud": {"guichet": 1}}, "wrong-audience"),
        ({"azp": "another"}, "wrong-audience"),
        ({"exp": int(NOW.timestamp()) - 60}, "expired"),
        ({"exp": True}, "no-date"),
        ({"exp": float("nan")}, "no-date"),
        ({"exp": 10**400}, "no-date"),
        ({"exp": "2036"}, "no-date"),
        ({"iat": int(NOW.timestamp()) + 120}, "from-the-future"),
        ({"iat": STARTED.at - 61}, "from-before"),
        ({"nonce": "another"}, "wrong-nonce"),
        ({"nonce": None}, "wrong-nonce"),
        ({"nonce": "\ud800"}, "wrong-nonce"),
        ({"at_hash": "another"}, "wrong-access-token"),
        ({"sub": ""}, "no-name"),
        ({"sub": 7}, "no-name"),
        ({"sub": "s" * 256}, "no-name"),
    ],
)
def test_a_claim_that_does_not_hold_refuses_the_token(lie, reason):
    with pytest.raises(RefusedAnswerError, match=reason):
        check({**SAID, **lie})


@pytest.mark.parametrize("name", SAID)
def test_a_claim_that_is_missing_refuses_the_token(name):
    with pytest.raises(RefusedAnswerError):
        check(without(SAID, name))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=3), each, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([*SAID, "azp", "at_hash"]), anything)
def test_whatever_a_claim_is_replaced_by_is_refused_or_means_the_same(name, value):
    try:
        subject = check({**SAID, name: value})
    except RefusedAnswerError:
        return
    assert subject == value if name == "sub" else subject == "somebody"
    assert name in {"sub", "exp", "iat"} or value == SAID.get(name, CLIENT.client_id) or value == ["guichet"]


def test_only_the_acr_that_the_operator_named_stands_for_two_factors():
    assert is_strong({"acr": STRONG}, CLIENT)
    for weak in ({}, {"acr": WEAK}, {"acr": [STRONG]}, {"amr": ["mfa", "otp"]}, {"acr": ""}):
        assert not is_strong(weak, CLIENT)


def test_what_is_said_of_somebody_else_is_not_taken():
    told = {"sub": "somebody"}
    check_user_info(told, client=CLIENT, subject="somebody", signed=False, now=NOW)
    for wrong, signed in (
        ({"sub": "another"}, False),
        ({}, False),
        (told, True),
        ({**told, "iss": CLIENT.issuer}, True),
    ):
        with pytest.raises(RefusedAnswerError):
            check_user_info(wrong, client=CLIENT, subject="somebody", signed=signed, now=NOW)
    sealed = {**told, "iss": CLIENT.issuer, "aud": "guichet"}
    check_user_info(sealed, client=CLIENT, subject="somebody", signed=True, now=NOW)
    with pytest.raises(RefusedAnswerError, match="expired"):
        check_user_info({**sealed, "exp": 1}, client=CLIENT, subject="somebody", signed=True, now=NOW)


def test_a_logout_token_names_whom_the_provider_signed_out():
    told = check_logout(LOGOUT, client=CLIENT, now=NOW)
    assert (told.subject, told.provider_session, told.token_id) == ("somebody", "session", "one")
    assert check_logout(without(LOGOUT, "sid"), client=CLIENT, now=NOW).provider_session is None


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "nonce"},
        {"events": {}},
        {"events": {LOGOUT_EVENT: None}},
        {"events": [LOGOUT_EVENT]},
        {"jti": ""},
        {"jti": None},
        {"aud": "another"},
        {"iss": "https://another.example"},
        {"iat": int((NOW - timedelta(minutes=6)).timestamp())},
        {"iat": int((NOW + timedelta(minutes=6)).timestamp())},
        {"exp": int((NOW - timedelta(minutes=2)).timestamp())},
        {"sid": ""},
        {"sub": 1},
    ],
)
def test_what_is_no_logout_ends_nothing(lie):
    with pytest.raises(RefusedAnswerError):
        check_logout({**LOGOUT, **lie}, client=CLIENT, now=NOW)


def test_an_id_token_is_no_logout_and_a_logout_no_id_token():
    with pytest.raises(RefusedAnswerError):
        check_logout(SAID, client=CLIENT, now=NOW)
    with pytest.raises(RefusedAnswerError):
        check({**LOGOUT, "exp": SAID["exp"]})
    with pytest.raises(RefusedAnswerError):
        check_logout(without(without(LOGOUT, "sid"), "sub"), client=CLIENT, now=NOW)
