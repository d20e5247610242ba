"""The follow page: to whoever holds the link, the reference, the date, the generic state and the answers; nothing else."""

import re
from datetime import date, timedelta

import pytest

from guichet.contracts.topics import CITIZEN_COMMANDS
from guichet.privacy.follow_link import new_follow_link, read_follow_link
from guichet.store.follow_views.document import GenericState, Hidden, ShownFile, ShownSilence, ShownStep, ShownTransfer
from guichet.store.objects import attachment
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.tampered import altered, is_alarmed


async def test_the_link_shows_reference_date_state_and_answers(browser, counter):
    token = await counter.follow_case("Bonjour, c’est réparé.", "Bonne journée.", state=GenericState.IN_PROGRESS)
    page = await browser.get(f"/suivi/{token}")
    assert page.status_code == 200
    for words in ("2026-7F3K-", "24 novembre 2026", "En cours", "Bonjour, c’est réparé.", "Bonne journée."):
        assert words in page.text
    assert page.text.index("Bonjour, c’est") < page.text.index("Bonne journée")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (GenericState.RECEIVED, "Pas encore de réponse. Elle vous sera aussi envoyée."),
        (GenericState.CLOSED, "Aucune réponse ne figure sur cette page."),
    ],
)
async def test_of_a_case_without_an_answer_one_is_promised_until_it_is_closed(browser, counter, state, said):
    page = (await browser.get(f"/suivi/{await counter.follow_case(state=state)}")).text
    assert re.findall(r"<p>((?:Pas encore|Aucune).*?)(?: <a|</p>)", page) == [said]


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "réputée rejetée depuis le 24 janvier 2027"), ("en", "counted as rejected since")],
)
async def test_a_rejection_by_silence_says_where_one_appeals_in_the_reader_s_language(browser, counter, language, said):
    remedies = {"fr": "Deux mois pour saisir le tribunal.", "en": "Two months to apply to the court."}
    silence = ShownSilence(means="rejects", on=date(2027, 1, 24), remedies=remedies)
    page = (await browser.get(f"/suivi/{await counter.follow_case(silence=silence)}?langue={language}")).text
    assert said in page
    assert remedies[language] in page


async def test_an_acceptance_by_silence_says_that_one_may_ask_for_a_certificate(browser, counter):
    silence = ShownSilence(means="accepts", on=date(2027, 1, 24))
    page = (await browser.get(f"/suivi/{await counter.follow_case(silence=silence)}")).text
    assert "acceptée depuis le" in page
    assert "L232-3" in page


async def test_nothing_that_leads_to_the_case_shows(browser, counter):
    token = await counter.follow_case("Réponse.")
    [view] = counter.views.views.values()
    page = (await browser.get(f"/suivi/{token}")).text
    assert [word for word in (view.case_id, view.lookup, token) if word in page] == []


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (GenericState.RECEIVED, "Reçue"),
        (GenericState.IN_PROGRESS, "En cours"),
        (GenericState.WAITING_FOR_CITIZEN, "En attente de votre réponse"),
        (GenericState.CLOSED, "Close"),
    ],
)
async def test_every_state_has_a_generic_name(browser, counter, state, name):
    page = (await browser.get(f"/suivi/{await counter.follow_case('x', state=state)}")).text
    assert f">{name}</dd>" in page


@pytest.mark.parametrize("token", ["x", "0" * 32, "N" * 32, "é", "a%2Fb", "a" * 5000])
async def test_an_unknown_token_is_a_page_that_does_not_exist(browser, counter, token):
    await counter.follow_case("Réponse.")
    page = await browser.get(f"/suivi/{token}")
    nothing = await browser.get("/nulle-part")
    assert (page.status_code, page.text) == (404, nothing.text)
    assert page.headers.raw == nothing.headers.raw


async def test_the_link_of_a_case_under_erasure_is_a_page_that_does_not_exist(browser, counter):
    token = await counter.follow_case("Réponse.", erasing=True)
    page, nothing = await browser.get(f"/suivi/{token}"), await browser.get("/nulle-part")
    assert (page.status_code, page.text) == (404, nothing.text)


async def test_what_is_stored_is_not_the_token(browser, counter):
    await counter.follow_case("Réponse.")
    (stored,) = counter.views.views
    assert (await browser.get(f"/suivi/{stored}")).status_code == 404


async def test_the_page_leaves_no_trace(browser, counter, caplog):
    token = await counter.follow_case("Réponse.")
    headers = (await browser.get(f"/suivi/{token}")).headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    counter.views.away = True
    assert (await browser.get(f"/suivi/{token}")).status_code == 503
    assert token not in "".join(record.getMessage() for record in caplog.records if record.name != "httpx")


async def test_an_erased_answer_leaves_the_page_standing(browser, counter):
    page = await browser.get(f"/suivi/{await counter.follow_case(Hidden.ERASED)}")
    assert "Contenu effacé." in page.text


async def test_of_a_sensitive_answer_the_page_says_where_it_went(browser, counter):
    page = await browser.get(f"/suivi/{await counter.follow_case(Hidden.SENSITIVE)}")
    assert "elle vous a été envoyée là où vous avez écrit à la mairie" in page.text
    assert "Contenu effacé." not in page.text


async def test_an_answer_is_text_and_nothing_else(browser, counter):
    page = await browser.get(f"/suivi/{await counter.follow_case('<script>alert(1)</script>')}")
    assert "<script" not in page.text


async def test_a_link_ends_kindly_and_shows_nothing_any_more(browser, counter):
    token = await counter.follow_case("Réponse.", expires_at=counter.clock() + timedelta(days=90))
    assert "Réponse." in (await browser.get(f"/suivi/{token}")).text
    counter.clock.now += timedelta(days=90)
    page = await browser.get(f"/suivi/{token}")
    assert page.status_code == 410
    assert "Ce lien n’est plus actif" in page.text
    assert "Réponse." not in page.text
    assert "2026-7F3K" not in page.text
    await counter.views.end(counter.clock())
    emptied = await browser.get(f"/suivi/{token}")
    assert "Ce lien n’est plus actif" in emptied.text
    assert token not in emptied.text


async def ask(browser, token: str, page):
    mark = page.text.split('name="mark" value="')[1].split('"')[0]
    return await browser.post(f"/suivi/{token}", files={"mark": (None, mark)})


async def test_whoever_holds_an_ended_link_asks_for_another_once(browser, counter):
    token = await counter.follow_case("Réponse.", expires_at=counter.clock())
    page = await browser.get(f"/suivi/{token}")
    for _ in range(2):
        answer = await ask(browser, token, page)
        assert answer.status_code == 200
        assert "Nouveau lien demandé" in answer.text
    first, second = counter.publisher.on(CITIZEN_COMMANDS)
    link = read_follow_link(token)
    assert first.event_id == second.event_id, "a double click is one command"
    assert link.proves(first.event_id, first.proof)
    assert token not in first.model_dump_json()


async def test_who_asks_again_and_again_gives_one_command(browser, counter):
    """Else what comes after the first would prove nothing any more: dead letters, at whose ceiling the router stops."""
    token = await counter.follow_case("Réponse.", expires_at=counter.clock())
    for _ in range(5):
        await ask(browser, token, await browser.get(f"/suivi/{token}"))  # each time with another page's mark
    assert len({command.event_id for command in counter.publisher.on(CITIZEN_COMMANDS)}) == 1


async def test_of_a_living_or_unknown_link_nothing_is_asked_and_the_page_is_the_same(browser, counter):
    ended = await counter.follow_case("a", expires_at=counter.clock())
    living, page = await counter.follow_case("b"), await browser.get(f"/suivi/{ended}")
    texts = {(await ask(browser, token, page)).text for token in (living, new_follow_link().token, "x", ended)}
    assert len(texts) == 1
    assert len(counter.publisher.on(CITIZEN_COMMANDS)) == 1


async def test_a_forged_form_asks_for_nothing(browser, counter):
    token = await counter.follow_case("a", expires_at=counter.clock())
    answer = await browser.post(f"/suivi/{token}", files={"mark": (None, "1.2.3")})
    assert answer.status_code == 303
    assert counter.publisher.on(CITIZEN_COMMANDS) == []


async def test_one_address_does_not_ask_for_many(browser, counter):
    token = await counter.follow_case("a", expires_at=counter.clock())
    page = await browser.get(f"/suivi/{token}")
    answers = [(await ask(browser, token, page)).status_code for _ in range(25)]
    assert answers.count(429) == 5


async def test_of_a_withdrawn_link_nothing_is_there_but_the_way_to_another(browser, counter):
    token = await counter.follow_case("Bonjour, c’est réparé.")
    [view] = counter.views.views.values()
    await counter.views.withdraw([view.case_id])
    page = await browser.get(f"/suivi/{token}")
    assert page.status_code == 404
    assert "Bonjour" not in page.text
    assert "2026-7F3K" not in page.text
    assert "Nouveau lien demandé" in (await ask(browser, token, page)).text
    [asked] = counter.publisher.on(CITIZEN_COMMANDS)
    assert asked.case_id == view.case_id


async def test_a_tampered_page_says_so_and_is_no_error_of_the_portals(browser, counter):
    token = await counter.follow_case("Bonjour, c’est réparé.")
    [(name, view)] = counter.views.views.items()
    counter.views.views[name] = view.model_copy(update={"box": altered(view.box)})
    browser._transport.raise_app_exceptions = False
    page = await browser.get(f"/suivi/{token}")
    assert page.status_code == 409, "an altered page is no error of the portal's: it says what happened"
    assert "Cette page ne peut pas être affichée\xa0: elle a été altérée." in page.text
    assert is_alarmed("follow-view")


async def test_a_tampered_answer_costs_the_page_that_answer_only(browser, counter):
    token = await counter.follow_case("Bonne journée.", Hidden.TAMPERED)
    page = await browser.get(f"/suivi/{token}")
    assert "Bonne journée." in page.text
    assert "Cette partie ne peut pas être affichée\xa0: elle a été altérée." in page.text


async def a_file(counter, content: bytes = b"<script>", content_type: str = "text/html") -> ShownFile:
    """Seal a file of an answer where the desk would, and return what a page says of it."""
    [key] = await counter.vault.new_keys(1)
    counter.objects.objects["a-file"] = attachment("a-file").seal(key, "answer", content).box
    return ShownFile(
        attachment_id="a-file",
        message_id="answer",
        name="arrêté.pdf",
        content_type=content_type,
        size_bytes=len(content),
        key_id=key.key_id,
        secret=key.secret,
    )


async def test_whoever_holds_the_link_gets_the_files_of_its_answers_and_runs_nothing_of_them(browser, counter):
    token = await counter.follow_case("Voici l’arrêté.", files=(await a_file(counter),))
    page = await browser.get(f"/suivi/{token}")
    assert f'href="/suivi/{token}/fichiers/a-file" download>arrêté.pdf</a>' in page.text
    got = await browser.get(f"/suivi/{token}/fichiers/a-file")
    assert (got.content, got.headers["content-type"]) == (b"<script>", "application/octet-stream")
    assert got.headers["content-disposition"].startswith("attachment")
    assert got.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert [each.act for each in counter.audit.entries] == ["followed", "followed"]


async def test_no_other_file_is_given_nor_one_of_an_ended_link_or_erased(browser, counter):
    file = await a_file(counter)
    counter.objects.objects["another"] = b"box"
    token = await counter.follow_case("Voici l’arrêté.", files=(file,))
    for other in ("another", "claim", "..%2Fa-file"):
        assert (await browser.get(f"/suivi/{token}/fichiers/{other}")).status_code == 404
    ended = await counter.follow_case("Fini.", files=(file,), expires_at=ARRIVED)
    assert (await browser.get(f"/suivi/{ended}/fichiers/a-file")).status_code == 410
    assert (await browser.get(f"/suivi/{'N' * 32}/fichiers/a-file")).status_code == 404
    del counter.objects.objects["a-file"]
    assert (await browser.get(f"/suivi/{token}/fichiers/a-file")).status_code == 404


async def test_of_a_hidden_answer_no_file_is_named(browser, counter):
    token = await counter.follow_case(Hidden.SENSITIVE, files=(await a_file(counter),))
    assert "fichiers" not in (await browser.get(f"/suivi/{token}")).text


async def test_who_answers_instead_of_the_town_is_said_and_nothing_of_ours_promised(browser, counter):
    passed_on = ShownTransfer(on=date(2026, 12, 1), to="Préfecture de l’Ain", email="contact@prefecture.example")
    page = (await browser.get(f"/suivi/{await counter.follow_case(transferred=passed_on)}")).text
    assert "transmise le 1er décembre 2026" in page
    assert "C’est elle qui vous répondra." in page
    assert "<strong>Préfecture de l’Ain</strong>" in page
    assert 'href="mailto:contact@prefecture.example"' in page
    assert "Elle vous sera aussi envoyée" not in page


async def test_an_authority_that_is_not_to_be_named_is_not(browser, counter):
    page = (
        await browser.get(f"/suivi/{await counter.follow_case(transferred=ShownTransfer(on=date(2026, 12, 1)))}")
    ).text
    assert "Par discrétion, son nom n’est pas affiché ici." in page


STEPS = (
    ShownStep(label={"fr": "Dossier vérifié", "en": "File checked"}, state="done"),
    ShownStep(
        label={"fr": "Pose des panneaux", "en": "Signs put up"},
        state="current",
        yours=({"fr": "Poser les panneaux", "en": "Put up the signs"},),
    ),
    ShownStep(label={"fr": "Affichage contrôlé", "en": "Signs checked"}, state="ahead"),
)


async def test_the_steps_say_what_is_done_what_is_on_and_what_is_theirs_to_do(browser, counter):
    page = (await browser.get(f"/suivi/{await counter.follow_case(steps=STEPS)}")).text
    said = [*re.findall(r"<li( aria-current=\"step\")?>(.+?) <span class=\"hint\">—\s+(.+?)</span>", page)]
    assert [(bool(now), label, state) for now, label, state in said] == [
        (False, "Dossier vérifié", "fait"),
        (True, "Pose des panneaux", "en cours"),
        (False, "Affichage contrôlé", "à venir"),
    ]
    assert "<li>Poser les panneaux</li>" in page


async def test_without_steps_nothing_is_said_of_any(browser, counter):
    assert "Étapes" not in (await browser.get(f"/suivi/{await counter.follow_case()}")).text
