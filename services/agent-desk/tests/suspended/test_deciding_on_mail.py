"""Releasing and confirming: one signed command a decision, noted first, and the page says what became of it."""

import pytest

from guichet.contracts.case_commands import ConfirmSpam, ReleaseMail
from guichet.contracts.topics import CASE_COMMANDS
from guichet.store.audit.trail import Act
from guichet.store.messages.suspension import SuspensionState

HERE = "/courriels-suspendus"
KINDS = {
    "liberation": (ReleaseMail, Act.MAIL_RELEASED, SuspensionState.RELEASED),
    "indesirable": (ConfirmSpam, Act.SPAM_CONFIRMED, SuspensionState.SPAM),
}


def state_of(hall, message):
    return hall.messages.messages[message].suspended.state


@pytest.fixture
def decide(helene, fields, mails):
    async def send(kind, message=None, browser=helene, **changed):
        page = await browser.get(f"{HERE}/{message or mails.letter}")
        form = {**fields(page), **changed}
        return await browser.post(f"{HERE}/{message or mails.letter}/{kind}", data=form)

    return send


@pytest.mark.parametrize("kind", KINDS)
async def test_a_decision_is_a_signed_command_about_the_mail_noted_first(decide, hall, mails, kind):
    of_kind, act, state = KINDS[kind]
    answer = await decide(kind)
    assert answer.headers["location"] == f"{HERE}?fait={kind}&courriel={mails.letter}"
    (command,) = hall.publisher.on(CASE_COMMANDS)
    assert type(command) is of_kind
    assert (command.message_id, command.issued_by, command.occurred_at) == (mails.letter, "agent-19", hall.clock.now)
    (publication,) = hall.publisher.published
    assert CASE_COMMANDS.key(publication.event) == mails.letter
    (noted,) = [each for each in hall.audit.entries if each.act is act]
    assert noted.things == (mails.letter, command.event_id)
    assert state_of(hall, mails.letter) is state


async def test_what_became_of_it_stands_above_the_list(decide, helene, hall, mails, cases):
    answer = await decide("liberation")
    stored = hall.messages.messages[mails.letter]
    hall.messages.messages[mails.letter] = stored.model_copy(update={"filed": cases["hole"].case_id})
    page = (await helene.get(answer.headers["location"])).text
    assert "Courriel libéré" in page
    assert f'href="/demandes/{cases["hole"].reference}"' in page
    page = (await helene.get((await decide("indesirable", mails.lure)).headers["location"])).text
    assert "Courriel confirmé comme indésirable" in page
    assert f'href="{HERE}/{mails.lure}"' in page, "a slip of the hand is mended there"


async def test_what_became_of_it_names_no_case_of_another_sector(decide, helene, hall, mails, cases):
    answer = await decide("liberation")
    stored = hall.messages.messages[mails.letter]
    hall.messages.messages[mails.letter] = stored.model_copy(update={"filed": cases["social"].case_id})
    page = (await helene.get(answer.headers["location"])).text
    assert "Courriel libéré" in page
    assert cases["social"].reference not in page


async def test_spam_is_confirmed_from_the_list_and_can_be_released_until_its_end(helene, hall, mails, fields):
    page = await helene.get(HERE)
    assert f'action="{HERE}/{mails.lure}/indesirable"' in page.text
    assert "/liberation" not in page.text, "who releases a mail has opened it: a receipt cannot be taken back"
    await helene.post(f"{HERE}/{mails.lure}/indesirable", data=fields(page))
    assert state_of(hall, mails.lure) is SuspensionState.SPAM
    again = await helene.get(f"{HERE}/{mails.lure}")
    await helene.post(f"{HERE}/{mails.lure}/liberation", data=fields(again))
    assert state_of(hall, mails.lure) is SuspensionState.RELEASED


@pytest.mark.parametrize("kind", KINDS)
async def test_a_double_click_is_one_command(helene, hall, mails, fields, kind):
    form = fields(await helene.get(f"{HERE}/{mails.letter}"))
    for _ in range(2):
        assert (await helene.post(f"{HERE}/{mails.letter}/{kind}", data=form)).status_code == 303
    first, second = hall.publisher.on(CASE_COMMANDS)
    assert first.event_id == second.event_id


async def test_one_form_sent_for_two_mails_is_two_commands(helene, hall, mails, fields):
    form = fields(await helene.get(HERE))
    for message in (mails.letter, mails.lure):
        await helene.post(f"{HERE}/{message}/indesirable", data=form)
    assert len({command.event_id for command in hall.publisher.on(CASE_COMMANDS)}) == 2


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("already-released", "un autre agent l’a déjà libéré"),
        ("already-spam", "un autre agent l’a déjà confirmé"),
        ("already-deleted", "sa suppression a commencé"),
    ],
)
async def test_what_was_refused_says_why_on_the_mails_page(decide, hall, why, words):
    hall.publisher.refuses = why
    answer = await decide("liberation")
    assert answer.status_code == 409
    assert words in answer.text
    assert "Le courriel n’a pas été libéré" in answer.text


@pytest.mark.parametrize("kind", KINDS)
async def test_while_the_router_is_away_the_page_says_that_it_is_under_way_and_later_how_it_ended(
    decide, helene, hall, mails, kind
):
    hall.publisher.is_away = True
    location = (await decide(kind)).headers["location"]
    assert "suite=" in location
    page = await helene.get(location)
    assert "en cours" in page.text
    assert "/demandes/suite?suite=" in page.text, "it asks again by itself"
    (command,) = hall.publisher.on(CASE_COMMANDS)
    await hall.publisher.decide_mail(command)
    page = await helene.get(location)
    assert ("Courriel libéré" if kind == "liberation" else "Courriel confirmé") in page.text
    part = await helene.get("/demandes/suite?" + location.split("?")[1])
    assert part.status_code == 200
    assert "Courriel" in part.text


@pytest.mark.parametrize("part", ["publisher", "audit"])
async def test_while_a_part_is_away_nothing_is_decided_and_the_same_form_can_be_sent_again(
    helene, hall, mails, fields, part
):
    form = fields(await helene.get(f"{HERE}/{mails.letter}"))
    getattr(hall, part).away = True
    answer = await helene.post(f"{HERE}/{mails.letter}/liberation", data=form)
    assert answer.status_code == 503
    assert hall.publisher.published == []
    getattr(hall, part).away = False
    await helene.post(f"{HERE}/{mails.letter}/liberation", data=form)
    assert len(hall.publisher.on(CASE_COMMANDS)) == 1
    assert state_of(hall, mails.letter) is SuspensionState.RELEASED
