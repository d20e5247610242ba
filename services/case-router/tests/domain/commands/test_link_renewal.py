"""A new link for whoever holds the ended one, once a day, and for nobody else."""

from datetime import timedelta

import pytest

from case_router.domain.commands.link_renewal import renew
from guichet.case.case import Case
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState
from guichet.contracts.citizen_commands import RenewLink, renewal_id
from guichet.errors import KeyMissingError, TamperedError, WrongProofError
from guichet.ids import EventId
from guichet.privacy.follow_link import FollowLink, new_follow_link
from guichet.vault.sealing import Thing, broken_key, missing_key, new_data_key, unseal
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.builders.link import a_link, linked_under
from guichet_testing.builders.tampered import tampered

LASTS, DAY = timedelta(days=90), timedelta(days=1)
ENDED = ARRIVED + LASTS
KEY = new_data_key()
CLOSED = linked_under(a_case(state=CaseState.CLOSED, closed_at=ARRIVED), KEY)
LINK = a_link(CLOSED.case_id)
FIRST = CLOSED.opened_by


def asked(link: FollowLink = LINK, at=ENDED, name: str = "command", case=CLOSED) -> RenewLink:
    return RenewLink(event_id=EventId(name), occurred_at=at, case_id=case.case_id, proof=link.proof(name))


def renewed(case: CaseRecord, *how) -> CaseRecord:
    """Return the case after the command."""
    changing = Case(case)
    renew(changing, *how)
    return changing.record


def link_in(case) -> FollowLink:
    return FollowLink(unseal(KEY, Thing("case", case.case_id), "link", case.link))


def test_the_holder_of_an_ended_link_gets_another_under_the_cases_key():
    after = renewed(CLOSED, asked(), KEY, LASTS, FIRST)
    assert link_in(after) != LINK
    assert after.follow == link_in(after).lookup != CLOSED.follow
    assert [entry.event["type"] for entry in after.outbox] == ["LinkRenewed"]
    assert link_in(after).token not in str([entry.event for entry in after.outbox])
    assert (after.state, after.closed_at) == (CLOSED.state, CLOSED.closed_at)


def test_without_the_link_nobody_renews_it_and_a_proof_is_of_one_command():
    for forged in (asked(new_follow_link()), asked().model_copy(update={"event_id": EventId("another")})):
        with pytest.raises(WrongProofError):
            renewed(CLOSED, forged, KEY, LASTS, FIRST)


def test_the_former_link_proves_nothing_any_more():
    with pytest.raises(WrongProofError):
        renewed(renewed(CLOSED, asked(), KEY, LASTS, FIRST), asked(name="again", at=ENDED + LASTS), KEY, LASTS, FIRST)


@pytest.mark.parametrize("at", [ARRIVED, ENDED - timedelta(seconds=1)])
def test_a_link_that_lives_is_not_replaced(at):
    assert renewed(CLOSED, asked(at=at), KEY, LASTS, FIRST) is CLOSED


def test_the_link_of_an_open_case_is_not_replaced():
    reopened = CLOSED.model_copy(update={"state": CaseState.IN_PROGRESS, "closed_at": None})
    assert renewed(reopened, asked(), KEY, LASTS, FIRST) is reopened


def test_not_twice_a_day_even_where_links_last_no_time():
    once = renewed(CLOSED, asked(), KEY, timedelta(0), FIRST)
    soon, later = ENDED + DAY - timedelta(seconds=1), ENDED + DAY
    assert renewed(once, asked(link_in(once), soon, "soon"), KEY, timedelta(0), FIRST) is once
    assert renewed(once, asked(link_in(once), later, "later"), KEY, timedelta(0), FIRST) is not once


TAMPERED = CLOSED.model_copy(update={"link": tampered(CLOSED.link), "closed_at": None, "state": CaseState.RECEIVED})


def renewal_of(case, at=ARRIVED) -> RenewLink:
    """What the portal asks of whoever came with the link: by its id, of the link whose page it found."""
    return asked(a_link(case.case_id), at, renewal_id(case.follow), case)


def after_tampering(command: RenewLink, key=KEY):
    """Return the tampered case after a command; None where the router only raised what unsealing raises."""
    try:
        return renewed(TAMPERED, command, key, LASTS, FIRST)
    except TamperedError:
        return None


def test_a_tampered_link_is_renewed_though_its_case_is_open():
    after = after_tampering(renewal_of(TAMPERED))
    assert after is not None, "the citizen's link does not open any more, and they never get another"
    assert link_in(after).lookup == after.follow != TAMPERED.follow


def test_a_tampered_link_is_renewed_once_a_day_and_never_with_no_address():
    once = TAMPERED.model_copy(update={"link_renewed_at": ARRIVED})
    assert renewed(once, renewal_of(once, ARRIVED + DAY - timedelta(seconds=1)), KEY, LASTS, FIRST) is once
    assert renewed(TAMPERED, renewal_of(TAMPERED), KEY, LASTS, None) is TAMPERED


def test_of_a_tampered_link_a_command_about_another_link_proves_nothing():
    with pytest.raises(WrongProofError):
        renewed(TAMPERED, asked(name=renewal_id("another"), at=ARRIVED, case=TAMPERED), KEY, LASTS, FIRST)


def test_under_a_broken_key_nothing_is_renewed_and_no_click_is_a_dead_letter():
    after = after_tampering(renewal_of(TAMPERED), broken_key(KEY.key_id))
    assert after is TAMPERED, "each click of the citizen is a dead letter"


def test_where_today_s_vault_lacks_the_key_the_command_waits_for_the_vault_that_has_it():
    """As a dead letter: which link the case has nobody can read, and the right vault will."""
    with pytest.raises(KeyMissingError):
        renewed(CLOSED, asked(), missing_key(KEY.key_id), LASTS, FIRST)


async def test_the_router_gives_it_once_however_often_the_command_comes(world):
    mail = await world.mail("m1", "alice@courriel.example")
    await world.take(mail)
    case = world.case_of(mail)
    closed = case.model_copy(update={"state": CaseState.CLOSED, "closed_at": ARRIVED})
    world.cases.cases[case.case_id] = closed
    [key] = (await world.vault.open_keys([case.link.key_id])).values()
    link = FollowLink(unseal(key, Thing("case", case.case_id), "link", case.link))
    world.now = asked(link, case=case).occurred_at
    for _ in range(2):
        await world.take(asked(link, case=case))
    after = world.cases.cases[case.case_id]
    assert [entry.type for entry in world.history.of(after.case_id)].count("LinkRenewed") == 1
    assert after.follow != case.follow
    with pytest.raises(WrongProofError):
        await world.take(asked(new_follow_link(), name="forged", case=case))
    assert world.cases.cases[case.case_id] == after
