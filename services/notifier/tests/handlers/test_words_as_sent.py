"""A letter says which words of the town wrote it, and stays as it was written when the town writes otherwise."""

import shutil
from pathlib import Path

import pytest

from guichet.contracts.acknowledgement import Acknowledgement
from guichet.contracts.case_events import CaseState
from guichet.contracts.delivery import Purpose
from guichet.store.deliveries.document import Change, ChangeKind
from guichet.store.messages.document import OUTBOUND_CONTENT, OutboundContent
from guichet.town import Town, load_town
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.builders.link import a_link


@pytest.fixture
def own(tmp_path: Path) -> Town:
    """The example with words of its own about terraces, and about closed requests."""
    folder = Path(shutil.copytree(EXAMPLE_TOWN, tmp_path / "town"))
    templates, of_terraces = folder / "templates", folder / "templates/procedures/terrasse"
    of_terraces.mkdir(parents=True)
    text = (templates / "receipt_mail.txt").read_text("utf-8")
    (of_terraces / "receipt_mail.txt").write_text(text.replace("Bonjour,", "Chère commerçante, cher commerçant,"))
    (templates / "closed_short.txt").write_text("C’est fini.")
    return load_town(folder)


async def kept(world, outbound_id) -> OutboundContent:
    content = world.messages.messages[outbound_id].content
    keys = await world.vault.open_keys([content.key_id])
    return OUTBOUND_CONTENT.on(outbound_id, content).open(keys)


@pytest.mark.parametrize("channel", ["email", "sms"])
async def test_a_receipt_keeps_its_words_and_says_which_wrote_them(world, own, channel):
    case = await world.citizen_writes(channel, procedure="terrasse")
    await world.owe_receipts(world.opened(case))
    owed = await world.receipt_of(case)
    first = await world.write(owed)
    base = world.town.texts.base
    wrote = (base.receipt_subject, base.receipt_mail) if channel == "email" else (base.receipt_short,)
    assert (await kept(world, owed.outbound_id)).written_from == {each.name: each.version for each in wrote}
    world.town = own
    assert (await world.write(owed)).text == first.text, "another attempt says what the first one said"
    assert "commerçant" not in (await kept(world, owed.outbound_id)).text


async def test_the_words_of_a_procedure_write_its_receipts_alone(world, own):
    world.town = own
    of_terraces, other = (
        await world.citizen_writes("email", "case-1", procedure="terrasse"),
        await world.citizen_writes("email", "case-2"),
    )
    said = []
    for case in (of_terraces, other):
        await world.owe_receipts(world.opened(case))
        owed = await world.receipt_of(case)
        said.append(((await world.write(owed)).text, (await kept(world, owed.outbound_id)).written_from))
    (text, wrote), (usual, wrote_usual) = said
    assert text.startswith("Chère commerçante, cher commerçant,")
    assert usual.startswith("Bonjour,")
    assert set(wrote) == {"receipt_subject", "procedures/terrasse/receipt_mail"}
    assert set(wrote_usual) == {"receipt_subject", "receipt_mail"}


async def test_an_acknowledgement_has_no_words_of_a_procedure_that_was_only_guessed(world, own, tmp_path):
    folder = tmp_path / "town/templates"
    usual = (folder / "acknowledgement_mail.txt").read_text("utf-8")
    of_terraces = folder / "procedures/terrasse/acknowledgement_mail.txt"
    of_terraces.write_text(usual.replace("Bonjour,", "Chère commerçante,"))
    world.town = load_town(tmp_path / "town")
    case, link = await world.citizen_writes("email", procedure="terrasse"), a_link("case-1")
    said = {}
    for procedure in (None, "terrasse"):
        says = Acknowledgement(received_on=case.received_at.date(), is_full=False, procedure=procedure)
        said[procedure] = world.wording.acknowledgement(case, link, "email", says, None).text
    assert [words.startswith("Chère commerçante,") for words in said.values()] == [False, True]


async def test_a_notice_has_the_towns_words_within_the_frame_of_an_answer(world, own):
    world.town, world.now = own, world.now.replace(month=5, day=5, hour=9)  # nobody is written to at night
    case = await world.citizen_writes("sms", state=CaseState.CLOSED)
    await world.owe_receipts(world.opened(case))
    change = Change(kind=ChangeKind.CLOSED, department=case.department)
    owed = (await world.receipt_of(case)).model_copy(
        update={"_id": "notice", "outbound_id": "notice", "purpose": Purpose.CHANGE, "change": change}
    )
    letter = await world.write(owed)
    assert letter.text.startswith("C'est fini.\n"), "in the letters that cost least"
    assert set((await kept(world, "notice")).written_from) == {"reply_short", "closed_short"}


async def test_a_subject_is_the_citizens_own_whichever_words_the_town_put_around_it(world, tmp_path):
    """The receipt left before anybody said which procedure it is, whose subject is another."""
    folder = Path(shutil.copytree(EXAMPLE_TOWN, tmp_path / "town"))
    of_terraces = folder / "templates/procedures/terrasse"
    of_terraces.mkdir(parents=True)
    (of_terraces / "receipt_subject.txt").write_text(
        "terrasse {{ reference }}{% if subject %} : {{ subject }}{% endif %}"
    )
    world.town = load_town(folder)
    case = await world.citizen_writes("email")
    before = world.wording.receipt(case, a_link(case.case_id), "email", "Nid de poule").subject
    case = case.model_copy(update={"procedure": "terrasse"})
    for subject in (f"Re: {before}", f"terrasse {case.reference} : Nid de poule"):
        said = world.wording.receipt(case, a_link(case.case_id), "email", subject).subject
        assert said == f"terrasse {case.reference} : Nid de poule"
