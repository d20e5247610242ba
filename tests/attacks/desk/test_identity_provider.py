"""Who means to pass for the town's identity provider, or for somebody whom it knows, before a real desk.

The desk is a process on its real stores; the provider is a server at a port of its own, which says what the attacker wants.
"""

import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from guichet.clock import SystemClock
from guichet.store.agents.staff import MongoStaff
from guichet_testing.doors.beside_a_provider import lay_units_and_mappings, provided_agents
from guichet_testing.doors.desk_process import RunningDesk, running_desk
from guichet_testing.doors.feigned_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    FeignedProvider,
    a_key,
    at_a_port,
    signed_with_public_key,
    unsigned,
)

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]

Browser = httpx.AsyncClient
BACK = "/connexion/fournisseur/retour"


@pytest.fixture(scope="module")
def its_server() -> Iterator[FeignedProvider]:
    with at_a_port(FeignedProvider(clock=SystemClock().now)) as provider:
        yield provider


@pytest.fixture
def provider(its_server: FeignedProvider) -> Iterator[FeignedProvider]:
    """The provider, as it should be; what a test has it do otherwise is over with the test."""
    sound = dict(vars(its_server))
    its_server.people, its_server.answers, its_server.asked = {}, {}, []
    its_server.knows("lea", given_name="Léa", usual_name="Vasseur", organizational_unit="Direction de la voirie")
    its_server.knows("eve", given_name="Ève", usual_name="Intruse", organizational_unit="Ailleurs")
    yield its_server
    vars(its_server).update(sound)


@pytest.fixture(scope="module")
async def desk(
    kafka_server: Any, mongo_server: Any, its_server: FeignedProvider, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningDesk]:
    set_up = {
        "GUICHET_DESK_OIDC_ISSUER": its_server.issuer,
        "GUICHET_DESK_OIDC_CLIENT_ID": CLIENT_ID,
        "GUICHET_DESK_OIDC_CLIENT_SECRET": CLIENT_SECRET,
    }
    database, folder = f"test_{secrets.token_hex(6)}", tmp_path_factory.mktemp("desk")
    async with running_desk(kafka_server, mongo_server, database, folder, quick=True, **set_up) as desk:
        await lay_units_and_mappings(MongoStaff(desk.database))
        yield desk
    mongo_server.drop_databases(database)


def a_browser(desk: RunningDesk) -> Browser:
    return Browser(base_url=desk.url, trust_env=False, timeout=20)


async def way_back(browser: Browser, provider: FeignedProvider, name: str = "lea", **how: Any) -> str:
    """Begin in a browser, sign in at the provider; return the address that leads back."""
    there = await browser.get("/connexion/fournisseur")
    assert there.status_code == 303, there.text
    return provider.sign_in(there.headers["location"], name, **how)


async def is_in(browser: Browser) -> bool:
    return (await browser.get("/demandes")).status_code == 200


async def test_no_forged_token_opens_the_desk(desk: RunningDesk, provider: FeignedProvider):
    """Somebody who answers in the provider's place, or altered what it answered, and lacks its key."""
    async with a_browser(desk) as browser:
        await browser.get(await way_back(browser, provider))
        assert await is_in(browser), "the true one opens it"
    agents = await provided_agents(MongoStaff(desk.database))
    stranger = RSAKey.generate_key(2048, {"kid": provider.key.kid})
    now = int(provider.clock().timestamp())
    forgeries = [
        {"signs_with": stranger},
        {"signs_with": stranger, "header": {"kid": None, "jwk": stranger.as_dict(private=False)}},
        {"signs_with": stranger, "header": {"jku": "https://eve.example/jwks", "kid": "eve"}},
        {"lies": {"aud": "another-client"}},
        {"lies": {"aud": [CLIENT_ID, "another-client"]}},
        {"lies": {"azp": "another-client"}},
        {"lies": {"iss": "https://eve.example"}},
        {"lies": {"exp": now - 3600}},
        {"lies": {"exp": None}},
        {"lies": {"iat": now - 86_400}},
        {"lies": {"nonce": "of another sign-in"}},
        {"lies": {"nonce": None}},
        {"lies": {"sub": "sub-of-eve"}},
        {"lies": {"at_hash": "of another"}},
        {"user_lies": {"sub": "sub-of-eve"}},
        {"user_lies": {"sub": None}},
        {"user_lies": {"aud": "another-client"}},
        {"user_lies": {"iss": "https://eve.example"}},
    ]
    for forgery in forgeries:
        sound = {name: getattr(provider, name) for name in forgery}
        for name, value in forgery.items():
            setattr(provider, name, value)
        async with a_browser(desk) as browser:
            answer = await browser.get(await way_back(browser, provider))
            assert answer.status_code == 403, forgery
            assert not await is_in(browser), forgery
        for name, value in sound.items():
            setattr(provider, name, value)
    assert await provided_agents(MongoStaff(desk.database)) == agents


@pytest.mark.parametrize("forge", ["none", "public-key"])
async def test_no_token_is_believed_that_anybody_could_make(desk: RunningDesk, provider: FeignedProvider, forge: str):
    async with a_browser(desk) as browser:
        back = await way_back(browser, provider)
        claims = {"sub": "sub-of-lea", "iss": provider.issuer, "aud": CLIENT_ID, "nonce": "?", "iat": 1, "exp": 2**31}
        token = unsigned(claims) if forge == "none" else signed_with_public_key(claims, provider.key)
        said = {"id_token": token, "access_token": "x", "token_type": "Bearer"}
        provider.answers["/token"] = lambda _: httpx.Response(200, json=said)
        assert (await browser.get(back)).status_code == 403
        assert not await is_in(browser)


async def test_an_answer_that_was_overheard_opens_nothing_a_second_time_or_elsewhere(
    desk: RunningDesk, provider: FeignedProvider
):
    async with a_browser(desk) as victim, a_browser(desk) as thief:
        back = await way_back(victim, provider)
        kept = victim.cookies.get("guichet_depart")
        assert (await thief.get(back)).status_code == 403, "another browser has not begun it"
        assert not await is_in(thief)
        assert (await victim.get(back)).status_code == 200
        assert await is_in(victim)
        thief.cookies.set("guichet_depart", kept or "", path="/connexion/fournisseur")
        assert (await thief.get(back)).status_code == 403, "not even with the cookie: it served once"
        assert not await is_in(thief)


async def test_nobody_is_signed_in_as_somebody_else_by_an_answer_that_is_slipped_in(
    desk: RunningDesk, provider: FeignedProvider
):
    """The attacker's code with the victim's state, and the victim's code with the attacker's."""
    provider.people["eve"]["organizational_unit"] = "Direction de la voirie"
    async with a_browser(desk) as victim, a_browser(desk) as attacker:
        of_victim = await way_back(victim, provider)
        of_attacker = await way_back(attacker, provider, "eve")
        codes = {which: parse_qs(urlsplit(which).query)["code"][0] for which in (of_victim, of_attacker)}
        for browser, own, other in ((victim, of_victim, of_attacker), (attacker, of_attacker, of_victim)):
            mixed = own.replace(codes[own], codes[other])
            assert (await browser.get(mixed)).status_code == 403
            assert not await is_in(browser)


@pytest.mark.parametrize("issuer", ["https://eve.example", ""])
async def test_an_answer_of_another_provider_is_not_taken_for_this_one_s(
    desk: RunningDesk, provider: FeignedProvider, issuer: str
):
    async with a_browser(desk) as browser:
        there = await browser.get("/connexion/fournisseur")
        address = provider.sign_in(there.headers["location"], "lea")
        said = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()} | {"iss": issuer}
        assert (await browser.get(BACK, params=said)).status_code == 403
        assert not await is_in(browser)
        assert "/token" not in provider.asked, "nor is the code shown to anybody"


async def test_the_way_in_leads_to_no_other_site(desk: RunningDesk, provider: FeignedProvider):
    for elsewhere in (
        "https://eve.example",
        "//eve.example/demandes",
        "/\\eve.example",
        "/demandes/../../eve",
        "javascript:1",
    ):
        async with a_browser(desk) as browser:
            there = await browser.get("/connexion/fournisseur", params={"vers": elsewhere})
            answer = await browser.get(provider.sign_in(there.headers["location"], "lea"))
            assert 'content="0;url=/demandes"' in answer.text
            assert "eve" not in answer.text


async def test_nobody_but_the_provider_ends_a_session_and_each_of_its_words_counts_once(
    desk: RunningDesk, provider: FeignedProvider
):
    said = {"iss": provider.issuer, "aud": CLIENT_ID, "sub": "sub-of-lea", "iat": int(provider.clock().timestamp())}
    said |= {"jti": "x", "events": {"http://schemas.openid.net/event/backchannel-logout": {}}}
    async with a_browser(desk) as browser, a_browser(desk) as attacker:
        await browser.get(await way_back(browser, provider))
        stranger = a_key("a stranger's")
        provider.signs_with = stranger
        forged = provider.logout_token(sub="sub-of-lea")
        provider.signs_with = None
        id_token = provider.token({**said, "nonce": "x", "exp": 2**31})
        others = provider.logout_token(sub="sub-of-lea", aud="another-client")
        before = provider.asked.count("/jwks")
        for token in (
            forged,
            unsigned(said),
            signed_with_public_key(said, provider.key),
            id_token,
            others,
            "",
            "a.b.c",
        ):
            answer = await attacker.post("/connexion/fournisseur/fin", data={"logout_token": token})
            assert answer.status_code == 400, token
        for _ in range(50):
            await attacker.post("/connexion/fournisseur/fin", data={"logout_token": forged})
        assert provider.asked.count("/jwks") <= before + 1, "nor has anybody the desk ask the provider again and again"
        assert await is_in(browser)
        true = provider.logout_token(sub="sub-of-lea")
        assert (await attacker.post("/connexion/fournisseur/fin", data={"logout_token": true})).status_code == 200
        assert not await is_in(browser)
        await browser.get(await way_back(browser, provider))
        assert (await attacker.post("/connexion/fournisseur/fin", data={"logout_token": true})).status_code == 400
        assert await is_in(browser)


async def test_what_comes_and_goes_leaves_no_token_secret_or_claim_in_the_store(
    desk: RunningDesk, provider: FeignedProvider
):
    async with a_browser(desk) as browser:
        await browser.get(await way_back(browser, provider))
        await browser.get(await way_back(browser, provider, "eve"))
    kept = [
        str(document)
        for name in await desk.database.list_collection_names()
        async for document in desk.database[name].find()
    ]
    whole = "\n".join(kept)
    assert "Vasseur" in whole, "a colleague's name is in the staff"
    for nowhere in ("sub-of-lea", "lea@mairie.example", "Intruse", "sub-of-eve", "session-of-lea", CLIENT_SECRET):
        assert nowhere not in whole, nowhere
