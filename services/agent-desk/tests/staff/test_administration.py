"""The administration: whoever the town names changes agents, profiles, units and mappings; others find nothing there."""

import re
from datetime import timedelta

import pytest

from agent_desk.handlers.staff.staff_directory import OLDEST
from guichet.ids import AgentId
from guichet.store.agents.staff import entry_of
from guichet.store.audit.trail import Act
from guichet.town.staff.overlay import Overlay, StaffKind, merged
from guichet_testing.doors.desk_on_twins import TownHall

HELENE, KARIM = AgentId("agent-19"), AgentId("agent-12")
PAGES = ("", "/agents", "/profils", "/unites", "/correspondances", "/pourquoi", "/agents/agent-12", "/agents/nouveau")


@pytest.fixture(autouse=True)
def _somebody_administers(administered: TownHall) -> None:
    """Hélène Vasseur, as the example town says."""


@pytest.fixture
async def helene(sign_in, cases):
    return await sign_in("helene.vasseur")


async def form_of(browser, path: str) -> dict[str, list[str]]:
    """Return the fields of a page's first form after the bar, as a browser would send them."""
    page = (await browser.get(path)).text
    main = page[page.index("<main") :]
    form = re.search(r'<form action="[^"]*" method="post" class="card">(.*?)</form>', main, re.DOTALL)
    assert form, path
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form[1]):
        at = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if at.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        fields.setdefault(at["name"], []).append(at.get("value", ""))
    for name, options in re.findall(r'<select id="[^"]*" name="([^"]*)"[^>]*>(.*?)</select>', form[1], re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        fields[name] = [chosen[1]] if chosen else []
    return fields


@pytest.fixture
def save():
    async def save(browser, path: str, **typed):
        fields = await form_of(browser, path) | {name: typed[name] for name in typed}
        return await browser.post(path, data=fields)

    return save


def now(hall: TownHall):
    return merged(hall.town.staff, [entry.overlay for entry in hall.staff.entries.values()])


@pytest.mark.parametrize("path", PAGES)
async def test_to_whom_the_town_has_not_named_nothing_is_there(karim, helene, path):
    answer = await karim.get("/administration" + path)
    assert answer.status_code == 404
    assert "/administration" not in (await karim.get("/demandes")).text
    assert (await helene.get("/administration" + path)).status_code in (200, 303)


@pytest.mark.parametrize(
    "path", ["/agents/agent-12", "/agents/agent-12/retrait", "/agents/agent-12/compte", "/pourquoi"]
)
async def test_nobody_else_changes_or_asks_anything(karim, hall, path):
    token = re.search(r'name="form_token" value="([^"]*)"', (await karim.get("/demandes")).text)
    answer = await karim.post("/administration" + path, data={"form_token": token[1], "name": "Autre"})
    assert (answer.status_code, hall.staff.entries) == (404, {})


async def test_an_administrator_sees_no_case_by_that_alone(hall, sign_in, cases):
    files = hall.town.staff
    profile = files.profiles["responsable"].model_copy(update={"grants": files.profiles["contact"].grants})
    entry = entry_of(Overlay(StaffKind.PROFILE, "responsable", profile), at=hall.clock.now, by=None)
    await hall.staff.put(entry, over=None)
    browser = await sign_in("helene.vasseur")
    assert (await browser.get("/administration/agents")).status_code == 200
    page = (await browser.get("/demandes")).text
    assert not [case.reference for case in cases.values() if case.reference in page]


async def test_an_agents_departments_are_changed_and_count_for_the_router_and_the_trail(
    helene, karim, hall, save, cases
):
    answer = await save(helene, "/administration/agents/agent-12", departments=["espaces-verts"], ends="2030-01-31")
    assert answer.status_code == 303
    assert now(hall).by_id[KARIM].departments == ("espaces-verts",)
    entry = hall.audit.entries[-1]
    assert (entry.act, entry.agent, entry.thing, entry.things) == (Act.STAFF_CHANGED, HELENE, "agent", (KARIM,))
    assert entry.changed == ("departments: -voirie +espaces-verts", "ends: none > 2030-01-31")
    [right] = (await hall.rights.of([KARIM]))[KARIM]
    assert [grant.departments for grant in right.grants] == [("espaces-verts",)]
    assert (await karim.get(f"/demandes/{cases['hole'].reference}")).status_code == 404, "of this process at once"
    page = (await helene.get(answer.headers["location"])).text
    assert "Enregistré" in page
    assert "modifié ici" in page
    assert "jusqu’au 31 janvier 2030" in (await helene.get("/administration/agents")).text


async def test_the_trail_tells_no_name(helene, hall, save):
    await save(helene, "/administration/agents/agent-12", name="Karim Haddad-Roy")
    assert hall.audit.entries[-1].changed == ("name",)
    assert "Haddad-Roy" not in hall.audit.entries[-1].model_dump_json()


async def test_whose_last_day_is_over_is_signed_out(helene, karim, hall, save):
    yesterday = (hall.clock.now - timedelta(days=1)).date().isoformat()
    await save(helene, "/administration/agents/agent-12", ends=yesterday)
    assert not [each for each in hall.sessions._sessions.values() if each.agent_id == KARIM]
    assert (await karim.get("/demandes")).status_code == 303


async def test_who_is_added_gets_an_account_whose_password_is_shown_once(helene, hall, save, open_browser):
    answer = await save(
        helene, "/administration/agents/nouveau", name="Nadia Ferrand", sign_in="nadia.ferrand", departments=["voirie"]
    )
    path = answer.headers["location"].partition("?")[0]
    page = (await helene.get(path)).text
    assert "pas encore de compte" in page
    token = re.search(r'name="form_token" value="([^"]*)"', page)[1]
    shown = (await helene.post(f"{path}/compte", data={"form_token": token})).text
    password = re.search(r'<p class="card secret" translate="no">([^<]*)</p>', shown)[1]
    assert "déjà un compte" in (await helene.post(f"{path}/compte", data={"form_token": token})).text
    browser = open_browser()
    form = re.search(r'name="form_token" value="([^"]*)"', (await browser.get("/connexion")).text)[1]
    signed = await browser.post(
        "/connexion", data={"form_token": form, "name": "nadia.ferrand", "password": password, "vers": ""}
    )
    assert signed.status_code == 303
    assert (await browser.get("/demandes")).headers["location"] == "/mot-de-passe"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"departments": ["nulle-part"]}, "Le service «\xa0nulle-part\xa0» n’existe pas."),
        ({"profile": "maire"}, "Le profil «\xa0maire\xa0» n’existe pas."),
        ({"departments": []}, "cochez-en au moins un"),
        ({"name": " "}, "Ce champ est à remplir."),
        ({"sign_in": "Claire.Dumas"}, "se connecte déjà sous le nom «\xa0Claire.Dumas\xa0»"),
        ({"starts": "2026-12-02", "ends": "2026-12-01"}, "Le dernier jour précède le premier."),
        ({"starts": "demain"}, "Cette saisie ne convient pas\xa0: vérifiez-la."),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(helene, hall, save, typed, said):
    answer = await save(helene, "/administration/agents/agent-12", **{"name": "Karim H.", **typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert "<title>Erreur" in answer.text
    assert typed.get("name") or 'value="Karim H."' in answer.text
    assert hall.staff.entries == {}


async def test_nobody_takes_away_the_last_administrator(helene, hall, save):
    answer = await save(helene, "/administration/agents/agent-19", profile="agent")
    assert "Plus personne ne gérerait" in answer.text
    answer = await save(helene, "/administration/profils/responsable", administers=[])
    assert "Plus personne ne gérerait" in answer.text
    assert hall.staff.entries == {}


async def test_of_two_administrators_the_later_is_told_and_keeps_their_words(helene, hall, save):
    fields = await form_of(helene, "/administration/agents/agent-12")
    other = hall.town.agent(KARIM).model_copy(update={"departments": ("ccas",)})
    entry = entry_of(Overlay(StaffKind.AGENT, KARIM, other), at=hall.clock.now, by=None)
    await hall.staff.put(entry, over=None)
    answer = await helene.post("/administration/agents/agent-12", data=fields | {"name": "Karim H."})
    assert answer.status_code == 422
    assert "modifié entre-temps" in answer.text
    assert 'value="Karim H."' in answer.text
    assert now(hall).by_id[KARIM] == other
    version = re.search(r'name="version" value="([^"]+)"', answer.text)[1]
    again = await helene.post("/administration/agents/agent-12", data=fields | {"name": "Karim H.", "version": version})
    assert (again.status_code, now(hall).by_id[KARIM].name) == (303, "Karim H.")


async def test_what_was_changed_is_given_back_to_the_files(helene, hall, save):
    await save(helene, "/administration/agents/agent-12", departments=["ccas"])
    page = (await helene.get("/administration/agents/agent-12")).text
    token, version = (re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("form_token", "version"))
    answer = await helene.post("/administration/agents/agent-12/retour", data={"form_token": token, "version": version})
    assert answer.headers["location"] == "/administration/agents?fait=rendu"
    assert (now(hall), hall.staff.entries) == (hall.town.staff, {})
    assert hall.audit.entries[-1].act is Act.STAFF_GIVEN_BACK


async def test_a_profile_is_made_changed_and_not_taken_away_while_somebody_has_it(helene, hall, save):
    answer = await save(
        helene,
        "/administration/profils/nouveau",
        label="Lecteur",
        key="lecteur",
        **{"grants-new-add": ["oui"], "grants-new-which": "all", "grants-new-acts": ["export"]},
    )
    assert answer.status_code == 303, answer.text
    [grant] = now(hall).profiles["lecteur"].grants
    assert (grant.departments, [act.value for act in grant.acts]) == ("all", ["read", "export"])
    await save(helene, "/administration/agents/agent-12", profile="lecteur")
    page = (await helene.get("/administration/profils/lecteur")).text
    token, version = (re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("form_token", "version"))
    taken = await helene.post("/administration/profils/lecteur/retrait", data={"form_token": token, "version": version})
    assert (taken.status_code, "Encore utilisé par «\xa0Karim Haddad\xa0»" in taken.text) == (409, True)


async def test_what_the_files_do_not_know_is_marked_as_added_and_not_as_changed(helene, save):
    await save(helene, "/administration/unites/nouveau", label="Voirie", key="voies", departments=["voirie"])
    await save(helene, "/administration/unites/technique", label="Technique")
    page = (await helene.get("/administration/unites")).text
    marks = {key: page.split(f"/unites/{key}")[1].split("</tr>")[0] for key in ("voies", "technique")}
    assert ("ajouté ici" in marks["voies"], "modifié ici" in marks["technique"]) == (True, True)


async def test_a_mapping_without_any_unit_says_what_comes_first(helene, hall):
    here, first = "/administration/correspondances/nouveau", "Une correspondance mène à une unité"
    assert first not in (await helene.get(here)).text
    gone = entry_of(Overlay(StaffKind.UNIT, "technique", None), at=hall.clock.now, by=None)
    await hall.staff.put(gone, over=None)
    assert first in (await helene.get(here)).text


async def test_what_a_mapping_names_stays_and_the_mapping_is_told_by_its_claims(helene, hall, save):
    claims = {"siret": "21350001800017", "organizational_unit": "DSI"}
    await save(helene, "/administration/correspondances/nouveau", **claims, unit="technique", profile="agent")
    page = (await helene.get("/administration/unites/technique")).text
    token, version = (re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("form_token", "version"))
    taken = await helene.post(
        "/administration/unites/technique/retrait", data={"form_token": token, "version": version}
    )
    assert (taken.status_code, "Encore utilisé par «\xa021350001800017 · DSI\xa0»" in taken.text) == (409, True)


async def test_a_new_profile_is_asked_for_its_first_access_at_once(helene):
    page = (await helene.get("/administration/profils/nouveau")).text
    assert '<input type="hidden" name="grants-new-add" value="oui">' in page
    assert "Ajouter l’accès qui suit" not in page
    assert "Ajouter l’accès qui suit" in (await helene.get("/administration/profils/agent")).text


async def test_a_profile_without_a_line_or_with_no_department_is_refused(helene, save):
    answer = await save(helene, "/administration/profils/nouveau", label="Vide", key="vide", **{"grants-new-add": []})
    assert "Ce champ est à remplir." in answer.text
    answer = await save(
        helene,
        "/administration/profils/nouveau",
        label="Vide",
        key="vide",
        **{"grants-new-add": ["oui"], "grants-new-which": "listed"},
    )
    assert (answer.status_code, 'href="#grants-0-departments"' in answer.text) == (422, True)


async def test_a_unit_and_a_mapping_are_made_and_a_mappings_claims_are_its_key(helene, hall, save):
    await save(helene, "/administration/unites/nouveau", label="Voirie", key="voies", departments=["voirie"])
    made = await save(
        helene, "/administration/correspondances/nouveau", siret="219 900 015 00019", unit="voies", profile="agent"
    )
    assert made.status_code == 303, made.text
    path = made.headers["location"].partition("?")[0]
    moved = await save(helene, path, organizational_unit="DST")
    assert moved.status_code == 303
    [mapping] = now(hall).mappings
    assert (mapping.siret, mapping.organizational_unit) == ("21990001500019", "DST")
    refused = await save(helene, "/administration/correspondances/nouveau", siret="12", unit="technique")
    assert (refused.status_code, 'value="12"' in refused.text) == (422, True)


async def test_a_key_is_new_and_well_formed(helene, save):
    for key, said in (("Mon profil", "ne convient pas"), ("agent", "Cela existe déjà")):
        answer = await save(
            helene, "/administration/profils/nouveau", label="X", key=key, **{"grants-new-add": ["oui"]}
        )
        assert (answer.status_code, said in answer.text, f'value="{key}"' in answer.text) == (422, True, True)


async def ask(browser, agent: str, reference: str) -> str:
    page = (await browser.get("/administration/pourquoi")).text
    token = re.search(r'name="form_token" value="([^"]*)"', page)[1]
    answer = await browser.post(
        "/administration/pourquoi", data={"form_token": token, "agent": agent, "reference": reference}
    )
    said = re.search(r'<div class="notice" role="status">(.*?)</div>', answer.text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", "", said[1]).split())


async def test_what_an_agent_sees_of_a_case_and_why_is_said_in_a_sentence(helene, hall, cases):
    hole = cases["hole"]
    assert await ask(helene, "agent-12", hole.reference) == (
        "Karim Haddad voit cette demande en entier : profil Agent, ses services (Voirie et éclairage public)."
    )
    assert await ask(helene, "agent-11", hole.reference) == (
        "Claire Dumas voit cette demande en synthèse : "
        "profil Centre de contact, tous les services hors secteurs sensibles, après avoir reconnu l’appelant."
    )
    assert await ask(helene, "agent-14", hole.reference) == (
        "Paul Mercier ne la voit pas : aucun de ses profils ne montre le service Voirie et éclairage public."
    )
    entry = hall.audit.entries[-1]
    assert (entry.act, entry.agent, entry.things) == (Act.EXPLAINED, HELENE, ("agent-14", hole.case_id))


@pytest.mark.parametrize("agent", ["agent-12", "agent-17"])  # who does not see it, and who does
async def test_of_a_case_that_is_not_the_askers_nothing_is_said_not_even_that_it_exists(helene, hall, cases, agent):
    aid = await hall.open_case("aid", "ccas", subject="Aide")
    absent = await ask(helene, agent, "2026-ZZZZ-ZZZ")
    noted = hall.audit.entries[-1].things
    assert await ask(helene, agent, aid.reference) == absent
    assert absent.startswith("Vous ne voyez aucune demande de cette référence")
    assert hall.audit.entries[-1].things == noted == (agent,)


async def test_whose_profile_changed_elsewhere_administers_no_longer_within_a_minute(helene, hall):
    lea = hall.town.agent(KARIM).model_copy(update={"profile": "responsable"})
    gone = hall.town.agent(HELENE).model_copy(update={"profile": "agent"})
    for agent in (lea, gone):
        entry = entry_of(Overlay(StaffKind.AGENT, agent.agent_id, agent), at=hall.clock.now, by=None)
        await hall.staff.put(entry, over=None)
    hall.clock.now += OLDEST
    assert (await helene.get("/administration/agents")).status_code == 404


async def test_an_agents_address_is_their_own_and_the_audit_trail_does_not_say_it(helene, hall, save):
    refused = await save(helene, "/administration/agents/agent-12", work_email=["Contact@mairie.example"])
    assert "est une boîte de la collectivité" in refused.text
    assert 'value="contact@mairie.example"' in refused.text.lower(), "what was typed is still there"
    assert now(hall).by_id[KARIM].work_email == "karim.haddad@mairie.example"
    await save(helene, "/administration/agents/agent-12", work_email=["k.haddad@mairie.example"])
    assert now(hall).by_id[KARIM].work_email == "k.haddad@mairie.example"
    [changed] = [each for each in hall.audit.entries if each.act is Act.STAFF_CHANGED]
    assert changed.changed == ("work_email",)
