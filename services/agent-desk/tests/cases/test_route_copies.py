"""A mail that two routes brought stands in the story once; what one of them added is told beside it."""

from datetime import timedelta

import pytest

from guichet.contracts.inbound_content import InboundContent
from guichet.ids import MessageId
from guichet_testing.builders.case import ARRIVED
from guichet_testing.doors.filled_hall import mail

WRITER, COPY = (mail("alice@courriel.example"),), MessageId("c" * 32)
WORDS, BANNER = "Le lampadaire est éteint.\nMerci.", "ATTENTION : ce courriel vient de l'extérieur."


async def copied(hall, first, second, subject="Lampadaire"):
    """A case whose first mail came by a second route, an hour later, as `second`."""
    case = await hall.open_case("copied", subject="Lampadaire", text=first, sender=WRITER)
    content = InboundContent(sender=WRITER, subject=subject, text=second)
    await hall.receive(case, content, message_id=COPY, at=ARRIVED + timedelta(hours=1))
    hall.messages.messages[COPY] = hall.messages.messages[COPY].model_copy(update={"copy_of": case.opened_by})
    return case


async def story_of(agent, case, language="fr"):
    page = (await agent.get(f"/demandes/{case.reference}?langue={language}")).text
    return page.partition('id="fil"')[2].partition("</ol>")[0]


@pytest.mark.parametrize(
    ("first", "second", "french", "english"),
    [
        (WORDS, f"{BANNER}\n{WORDS}", "Lignes en plus dans cette copie\xa0:", "Lines that this copy has more:"),
        (f"{BANNER}\n{WORDS}", WORDS, "Lignes absentes de cette copie\xa0:", "Lines that are missing in this copy:"),
    ],
)
async def test_what_one_route_added_is_told_and_no_message_stands_there_twice(
    karim, hall, first, second, french, english
):
    case = await copied(hall, first, second)
    story = await story_of(karim, case)
    assert story.count("moment-citizen") == 1
    assert story.count("Le lampadaire est éteint.") == 1
    assert "Le même courriel est arrivé aussi par une autre voie." in story
    assert french in story
    assert story.count("ATTENTION : ce courriel vient de") == (1 if first == WORDS else 2)
    story = await story_of(karim, case, "en")
    assert "The same mail came by another route, too." in story
    assert english in story


async def test_where_the_words_are_the_same_nothing_is_said_of_them(karim, hall):
    story = await story_of(karim, await copied(hall, WORDS, WORDS, subject="[EXTERNE] Lampadaire"))
    assert "Lignes" not in story
    assert "[EXTERNE] Lampadaire" in story


async def test_a_copy_is_no_news_and_an_erased_one_says_nothing(karim, hall):
    case = await copied(hall, WORDS, f"{BANNER}\n{WORDS}")
    await hall.vault.destroy_keys([hall.messages.messages[COPY].content.key_id])
    page = (await karim.get(f"/demandes/{case.reference}?shown={case.opened_by}")).text
    assert "moment-new" not in page
    assert "ATTENTION" not in page
    assert "par une autre voie" in page
