"""Signing in by the town's identity provider, over a provider in memory: who becomes which agent, and who nobody."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from agent_desk.domain.sign_in.openid.client import challenge_of
from agent_desk.domain.sign_in.openid.started import read_started
from agent_desk.domain.sign_in.sessions import session_id
from agent_desk.handlers.sign_in.openid.ask import LONGEST_BODY
from agent_desk.handlers.sign_in.openid.sign_in_by_provider import FAILURES
from agent_desk.handlers.staff.staff_directory import OLDEST
from guichet.errors import TransientError
from guichet.law.calendar import paris_date
from guichet.store.agents.staff import entry_of
from guichet.store.audit.trail import Act
from guichet.town.staff.agents import VOUCHED_FOR
from guichet.town.staff.overlay import Overlay, StaffKind, mapping_key
from guichet_testing.doors.beside_a_provider import OF_THE_STREETS, lay, provided_agents
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.feigned_provider import ISSUER, SIRET, STRONG, a_key
from guichet_testing.doors.filled_hall import KEY


def asked_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


async def name_shown(browser: httpx.AsyncClient) -> str | None:
    page = await browser.get("/demandes")
    return (
        page.text.split("data-menu>")[1].split("<summary>")[1].split("</summary>")[0]
        if page.status_code == 200
        else None
    )


async def test_the_button_leads_to_the_provider_with_everything_that_ties_the_answer_to_this_browser(
    open_browser, provider, hall
):
    browser = open_browser()
    page = await browser.get("/connexion?vers=/demandes/2026-7F3K-29Q")
    assert 'href="/connexion/fournisseur?vers=/demandes/2026-7F3K-29Q"' in page.text
    assert "Se connecter avec ProConnect" in page.text
    there = await browser.get("/connexion/fournisseur?vers=/demandes/2026-7F3K-29Q")
    asked = asked_of(there.headers["location"])
    assert there.headers["location"].startswith(f"{ISSUER}/authorize?")
    [cookie] = there.headers.get_list("set-cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/connexion/fournisseur" in cookie
    started = read_started(KEY, cookie.partition("=")[2].partition(";")[0], hall.clock())
    assert started is not None
    assert (asked["state"], asked["nonce"], started.wanted) == (
        started.state,
        started.nonce,
        "/demandes/2026-7F3K-29Q",
    )
    assert (asked["code_challenge"], asked["code_challenge_method"]) == (challenge_of(started.verifier), "S256")
    assert asked["redirect_uri"] == "http://desk.test/connexion/fournisseur/retour"
    assert asked["acr_values"] == STRONG


async def test_without_a_provider_there_is_no_other_way_in():
    browser = httpx.AsyncClient(transport=httpx.ASGITransport(TownHall().web()), base_url="http://desk.test")
    assert "fournisseur" not in (await browser.get("/connexion")).text
    for path in ("/connexion/fournisseur", "/connexion/fournisseur/retour"):
        assert (await browser.get(path)).status_code == 404
    assert (await browser.post("/connexion/fournisseur/fin", data={})).status_code == 404


async def test_a_first_sign_in_makes_an_agent_of_the_unit_that_the_mapping_names(
    open_browser, hall, provider, there_and_back, cases
):
    browser = open_browser()
    answer = await there_and_back(browser, vers="/demandes")
    assert answer.status_code == 200
    assert 'http-equiv="refresh" content="0;url=/demandes"' in answer.text, "a redirect would bring no strict cookie"
    session = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("guichet_session="))
    assert "SameSite=strict" in session
    assert await name_shown(browser) == "Léa Vasseur"
    [agent] = await provided_agents(hall.staff)
    assert agent.agent_id.startswith("p-")
    assert agent.identity.siret == SIRET
    acts = [(each.act, each.agent) for each in hall.audit.entries][:2]
    assert acts == [(Act.AGENT_PROVISIONED, agent.agent_id), (Act.SIGNED_IN, agent.agent_id)]
    assert await hall.accounts.find(agent.agent_id) is None


async def test_another_process_of_the_desk_knows_them_at_once_and_where_they_are_now(
    open_browser, hall, provider, there_and_back, cases
):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(hall.web()), base_url="http://desk.test") as elsewhere:
        for unit, department in (("Direction de la voirie", "voirie"), ("État civil", "etat-civil")):
            await elsewhere.get("/demandes")  # so that it has read the staff
            hall.clock.now += timedelta(seconds=1)
            provider.people["lea"]["organizational_unit"] = unit
            browser = open_browser()
            await there_and_back(browser)
            elsewhere.cookies = browser.cookies
            page = await elsewhere.get("/demandes")
            assert page.status_code == 200
            assert {case.department for case in cases.values() if case.reference in page.text} <= {department}


async def test_an_agent_of_the_provider_sees_the_cases_of_their_unit_and_no_others(
    open_browser, hall, provider, there_and_back, cases
):
    browser = open_browser()
    await there_and_back(browser)
    listed = (await browser.get("/demandes")).text
    seen = {name for name, case in cases.items() if case.reference in listed}
    assert seen
    assert {cases[name].department for name in seen} == {"voirie"}


async def test_the_router_obeys_an_agent_of_the_provider_from_the_first_sign_in_on_where_they_are_now(
    open_browser, hall, provider, there_and_back
):
    await there_and_back(open_browser())
    [agent] = await provided_agents(hall.staff)
    [right] = (await hall.rights.of([agent.agent_id]))[agent.agent_id]
    assert right.departments == ("voirie",)
    assert right.held_at(hall.clock())
    hall.clock.now += timedelta(hours=1)
    provider.people["lea"]["organizational_unit"] = "État civil"
    await there_and_back(open_browser())
    former, present = (await hall.rights.of([agent.agent_id]))[agent.agent_id]
    assert (former.until, present.departments) == (hall.clock(), ("etat-civil",))


async def test_signing_in_again_is_the_same_agent_whatever_name_or_address_they_have_now(
    open_browser, hall, provider, there_and_back
):
    await there_and_back(open_browser())
    provider.people["lea"] |= {"usual_name": "Vasseur-Petit", "email": "karim.haddad@mairie.example"}
    browser = open_browser()
    await there_and_back(browser)
    assert await name_shown(browser) == "Léa Vasseur-Petit"
    assert len(await provided_agents(hall.staff)) == 1


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"email": "Lea.Vasseur@mairie.example", "email_verified": True}, "lea.vasseur@mairie.example"),
        ({"email": "lea.vasseur@mairie.example", "email_verified": False}, None),
        ({"email": "lea.vasseur@mairie.example", "email_verified": "true"}, None),
        ({"email": "contact@mairie.example", "email_verified": True}, None),
        ({"email": "nobody", "email_verified": True}, None),
    ],
)
async def test_an_agents_address_is_kept_where_the_provider_has_verified_it(
    open_browser, hall, provider, there_and_back, said, kept
):
    provider.people["lea"] |= said
    await there_and_back(open_browser())
    [agent] = await provided_agents(hall.staff)
    assert agent.work_email == kept


async def test_what_an_administrator_wrote_instead_of_the_providers_address_stays_until_it_says_another(
    open_browser, hall, provider, there_and_back
):
    async def signs_in_with(email):
        provider.people["lea"] |= {"email": email, "email_verified": True}
        await there_and_back(open_browser())
        [agent] = await provided_agents(hall.staff)
        return agent

    agent = await signs_in_with("lea.refused@mairie.example")
    corrected = agent.model_copy(update={"work_email": "lea.vasseur@mairie.example"})
    [read] = [entry for entry in await hall.staff.all() if entry.key == agent.agent_id]
    change = Overlay(StaffKind.AGENT, agent.agent_id, corrected)
    assert await hall.staff.put(entry_of(change, at=hall.clock(), by=None), over=read)
    assert (await signs_in_with("lea.refused@mairie.example")).work_email == "lea.vasseur@mairie.example"
    assert (await signs_in_with("lea.married@mairie.example")).work_email == "lea.married@mairie.example"


async def test_it_is_noted_once_a_week_that_the_provider_still_vouches_for_an_address(
    open_browser, hall, provider, there_and_back
):
    provider.people["lea"] |= {"email": "lea@mairie.example", "email_verified": True}
    first = paris_date(hall.clock())
    noted = []
    for days in (0, 6, 1):
        hall.clock.now += timedelta(days=days)
        await there_and_back(open_browser())
        [agent] = await provided_agents(hall.staff)
        noted.append((agent.vouched.on - first).days)
    assert noted == [0, 0, 7]
    assert agent.written_to_at(agent.vouched.on + VOUCHED_FOR) == "lea@mairie.example"
    assert agent.written_to_at(agent.vouched.on + VOUCHED_FOR + timedelta(days=1)) is None, "a successor may have it"


async def test_who_has_the_address_or_the_name_of_a_local_agent_is_another(
    open_browser, hall, provider, there_and_back, sign_in
):
    """No account is taken over by an address: a provider may let its users write what they like there."""
    provider.knows("karim.haddad", given_name="Karim", usual_name="Haddad", organizational_unit="État civil")
    browser = open_browser()
    await there_and_back(browser, "karim.haddad")
    [agent] = await provided_agents(hall.staff)
    assert agent.agent_id != "agent-12"
    assert {entry.agent for entry in hall.audit.entries} == {agent.agent_id}
    local = await sign_in("karim.haddad")
    assert "agent-12" in {entry.agent for entry in hall.audit.entries}
    for page in ("/mot-de-passe", "/double-authentification"):
        assert (await browser.get(page)).status_code == 404, "they have no account to change"
        assert (await local.get(page)).status_code == 200


async def test_another_unit_is_other_rights_at_once_and_the_sessions_of_before_end(
    open_browser, hall, provider, there_and_back, cases
):
    older, newer = open_browser(), open_browser()
    await there_and_back(older)
    assert await name_shown(older) == "Léa Vasseur"
    provider.people["lea"]["organizational_unit"] = "État civil"
    await there_and_back(newer)
    assert await name_shown(older) is None
    listed = (await newer.get("/demandes")).text
    assert {case.department for case in cases.values() if case.reference in listed} <= {"etat-civil"}
    assert Act.AGENT_CHANGED in {entry.act for entry in hall.audit.entries}


async def test_a_mapping_that_is_changed_moves_who_is_signed_in_and_one_taken_away_puts_them_out(
    open_browser, hall, provider, there_and_back, cases
):
    browser = open_browser()
    await there_and_back(browser)
    moved = OF_THE_STREETS.model_copy(update={"unit": "actes"})
    await lay(hall.staff, StaffKind.MAPPING, mapping_key(moved), moved)
    hall.clock.now += OLDEST
    listed = (await browser.get("/demandes")).text
    assert {case.department for case in cases.values() if case.reference in listed} <= {"etat-civil"}
    await lay(hall.staff, StaffKind.MAPPING, mapping_key(moved), None)
    hall.clock.now += OLDEST
    assert await name_shown(browser) is None
    assert (await there_and_back(open_browser())).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"siret": "55204944776279"},
        {"siret": None},
        {"siret": "2135000180001"},
        {"organizational_unit": "Piscine"},
        {"organizational_unit": None},
    ],
)
async def test_whom_no_mapping_is_about_is_told_whom_to_ask_and_leaves_no_trace(
    open_browser, hall, provider, there_and_back, claims
):
    provider.people["lea"] |= claims
    browser = open_browser()
    answer = await there_and_back(browser)
    assert answer.status_code == 403
    assert "Guichet ne vous est pas encore ouvert" in answer.text
    assert "le service informatique" in answer.text
    assert (claims.get("organizational_unit", "Direction de la voirie") or "non communiquée") in answer.text
    assert await provided_agents(hall.staff) == []
    assert await name_shown(browser) is None
    assert "Léa" not in "".join(each.model_dump_json() for each in hall.audit.entries)
    assert [entry.act for entry in hall.audit.entries] == [Act.SIGN_IN_REFUSED]


async def test_who_left_is_not_let_in_again_by_the_provider(open_browser, hall, provider, there_and_back):
    browser = open_browser()
    await there_and_back(browser)
    [agent] = await provided_agents(hall.staff)
    left = agent.model_copy(update={"ends": (hall.clock.now - timedelta(days=1)).date()})
    await lay(hall.staff, StaffKind.AGENT, agent.agent_id, left)
    hall.clock.now += OLDEST
    assert await name_shown(browser) is None, "an open session ends, too"
    answer = await there_and_back(open_browser())
    assert answer.status_code == 403
    assert "Votre accès à Guichet est fermé" in answer.text


async def test_whom_an_administrator_took_off_the_staff_does_not_come_back_by_signing_in(
    open_browser, hall, provider, there_and_back
):
    browser = open_browser()
    await there_and_back(browser)
    [agent] = await provided_agents(hall.staff)
    await lay(hall.staff, StaffKind.AGENT, agent.agent_id, None)
    hall.clock.now += OLDEST
    assert await name_shown(browser) is None
    assert (await there_and_back(open_browser())).status_code == 403
    assert await provided_agents(hall.staff) == []


async def test_one_factor_is_enough_only_where_the_town_says_so(open_browser, hall, provider, there_and_back):
    hall.second_factor_required = True
    hall.client = replace(hall.client, strong_required=True)
    transport = httpx.ASGITransport(hall.web())
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as browser:
        there = await browser.get("/connexion/fournisseur")
        assert '"essential": true' in asked_of(there.headers["location"])["claims"]
        for weak in ("eidas1", None, "made-up"):
            answer = await there_and_back(browser, acr=weak)
            assert answer.status_code == 403
            assert "Un second facteur est nécessaire" in answer.text
        assert await provided_agents(hall.staff) == []
        await there_and_back(browser, acr=STRONG)
        assert await name_shown(browser) == "Léa Vasseur"


async def test_a_session_counts_as_one_of_two_factors_only_if_the_provider_says_so(
    open_browser, hall, provider, there_and_back
):
    for acr, strong in (("eidas1", False), (STRONG, True)):
        browser = open_browser()
        await there_and_back(browser, acr=acr)
        session = await hall.sessions.find(session_id(KEY, browser.cookies["guichet_session"]))
        assert (session.by_provider, session.second_factor) == (True, strong)


async def test_nobody_gives_up_into_an_error(open_browser, hall, provider):
    browser = open_browser()
    there = await browser.get("/connexion/fournisseur")
    state = asked_of(there.headers["location"])["state"]
    said = {"error": "access_denied", "error_description": "<b>ignored</b>", "state": state}
    answer = await browser.get("/connexion/fournisseur/retour", params=said)
    assert answer.status_code == 403
    assert "n’a pas abouti" in answer.text
    assert "ignored" not in answer.text


async def test_a_provider_that_is_away_lets_nobody_new_in_and_puts_nobody_out(
    open_browser, hall, provider, there_and_back, sign_in
):
    browser = open_browser()
    await there_and_back(browser)
    there = await open_browser().get("/connexion/fournisseur")
    provider.is_away = True
    hall.clock.now += timedelta(hours=1)
    assert await name_shown(browser) == "Léa Vasseur"
    answer = await open_browser().get("/connexion/fournisseur")
    assert answer.status_code == 503
    assert "ProConnect ne répond pas" in answer.text
    assert there.status_code == 303
    assert await name_shown(await sign_in("karim.haddad")) == "Karim Haddad", "accounts of ours open as ever"
    provider.is_away = False
    hall.clock.now += timedelta(minutes=1)
    assert (await there_and_back(open_browser())).status_code == 200


async def test_a_provider_that_goes_away_on_the_way_back_costs_nobody_a_try(open_browser, hall, provider):
    browser = open_browser()
    there = await browser.get("/connexion/fournisseur")
    back = provider.sign_in(there.headers["location"], "lea")
    provider.is_away = True
    answer = await browser.get(back)
    assert answer.status_code == 503
    assert hall.audit.entries == []


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"{" * 9),
        httpx.Response(200, content=b"[]"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, content=b" " * (LONGEST_BODY + 1)),
        httpx.Response(302, headers={"location": "https://elsewhere.example/token"}),
        httpx.Response(500),
        httpx.Response(200, json={"id_token": 1}),
        httpx.Response(200, json={"id_token": "a.b.c", "access_token": "x", "token_type": "mac"}),
    ],
)
async def test_no_answer_of_the_provider_makes_the_desk_fail_or_follow(
    open_browser, hall, provider, there_and_back, answer
):
    provider.answers["/token"] = lambda _: answer
    refused = await there_and_back(open_browser())
    assert refused.status_code in {403, 503}
    assert await provided_agents(hall.staff) == []
    assert provider.asked[-1] == "/token"


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://elsewhere.example"},
        {"issuer": None},
        {"token_endpoint": "http://identite.example/token"},
        {"token_endpoint": "http://127.0.0.1:27017/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"userinfo_endpoint": ["https://identite.example"]},
        {"userinfo_endpoint": "https://somebody@identite.example/"},
        {"jwks_uri": "https://[::1"},
    ],
)
async def test_a_provider_that_names_a_place_that_we_do_not_go_to_is_not_gone_to(open_browser, provider, metadata):
    provider.metadata = metadata
    assert (await open_browser().get("/connexion/fournisseur")).status_code == 503


async def test_a_new_key_is_learnt_once_it_signs_and_unknown_ones_do_not_have_us_ask_each_time(
    open_browser, hall, provider, there_and_back
):
    await there_and_back(open_browser())
    provider.key = a_key("second")
    hall.clock.now += timedelta(minutes=2)
    assert (await there_and_back(open_browser())).status_code == 200
    provider.signs_with = a_key("a stranger's")
    before = provider.asked.count("/jwks")
    for _ in range(5):
        assert (await there_and_back(open_browser())).status_code == 403
    assert provider.asked.count("/jwks") == before
    hall.clock.now += timedelta(minutes=1)
    assert (await there_and_back(open_browser())).status_code == 403
    assert provider.asked.count("/jwks") == before + 1


async def test_a_key_that_was_taken_back_opens_nothing_for_long(open_browser, hall, provider, there_and_back):
    await there_and_back(open_browser())
    provider.signs_with, provider.key = provider.key, a_key("second")
    hall.clock.now += timedelta(minutes=10)
    assert (await there_and_back(open_browser())).status_code == 403


@pytest.mark.parametrize("signed", [True, False])
async def test_what_is_said_of_somebody_may_come_as_a_token_or_plain(
    open_browser, hall, provider, there_and_back, signed
):
    provider.signed_user_info = signed
    browser = open_browser()
    await there_and_back(browser)
    assert await name_shown(browser) == "Léa Vasseur"


async def test_a_provider_without_user_info_says_it_in_the_id_token(open_browser, hall, provider, there_and_back):
    provider.metadata = {"userinfo_endpoint": None}
    provider.lies = {name: provider.people["lea"][name] for name in ("siret", "organizational_unit", "usual_name")}
    browser = open_browser()
    await there_and_back(browser)
    assert await name_shown(browser) == "Vasseur"


async def test_who_tells_no_name_is_nobodys_colleague(open_browser, hall, provider, there_and_back):
    provider.people["lea"] |= {"given_name": "\u200b", "usual_name": ""}
    answer = await there_and_back(open_browser())
    assert answer.status_code == 403
    assert await provided_agents(hall.staff) == []


async def test_signing_out_leads_to_the_provider_and_ends_the_session_first(
    open_browser, hall, provider, there_and_back, fields
):
    browser = open_browser()
    await there_and_back(browser)
    token = fields(await browser.get("/demandes"))["form_token"]
    answer = await browser.post("/deconnexion", data={"form_token": token})
    assert answer.status_code == 200
    there = answer.text.split('content="0;url=')[1].split('"')[0].replace("&amp;", "&")
    asked = asked_of(there)
    assert there.startswith(f"{ISSUER}/session/end?")
    assert asked["post_logout_redirect_uri"] == "http://desk.test/connexion"
    assert asked["id_token_hint"].count(".") == 2
    assert len(asked["state"]) >= 32, "ProConnect wants it so"
    assert asked.keys() == {"id_token_hint", "post_logout_redirect_uri", "state"}, "and takes nothing else"
    assert await name_shown(browser) is None
    assert "guichet_fournisseur" not in browser.cookies


async def test_where_the_provider_is_away_signing_out_still_ends_the_session(
    open_browser, hall, provider, there_and_back, fields
):
    browser = open_browser()
    await there_and_back(browser)
    token = fields(await browser.get("/demandes"))["form_token"]
    provider.is_away = True
    hall.clock.now += timedelta(hours=1)
    assert (await browser.post("/deconnexion", data={"form_token": token})).headers["location"] == "/connexion"
    assert await name_shown(browser) is None


@pytest.mark.parametrize("names", [{"sid": "session-of-lea"}, {"sub": "sub-of-lea"}])
async def test_who_is_signed_out_there_is_signed_out_here(open_browser, hall, provider, there_and_back, names):
    browser, other = open_browser(), open_browser()
    provider.knows("paul", organizational_unit="État civil")
    await there_and_back(browser)
    await there_and_back(other, "paul")
    told = {"logout_token": provider.logout_token(**names)}
    assert (await open_browser().post("/connexion/fournisseur/fin", data=told)).status_code == 200
    assert await name_shown(browser) is None
    assert await name_shown(other) is not None
    assert hall.audit.entries[-2].act is Act.SIGNED_OUT


async def test_a_logout_that_came_before_ends_no_later_session(open_browser, hall, provider, there_and_back):
    told = {"logout_token": provider.logout_token(sub="sub-of-lea")}
    await there_and_back(open_browser())
    assert (await open_browser().post("/connexion/fournisseur/fin", data=told)).status_code == 200
    browser = open_browser()
    await there_and_back(browser)
    assert (await open_browser().post("/connexion/fournisseur/fin", data=told)).status_code == 400
    assert await name_shown(browser) == "Léa Vasseur"


@pytest.mark.parametrize(
    ("names", "ends"), [({"sid": "session-of-lea"}, "end_by_provider"), ({"sub": "sub-of-lea"}, "end_all")]
)
async def test_a_logout_that_the_store_interrupts_is_done_when_it_comes_again(
    open_browser, hall, provider, there_and_back, names, ends, monkeypatch
):
    browser, told = open_browser(), {"logout_token": provider.logout_token(**names)}
    await there_and_back(browser)

    async def away(*_):
        raise TransientError("the store is away")

    for where, what in ((hall.sessions, ends), (hall.audit, "record"), (hall.tries, "tally")):
        with monkeypatch.context() as patch:
            patch.setattr(where, what, away)
            assert (await open_browser().post("/connexion/fournisseur/fin", data=told)).status_code == 503
    assert (await open_browser().post("/connexion/fournisseur/fin", data=told)).status_code == 200
    assert await name_shown(browser) is None
    assert Act.SIGNED_OUT in {entry.act for entry in hall.audit.entries}
    assert (await open_browser().post("/connexion/fournisseur/fin", data=told)).status_code == 400


async def test_failures_from_one_address_are_bounded(open_browser, hall, provider, there_and_back):
    browser = open_browser()
    for _ in range(FAILURES.tries):
        await browser.get("/connexion/fournisseur/retour?state=made-up&code=x")
    answer = await there_and_back(browser)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert len(hall.audit.entries) < 20, "nor do they fill the trail"
    hall.clock.now += timedelta(minutes=1)
    assert (await there_and_back(browser)).status_code == 200
