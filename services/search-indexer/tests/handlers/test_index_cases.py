"""What happened to cases is in the files once it was told, however often that is."""

from typing import Any

import pytest

from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState
from guichet.contracts.inbound_content import Location
from guichet.errors import TransientError
from guichet.ids import AgentId, SectorId
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.tampered import tampered

SOCIAL = SectorId("social")
LEA = AgentId("lea")


def change(world: Any, case: CaseRecord, **changes: Any) -> CaseRecord:
    world.cases.cases[case.case_id] = changed = case.model_copy(update=changes)
    return changed


async def test_a_new_case_and_what_joins_it_are_found(world: Any) -> None:
    await world.start()
    case = await world.a_case("1", "Une fuite rue Zola")
    await world.index(case, places={0: 1})
    assert await world.found("fuites") == [case.case_id]
    assert await world.found("de:mart") == [case.case_id]
    assert await world.found("fuite", SOCIAL) == []
    await world.writes(case, "Le trottoir s'effondre")
    await world.answers(case, "Nous envoyons une équipe", LEA)
    await world.index(case, places={0: 2})
    await world.index(case, places={0: 2})
    assert await world.found("trottoir") == await world.found("equipe") == [case.case_id]


async def test_a_place_is_found_where_the_case_is_and_goes_with_its_message(world: Any) -> None:
    """By the street and the quarter of a position, and by a street that is named; a re-routing takes it along."""
    await world.start()
    case = await world.a_case("1", "Un trou devant l’école, rue Haute")
    sent = await world.writes(case, "Ici", Location(latitude=47.6405, longitude=-0.9273))
    await world.answers(case, "Mairie, place de la République", LEA)
    await world.index(case)
    assert await world.found("lieu:lila") == await world.found('lieu:"les lilas"') == [case.case_id]
    assert await world.found('lieu:"rue haute"') == [case.case_id]
    assert await world.found("lieu:ecole") == await world.found("lieu:republique") == []
    await world.index(change(world, case, sector=SOCIAL, department="ccas"))
    assert await world.found("lieu:lilas") == []
    assert await world.found("lieu:lilas", SOCIAL) == [case.case_id]
    del world.messages.messages[sent]
    world.rotation += 1
    await world.follower.look()
    assert await world.found("lieu:lilas", SOCIAL) == []


async def test_a_receipt_and_a_copy_are_not_found(world: Any) -> None:
    await world.start()
    case = await world.a_case("1", "fuite")
    await world.answers(case, "Votre enregistrement")
    await world.writes(case, "banniere", copy_of="another")
    await world.index(case)
    assert await world.found("enregistrement") == await world.found("banniere") == []


async def test_a_state_is_known(world: Any) -> None:
    await world.start()
    case = await world.a_case("1", "fuite")
    await world.index(case)
    await world.index(change(world, case, state=CaseState.CLOSED))
    assert await world.found("fuite est:close") == [case.case_id]


async def test_a_case_that_is_handed_over_leaves_the_one_file_for_the_other(world: Any) -> None:
    await world.start()
    case = await world.a_case("1", "fuite", "encore la fuite")
    await world.index(case)
    await world.index(change(world, case, sector=SOCIAL, department="ccas"))
    assert await world.found("fuite") == []
    assert await world.found("fuite", SOCIAL) == [case.case_id]


async def test_a_case_that_is_handed_over_within_its_sector_keeps_every_message(world: Any) -> None:
    await world.start()
    case = await world.a_case("1", "fuite", "encore")
    await world.index(case)
    await world.index(change(world, case, department="espaces-verts"))
    assert await world.found("encore") == await world.found("fuite") == [case.case_id]


async def test_a_message_that_does_not_open_any_more_stays_under_no_former_rights(world: Any) -> None:
    await world.start()
    case = await world.a_case("1", "fuite")
    lost = await world.writes(case, "trottoir")
    await world.index(case)
    await world.vault.destroy_keys([world.messages.messages[lost].content.key_id])
    await world.index(change(world, case, department="espaces-verts"))
    assert await world.found("trottoir") == []
    assert await world.found("fuite") == [case.case_id]


async def test_a_destroyed_case_goes_and_one_that_is_set_aside_stays(world: Any) -> None:
    await world.start()
    case = await world.a_case("1", "fuite")
    await world.index(case)
    await world.cases.mark_erasing([case.case_id])
    await world.index(case)
    assert await world.found("fuite") == [case.case_id]
    await world.cases.destroy([case.case_id], ARRIVED)
    await world.index(case)
    assert await world.found("fuite") == []


async def test_a_message_whose_words_were_tampered_with_takes_no_other_with_it(world: Any) -> None:
    await world.start()
    case = await world.a_case("1", "fuite")
    broken = await world.writes(case, "trottoir")
    message = world.messages.messages[broken]
    world.messages.messages[broken] = message.model_copy(update={"content": tampered(message.content)})
    await world.index(case)
    assert await world.found("fuite") == [case.case_id]
    assert await world.found("trottoir") == []


async def test_nothing_is_written_before_every_file_is_there(world: Any) -> None:
    await world.files.open({})
    case = await world.a_case("1", "fuite")
    with pytest.raises(TransientError, match="being made"):
        await world.index(case)
    await world.files.make_missing()
    await world.index(case)
    assert await world.found("fuite") == [case.case_id]


async def test_a_message_that_the_store_does_not_list_yet_is_found_by_the_event_that_names_it(world: Any) -> None:
    """The router publishes that a message is filed, and marks its document afterwards."""
    await world.start()
    case = await world.a_case("1")
    said = await world.writes(case, "fuite", filed=None)
    await world.indexer.index({case.case_id: [said]}, {})
    assert await world.found("fuite") == [case.case_id]
