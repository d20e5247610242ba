"""Suspended mail at the desk: what waits, one mail, its files. Seen is what a page has shown, and it is noted first."""

from datetime import timedelta

import pytest

from agent_desk.domain.list_pages import ROWS
from agent_desk.domain.suspended.suspended_query import SuspendedQuery, read_suspended_query
from guichet.contracts.inbound import DateSource
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import AgentId, EventId
from guichet.store.audit.trail import Act
from guichet.store.messages.suspended import COUNTED_UP_TO, SPAM_KEPT_FOR, SuspensionDecision
from guichet.web.local_time import short_date
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.tampered import tampered
from guichet_testing.doors.suspended_morning import a_mail

HERE = "/courriels-suspendus"
HELENE = AgentId("agent-19")


def acts(hall, act: Act):
    return [each for each in hall.audit.entries if each.act is act and each.thing == "suspended-mail"]


async def test_an_agent_with_the_right_sees_what_waits_in_their_departments_newest_first(helene, mails):
    page = (await helene.get(HERE)).text
    assert page.index("URGENT !") < page.index("Copie de mon acte de naissance")
    for shown in ("Jeanne Moreau", "jeanne.moreau@courriel.example", "contact@mairie.example", "2 pièces jointes"):
        assert shown in page, shown
    assert "auteur désavoué par son domaine" in page
    assert "merci de m’envoyer une copie" in page, "how it begins, which tells a letter from a lure"
    for hidden in ("Aide au logement", "paul.girard", "ccas@"):
        assert hidden not in page, hidden


async def test_oldest_first_by_choice(helene, mails):
    page = (await helene.get(f"{HERE}?ordre=anciens")).text
    assert page.index("Copie de mon acte de naissance") < page.index("URGENT !")


async def test_another_sectors_agent_sees_that_sectors(fatou, mails):
    page = (await fatou.get(HERE)).text
    assert "Aide au logement" in page
    assert "URGENT" not in page


async def test_each_one_can_be_read_beside_the_act_that_takes_one_click(helene, mails):
    for language, read in (("fr", "Lire"), ("en", "Read")):
        page = (await helene.get(f"{HERE}?langue={language}")).text
        for mail in (mails.letter, mails.lure):
            act = page.partition(f'id="m-{mail}"')[2].partition('class="act"')[2].partition("</td>")[0]
            assert f'href="{HERE}/{mail}"' in act
            assert f">{read}</a>" in act
            assert f"{mail}/indesirable" in act


async def test_one_that_came_later_than_it_was_received_has_both_dates(helene, hall, mails):
    assert "arrivé le" not in (await helene.get(HERE)).text
    stored = hall.messages.messages[mails.letter]
    dates = {"received_at": ARRIVED - timedelta(days=9), "dated_by": DateSource.RELAY}
    hall.messages.messages[mails.letter] = stored.model_copy(update=dates)
    came = f'<time datetime="{stored.at:%Y-%m-%dT%H:%MZ}"'
    for address in (HERE, f"{HERE}/{mails.letter}"):
        assert f"arrivé le {came}" in (await helene.get(address)).text
    assert f"arrived on {came}" in (await helene.get(f"{HERE}?langue=en")).text


async def test_it_is_in_english_too(helene, mails):
    page = (await helene.get(f"{HERE}?langue=en")).text
    assert "Suspended mail" in page
    assert "received, and their deadlines run" in page


async def test_a_list_is_noted_before_it_is_shown_and_what_it_shows_is_seen(helene, hall, mails):
    assert (await helene.get(HERE)).text.count(">nouveau<") == 2
    assert [each.things for each in acts(hall, Act.LISTED)] == [(mails.lure, mails.letter)]
    assert set(hall.unseen.unseen) == {mails.social}
    assert ">nouveau<" not in (await helene.get(HERE)).text


async def test_where_it_cannot_be_noted_nothing_is_shown_and_nothing_is_seen(helene, hall, mails):
    hall.audit.away = True
    for address in (HERE, f"{HERE}/{mails.letter}"):
        answer = await helene.get(address)
        assert answer.status_code == 503
        assert "acte de naissance" not in answer.text
    assert len(hall.unseen.unseen) == 3


async def test_only_what_a_page_shows_is_seen(helene, hall, mails):
    for number in range(ROWS):
        await hall.suspend(f"junk-{number}", a_mail("junk@spam.example", f"Offre {number}", "…"), minutes=100 + number)
    first = (await helene.get(HERE)).text
    assert "Page suivante" in first
    assert {mails.letter, mails.lure} <= set(hall.unseen.unseen)
    second = (await helene.get(f"{HERE}?page=2")).text
    assert "acte de naissance" in second
    assert set(hall.unseen.unseen) == {mails.social}


async def test_one_mail_is_opened_with_its_words_as_text_and_its_files_marked(helene, hall, mails):
    page = (await helene.get(f"{HERE}/{mails.letter}")).text
    assert "merci de m’envoyer une copie de mon acte de naissance." in page
    assert f'href="{HERE}/{mails.letter}/fichiers/1">livret-de-famille.pdf' in page
    assert "type dangereux" in page
    assert "ne suivez pas ses liens" in page
    assert [each.things for each in acts(hall, Act.READ)] == [(mails.letter,)]
    assert mails.letter not in hall.unseen.unseen


async def test_what_it_says_is_never_part_of_the_page(helene, hall):
    evil = a_mail("a@spam.example", "<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "<b>Nom</b>")
    message = await hall.suspend("evil", evil, files={"<i>.pdf": b"%PDF"})
    for address in (HERE, f"{HERE}/{message}"):
        page = (await helene.get(address)).text
        assert "&lt;script&gt;alert(1)" in page
        for raw in ("<script>alert", "<img src=x", "<b>Nom", "<i>.pdf"):
            assert raw not in page, raw


async def test_a_file_is_handed_out_as_everywhere_and_noted(helene, hall, mails):
    file = await helene.get(f"{HERE}/{mails.letter}/fichiers/1")
    assert (file.status_code, file.content) == (200, b"%PDF-1.7 invented")
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.headers["content-security-policy"] == "sandbox; default-src 'none'"
    page = await helene.get(f"{HERE}/{mails.letter}/fichiers/2")
    assert page.headers["content-type"] == "application/octet-stream", "a page is bytes"
    attachment = hall.messages.messages[mails.letter].attachments[0].attachment_id
    assert (mails.letter, attachment) in [each.things for each in acts(hall, Act.READ)]
    for number in ("0", "3", "-1", "x"):
        assert (await helene.get(f"{HERE}/{mails.letter}/fichiers/{number}")).status_code == 404


async def test_without_a_sender_a_subject_or_words_it_can_still_be_decided_on(helene, hall):
    message = await hall.suspend("bare", InboundContent(sender=(), text=""))
    for address in (HERE, f"{HERE}/{message}"):
        page = (await helene.get(address)).text
        assert "Expéditeur inconnu" in page
        assert "Sans objet" in page


async def test_an_erased_one_says_so(helene, hall, mails):
    await hall.vault.destroy_keys([hall.messages.messages[mails.letter].content.key_id])
    assert "Contenu effacé" in (await helene.get(HERE)).text
    assert "Contenu effacé" in (await helene.get(f"{HERE}/{mails.letter}")).text
    assert (await helene.get(f"{HERE}/{mails.letter}/fichiers/1")).status_code == 404


async def test_one_that_was_tampered_with_says_so_beside_the_others(helene, hall, mails):
    stored = hall.messages.messages[mails.letter]
    hall.messages.messages[mails.letter] = stored.model_copy(update={"content": tampered(stored.content)})
    page = (await helene.get(HERE)).text
    assert "elle a été altérée" in page
    assert "URGENT !" in page
    assert "elle a été altérée" in (await helene.get(f"{HERE}/{mails.letter}")).text


@pytest.mark.parametrize("released", [True, False])
async def test_once_released_its_words_are_the_cases_and_no_longer_here(helene, hall, mails, cases, released):
    case = cases["hole"]
    decision = SuspensionDecision(
        ARRIVED, AgentId("agent-17") if released else None, EventId("click") if released else None
    )
    await hall.suspended.release({mails.letter: decision})
    stored = hall.messages.messages[mails.letter]
    hall.messages.messages[mails.letter] = stored.model_copy(update={"filed": case.case_id})
    page = (await helene.get(f"{HERE}/{mails.letter}")).text
    assert f"/demandes/{case.reference}" in page
    assert ("Fatou Diallo l’a libéré" if released else "classé sans attendre") in page
    for words in ("acte de naissance", "Jeanne", "livret"):
        assert words not in page, words
    assert (await helene.get(f"{HERE}/{mails.letter}/fichiers/1")).status_code == 404
    assert "acte de naissance" not in (await helene.get(HERE)).text


async def test_a_case_of_another_sector_is_not_named_there(helene, hall, mails, cases):
    await hall.suspended.release({mails.letter: SuspensionDecision(ARRIVED, AgentId("agent-17"), EventId("click"))})
    stored = hall.messages.messages[mails.letter]
    hall.messages.messages[mails.letter] = stored.model_copy(update={"filed": cases["social"].case_id})
    page = (await helene.get(f"{HERE}/{mails.letter}")).text
    assert cases["social"].reference not in page
    assert "Ouvrir la demande" not in page


async def test_confirmed_spam_has_a_list_of_its_own_with_the_day_of_its_end(helene, hall, mails):
    await hall.suspended.confirm_spam(mails.lure, SuspensionDecision(ARRIVED, HELENE, EventId("click")))
    assert "URGENT" not in (await helene.get(HERE)).text
    spam = (await helene.get(f"{HERE}?etat=indesirables")).text
    assert "URGENT" in spam
    assert short_date(ARRIVED + SPAM_KEPT_FOR) in spam
    page = (await helene.get(f"{HERE}/{mails.lure}")).text
    assert "Hélène Vasseur l’a confirmé comme indésirable" in page
    assert "/liberation" in page
    assert "/indesirable" not in page


# --- the bar


async def test_the_bar_of_each_page_tells_how_many_wait_to_who_may_look(helene, fatou, claire, cases):
    for address in ("/demandes", HERE, f"/demandes/{cases['hole'].reference}", "/mot-de-passe"):
        bar = (await helene.get(address)).text.split("</header>")[0]
        assert ('<span class="badge">2<' in bar) is (address != "/mot-de-passe"), address
    assert '<span class="badge">1<' in (await fatou.get("/demandes")).text
    assert "courriels-suspendus" not in (await claire.get("/demandes")).text


async def test_it_counts_no_further_than_it_says_and_says_nothing_of_none(helene, hall, mails):
    for number in range(COUNTED_UP_TO):
        await hall.suspend(f"junk-{number}", a_mail("junk@spam.example", "Offre", "…"))
    assert f"{COUNTED_UP_TO - 1}+" in (await helene.get("/demandes")).text
    hall.messages.messages.clear()
    page = (await helene.get("/demandes")).text
    assert "Courriels suspendus" in page
    assert "badge" not in page
    assert "Aucun courriel à examiner" in (await helene.get(HERE)).text


# --- a case says that its message was held back


async def test_a_cases_page_says_what_the_filter_thought_and_who_released_it(helene, hall, mails, cases):
    hole = cases["hole"]
    stored = hall.messages.messages[hole.opened_by]
    held = hall.messages.messages[mails.letter].suspended
    for by, words in ((None, "L’antipourriel de la mairie le suspecte"), (HELENE, "puis libéré par Hélène Vasseur")):
        suspended = held.model_copy(update={"state": "released", "decided_by": by, "decided_at": ARRIVED})
        hall.messages.messages[hole.opened_by] = stored.model_copy(update={"suspended": suspended})
        assert words in (await helene.get(f"/demandes/{hole.reference}")).text


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ({}, SuspendedQuery()),
        (
            {"etat": "indesirables", "ordre": "anciens", "page": "3"},
            SuspendedQuery(spam=True, oldest_first=True, page=3),
        ),
        ({"etat": "tout", "ordre": "x", "page": "-1"}, SuspendedQuery()),
        ({"page": "99999999999"}, SuspendedQuery(page=10_000)),
        ({"page": "٣"}, SuspendedQuery()),
    ],
)
def test_what_an_address_does_not_say_well_is_left_out(words, query):
    assert read_suspended_query(words) == query


def test_an_address_says_what_it_is_of():
    assert SuspendedQuery().address() == HERE
    assert SuspendedQuery(spam=True, page=2).address(page=3) == f"{HERE}?etat=indesirables&page=3"
    assert SuspendedQuery(spam=True, page=2).address(spam=False) == HERE
