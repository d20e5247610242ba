"""A sensitive answer that one message cannot hold goes only where the town knows whose number it is."""

import pytest

from agent_desk.domain.decisions.sensitive_answer import may_go
from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import DepartmentId, SectorId
from guichet.store.registry.identifiers import IdentifierDocument
from guichet_testing.builders.case import a_case
from guichet_testing.doors.filled_hall import mail, phone

NUMBER = "+33639980101"
LONG = "Votre demande d’aide est acceptée. " * 90
REFUSED = "Le numéro de ce citoyen n’est pas vérifié"


def unverified(hall) -> None:
    """Let the registry know every address from hearsay only."""
    hall.registry.identifiers[:] = [
        IdentifierDocument.model_validate(
            each.model_dump(by_alias=True)
            | {"holders": [holder.model_dump() | {"verified": False} for holder in each.holders]}
        )
        for each in hall.registry.identifiers
    ]


async def answer(hall, sign_in, fields, text, *, department="ccas", channel="sms", known=True):
    citizen = await hall.register("Jeanne Moreau", phone(NUMBER), mail("jeanne@courriel.example"))
    if not known:
        unverified(hall)
    case = await hall.open_case(
        "aid", department, citizen=citizen, channel=channel, sender=(phone(NUMBER),), text="Bonjour"
    )
    agent = next(each for each in hall.town.agents if department in each.departments)
    browser = await sign_in(agent.sign_in)
    form = {**fields(await browser.get(f"/demandes/{case.reference}")), "text": text}
    return await browser.post(f"/demandes/{case.reference}/reponse", data=form)


async def test_a_long_sensitive_answer_to_a_number_that_nobody_verified_is_refused_and_the_text_kept(
    hall, sign_in, fields
):
    page = await answer(hall, sign_in, fields, LONG, known=False)
    assert hall.publisher.on(CASE_COMMANDS) == []
    assert page.status_code == 422
    assert REFUSED in page.text
    assert LONG.strip() in page.text


@pytest.mark.parametrize(
    ("text", "given"),
    [
        (LONG, {}),  # verified: it goes, in parts
        ("Votre demande est acceptée.", {"known": False}),  # one message, to the number that wrote
        (LONG, {"known": False, "department": "voirie"}),  # not sensitive: the page has the rest
        (LONG, {"known": False, "channel": "email"}),  # a mail has room
    ],
)
async def test_every_other_answer_goes(hall, sign_in, fields, text, given):
    assert (await answer(hall, sign_in, fields, text, **given)).status_code == 303
    assert len(hall.publisher.on(CASE_COMMANDS)) == 1


async def test_a_verified_number_of_the_citizen_is_not_the_one_that_wrote(hall, sign_in, fields):
    citizen = await hall.register("Jeanne Moreau", phone("+33639980199"))
    case = await hall.open_case("aid", "ccas", citizen=citizen, channel="sms", sender=(phone(NUMBER),))
    agent = next(each for each in hall.town.agents if "ccas" in each.departments)
    browser = await sign_in(agent.sign_in)
    form = {**fields(await browser.get(f"/demandes/{case.reference}")), "text": LONG}
    assert (await browser.post(f"/demandes/{case.reference}/reponse", data=form)).status_code == 422


async def test_of_several_who_share_the_number_nobody_is_meant_for_sure(hall, sign_in, fields):
    case = await hall.open_case("aid", "ccas", channel="sms", sender=(phone(NUMBER),))
    agent = next(each for each in hall.town.agents if "ccas" in each.departments)
    browser = await sign_in(agent.sign_in)
    form = {**fields(await browser.get(f"/demandes/{case.reference}")), "text": LONG}
    assert (await browser.post(f"/demandes/{case.reference}/reponse", data=form)).status_code == 422


def test_a_sector_that_the_town_gave_up_counts_as_sensitive(hall):
    """As it does for the notifier, which would send the answer in parts (guichet.follow_pages)."""
    gone = {"department": DepartmentId("gone"), "sector": SectorId("gone"), "channel": "sms"}
    assert not may_go(a_case().model_copy(update=gone), None, LONG, hall.town)
