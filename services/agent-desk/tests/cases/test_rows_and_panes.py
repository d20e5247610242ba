"""What a row shows of the newest message, and the list that stands beside a case where there is room."""

import time

import pytest

from agent_desk.domain.cases.latest import LINE, Latest, latest_of, one_line
from agent_desk.domain.decisions.decision import outbound_of
from guichet.case.newest import Said
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import AgentId, EventId
from guichet.store.messages.document import OutboundContent
from guichet_testing.builders.case import a_case
from guichet_testing.doors.filled_hall import mail


def row_of(page: str, reference: str) -> str:
    return page.split(f'id="r-{reference}"')[1].split("</tr>", maxsplit=1)[0]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Bonjour,\n\nla benne   est là.", "Bonjour, la benne est là."),
        ("D’accord.\n> Bonjour,\n>> merci", "D’accord."),
        ("", ""),
        ("> cité", ""),
        ("Merci !\n\nLe lun. 2 mars 2026 à 10:04, Mairie\n<contact@mairie.example> a écrit :\n\n> Bonjour,", "Merci !"),
        ("Toujours rien.\n\n-----Message d'origine-----\nDe : Mairie\nObjet : Re: trou\n\nBonjour", "Toujours rien."),
        ("Le 2 mars 2026 à 10:04, Mairie a écrit :\n> Est-ce fait ?\n\nOui, merci.", "Oui, merci."),
        ("Le maire a écrit :\nvenez nombreux", "Le maire a écrit : venez nombreux"),
    ],
)
def test_a_line_is_what_somebody_wrote_themselves(text: str, line: str):
    assert one_line(text) == line


@pytest.mark.parametrize("blank", ["\n" * 1990, " \n" * 990], ids=["empty", "of a space"])
def test_no_text_makes_a_list_wait(blank: str):
    began = time.thread_time()
    assert {one_line(f"Bonjour\n{blank}x") for _ in range(100)} == {"Bonjour x"}
    assert time.thread_time() - began < 1, "blank lines take time by the square of how many there are"


def test_a_long_text_is_cut_between_words():
    assert one_line("mot " * 100) == ("mot " * (LINE // 4)).strip() + "…"


async def test_a_row_shows_what_was_written_last(karim, hall, cases):
    hole, by_karim = cases["hole"], Said(id="a-command", by=AgentId("agent-12"))
    hall.cases.put(hole.model_copy(update={"newest": (*hole.newest, by_karim)}))
    assert "Un trou d’au moins" in row_of((await karim.get("/demandes")).text, hole.reference), "he wrote nothing"


def test_an_agents_answer_says_whose_it_is():
    answered = a_case(newest=(Said(id="asked"), Said(id="a-command", by=AgentId("agent-12"))))
    words = {
        answered.last_inbound: InboundContent(sender=(), text="Quand ?"),
        outbound_of(EventId("a-command")): OutboundContent(text="Demain."),
    }
    assert latest_of(answered, words) == Latest("Demain.", AgentId("agent-12"))
    assert latest_of(answered, {answered.last_inbound: words[answered.last_inbound]}) == Latest("Quand ?")
    assert latest_of(answered, {}) is None


@pytest.mark.parametrize(
    ("text", "subject", "line"),
    [
        ("/nouvelle Un nid-de-poule devant la poste", "Un nid-de-poule devant la poste", ""),
        ("Un nid-de-poule devant la poste, au 3.", "Un nid-de-poule devant…", "la poste, au 3."),
        ("Bonjour, il est grand.", "Nid-de-poule", "Bonjour, il est grand."),
    ],
)
def test_what_a_row_is_called_by_is_not_said_twice(text: str, subject: str, line: str):
    case = a_case()
    words = {case.opened_by: InboundContent(sender=(), text=text)}
    assert latest_of(case, words, subject, ["/nouvelle"]) == Latest(line)


async def test_who_only_reads_is_offered_no_list_of_work(sign_in, cases):
    """An elected member answers nothing: « À répondre 0 » told them nothing."""
    for agent, works in (("yves.kermarrec", False), ("karim.haddad", True)):
        desk = await sign_in(agent)
        page, live = (await desk.get("/demandes")).text, (await desk.get("/demandes/liste")).text
        filters = page.partition('<nav class="filters"')[2].partition("</nav>")[0]
        assert "Non lues" in filters
        assert [words in filters for words in ("À répondre", "Les miennes", "Non attribuées")] == [works] * 3
        assert ('id="n-to-answer"' in live) == works


async def test_words_between_a_cut_name_and_the_line_beside_it_are_not_lost(karim, hall):
    """An SMS is called by its first 80 signs, of which a list shows some forty."""
    text = "Bonjour, un nid-de-poule profond devant la poste a crevé deux pneus ce matin, merci."
    case = await hall.open_case("sms", subject=f"{text[:72]}…", text=text, channel="sms")
    row = row_of((await karim.get("/demandes")).text, case.reference)
    assert ">Bonjour, un nid-de-poule profond devant…</a>" in row
    assert " la poste a crevé deux pneus ce matin, merci.</td>" in row


async def test_a_message_without_a_subject_leads_with_its_words(karim, hall):
    case = await hall.open_case("sms", text="Le banc est cassé.", sender=(mail("lea@courriel.example"),))
    row = row_of((await karim.get("/demandes")).text, case.reference)
    assert "Sans objet" not in row
    assert row.count("Le banc est cassé.") == 1


async def test_an_erased_message_leaves_an_empty_line(karim, hall):
    case = await hall.open_case("gone", subject="Effacé", text="Secret", sender=(mail("lea@courriel.example"),))
    await hall.vault.destroy_keys([hall.messages.messages[case.opened_by].content.key_id])
    page = (await karim.get("/demandes")).text
    assert "Effacé" in row_of(page, case.reference)
    assert "Secret" not in page


async def test_a_list_stands_beside_a_case_where_the_browser_says_that_there_is_room(karim, cases):
    hole, lamp = cases["hole"], cases["lamp"]
    address = f"/demandes/{hole.reference}"
    assert f'id="r-{lamp.reference}"' not in (await karim.get(address)).text
    karim.cookies.set("ecran", "large")
    page = (await karim.get(f"{address}?vue=suivies")).text
    assert f'id="r-{hole.reference}"' in page
    assert f'id="r-{lamp.reference}"' not in page, "the view that the case was opened from"
    assert f'href="{address}?vue=suivies"' in page
    in_place = (await karim.get(address, headers={"HX-Request": "true"})).text
    assert 'id="liste"' not in in_place, "the page that asks has it already"
