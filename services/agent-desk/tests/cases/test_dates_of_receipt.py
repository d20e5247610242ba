"""What an agent sees of when a message was received in law, beside when it came here."""

from datetime import timedelta

import pytest

from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound import DateDoubt, DateSource
from guichet_testing.builders.case import ARRIVED

HELD = timedelta(days=9)


async def held_up(hall, by=DateSource.RELAY, held=HELD, doubt=None, **said):
    """A case whose first message lay elsewhere before it came here."""
    case = await hall.open_case("held", subject="Lampadaire éteint", **said)
    dates = {"received_at": ARRIVED - held, "dated_by": by, "date_doubt": doubt}
    message = hall.messages.messages[case.opened_by]
    hall.messages.messages[case.opened_by] = message.model_copy(update=dates)
    hall.cases.put(case.model_copy(update={"received_at": ARRIVED - held}))
    return case


async def page_of(agent, case, language="fr"):
    return (await agent.get(f"/demandes/{case.reference}?langue={language}")).text


@pytest.mark.parametrize(
    ("by", "french", "english"),
    [
        (DateSource.RELAY, "le serveur de courrier de la mairie", "the town’s mail server"),
        (DateSource.MAILBOX, "la boîte aux lettres électronique", "the mailbox"),
        (DateSource.PROVIDER, "l’opérateur du canal", "the channel’s provider"),
    ],
)
async def test_a_message_that_an_outage_of_ours_held_up_has_both_dates_and_who_says_so(
    karim, hall, by, french, english
):
    case = await held_up(hall, by)
    page = await page_of(karim, case)
    head, _, story = page.partition('id="fil"')
    for said in ("Reçue le", "15/11/2026", "Arrivée dans Guichet le", "24/11/2026", "9 jours"):
        assert said in head, said
    assert "Reçu en droit le" in story
    assert 'arrivé le <time datetime="2026-11-24' in story, "the card's corner says which of the two it tells"
    assert f"d’après {french}" in story
    page = await page_of(karim, case, "en")
    assert f"according to {english}" in page
    assert "Arrived in Guichet on" in page
    assert 'arrived on <time datetime="2026-11-24' in page


async def test_what_came_within_minutes_has_one_date(karim, hall):
    page = await page_of(karim, await held_up(hall, held=timedelta(minutes=5)))
    assert "Arrivée dans Guichet" not in page
    assert "Reçu en droit" not in page
    assert "arrivé le" not in page


@pytest.mark.parametrize(
    ("doubt", "french", "english"),
    [
        (DateDoubt.IN_THE_FUTURE, "était dans le futur", "was in the future"),
        (DateDoubt.BEFORE_IT_WAS_WRITTEN, "précède sa rédaction", "before it was written"),
        (DateDoubt.TOO_LONG_AGO, "plus de 30 jours", "more than 30 days ago"),
    ],
)
async def test_why_a_date_is_not_believed_is_said_in_words(karim, hall, doubt, french, english):
    case = await held_up(hall, DateSource.EDGE, timedelta(0), doubt)
    for language, words in (("fr", french), ("en", english)):
        head, _, story = (await page_of(karim, case, language)).partition('id="fil"')
        assert words in head, "beside the case's own date"
        assert words in story, "at the message"


@pytest.mark.parametrize(("held", "is_late"), [(HELD, True), (timedelta(0), False)])
async def test_a_receipt_that_was_late_when_its_message_came_says_so(karim, hall, held, is_late):
    case = await held_up(hall, held=held)
    await hall.send(case, "Accusé.", purpose=Purpose.AEE, at=ARRIVED + timedelta(minutes=1))
    page = await page_of(karim, case)
    assert ("Parti après son délai légal, qui s’achevait le 16/11/2026." in page) is is_late
    assert ("It left after its legal delay" in await page_of(karim, case, "en")) is is_late


async def test_the_list_has_who_waits_longest_in_law_first(karim, hall, cases):
    case = await held_up(hall)
    page = (await karim.get("/demandes?ordre=attente")).text
    assert page.index(case.reference) < page.index(cases["hole"].reference)
