"""What a citizen's page shows, and when: written as things become visible, never older, and little of what is sensitive."""

from datetime import date, timedelta
from functools import partial

import pytest

from guichet.case.history import HistoryEntry
from guichet.case.kept import is_visible
from guichet.case.record import CaseDue, CaseRecord, CaseWorkflow, DoneTask
from guichet.contracts.case_events import CaseState, ClockReached
from guichet.contracts.legal_facts import StatedFact
from guichet.contracts.workflow import Condition, Workflow, WorkflowStep, WorkflowTask
from guichet.follow_pages.page_content import GENERIC
from guichet.ids import MessageId, ProcedureId
from guichet.law.calendar import paris_date
from guichet.store.follow_views.document import FollowPage, GenericState, Hidden, ShownTransfer, open_view
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.link import a_link


async def page(world, case: CaseRecord) -> FollowPage | None:
    """Return what the link of the receipt opens."""
    link = a_link(case.case_id)
    view = await world.views.find(link.lookup)
    return None if view is None else open_view(link, view)


async def answered(world, case: CaseRecord, *departments: str, text: str = "C’est réparé.") -> CaseRecord:
    """Return the case after an answer of each department in turn, the case having been handed over between them."""
    entry = partial(HistoryEntry, case_id=case.case_id, at=case.received_at)
    history = [entry(version=1, type="CaseOpened", department=departments[0])]
    for number, department in enumerate(departments):
        asked = await world.agent_answers(case, text, f"reply-{number}")
        history.append(entry(version=len(history) + 1, type="CaseRerouted", department=department))
        history.append(entry(version=len(history) + 1, type="ReplyRequested", message_id=asked.outbound_id))
    world.history.put(*history)
    last = history[-1].version
    return now(world, case, version=last, page_version=last, department=departments[-1])


def now(world, case: CaseRecord, **changed) -> CaseRecord:
    world.cases.cases[case.case_id] = case.model_copy(update=changed)
    return world.cases.cases[case.case_id]


async def test_a_new_case_has_its_page(world):
    case = await world.citizen_writes()
    await world.view_writer.write({case.case_id})
    assert await page(world, case) == FollowPage(
        reference=case.reference, received_at=case.received_at, state=GenericState.RECEIVED
    )
    view = await world.views.find(case.follow)
    assert view.expires_at is None


async def test_an_answer_shows_with_its_words(world):
    case = await answered(world, await world.citizen_writes(), "voirie")
    await world.view_writer.write({case.case_id})
    shown = await page(world, case)
    assert [answer.text for answer in shown.answers] == ["C’est réparé."]


@pytest.mark.parametrize("state", list(CaseState))
async def test_only_the_generic_state_shows(world, state):
    case = await world.citizen_writes(state=state)
    await world.view_writer.write({case.case_id})
    assert (await page(world, case)).state is GENERIC[state]


async def test_a_replay_shows_nothing_older(world):
    case = await world.citizen_writes()
    await world.view_writer.write({case.case_id})
    now(world, case, page_version=9, state=CaseState.IN_PROGRESS)
    await world.view_writer.write({case.case_id})
    now(world, case, page_version=1)
    await world.view_writer.write({case.case_id})
    assert (await page(world, case)).state is GenericState.IN_PROGRESS


async def test_what_a_replay_comes_to_is_the_same_view_byte_for_byte(world):
    case = await world.citizen_writes()
    now(world, case, page_version=1)
    await world.view_writer.write({case.case_id})
    before = await world.views.find(case.follow)
    now(world, case, version=2, page_version=1)  # a delivery report raises the case's version and shows nothing
    await world.view_writer.write({case.case_id})
    assert await world.views.find(case.follow) == before


@pytest.mark.parametrize(
    ("departments", "words"),
    [
        (("voirie",), ["C’est réparé."]),
        (("ccas",), [None]),
        (("voirie", "ccas"), [None, None]),
        (("ccas", "voirie"), [None, "C’est réparé."]),
        (("pigeons",), [None]),
    ],
)
async def test_no_answer_of_a_sensitive_sector_is_on_the_page_whoever_has_the_case_now(world, departments, words):
    case = await answered(world, await world.citizen_writes(), *departments)
    await world.view_writer.write({case.case_id})
    shown = (await page(world, case)).answers
    assert [answer.text for answer in shown] == words
    assert [answer.hidden for answer in shown] == [Hidden.SENSITIVE if text is None else None for text in words]


STEPS = (
    WorkflowStep(name="one", label="Voir", tasks=(WorkflowTask(name="look", label="Voir"),)),
    WorkflowStep(name="two", label="Au guichet", ends_on=("answered",), when=Condition(by_hand=True)),
    WorkflowStep(
        name="three",
        label="Poser",
        label_en="Put up",
        tasks=(WorkflowTask(name="put", label="Poser", by="citizen"), WorkflowTask(name="see", label="Regarder")),
    ),
    WorkflowStep(name="four", label="Contrôler", ends_on=("answered",)),
)
RUN = CaseWorkflow(
    frozen=Workflow.of(ProcedureId("p"), STEPS), step="three", done=(DoneTask(task="look", by="lea", at=ARRIVED),)
)


async def test_the_steps_of_a_case_show_by_their_labels_and_of_the_tasks_what_is_the_citizens(world):
    case = now(world, await world.citizen_writes(), workflow=RUN)
    await world.view_writer.write({case.case_id})
    steps = (await page(world, case)).steps
    assert [(each.label["fr"], each.state) for each in steps] == [
        ("Voir", "done"),
        ("Poser", "current"),
        ("Contrôler", "ahead"),
    ]
    assert steps[1].label["en"] == "Put up"
    assert [[task["fr"] for task in each.yours] for each in steps] == [[], ["Poser"], []]
    assert "lea" not in (await page(world, case)).model_dump_json()


async def test_of_a_case_that_is_over_nothing_lies_ahead(world):
    case = now(world, await world.citizen_writes(), workflow=RUN, state=CaseState.CLOSED)
    await world.view_writer.write({case.case_id})
    assert [each.label["fr"] for each in (await page(world, case)).steps] == ["Voir"]


@pytest.mark.parametrize("departments", [("ccas",), ("ccas", "voirie")])
async def test_no_step_of_a_case_shows_that_a_sensitive_sector_ever_had(world, departments):
    case = await answered(world, await world.citizen_writes(), *departments)
    now(world, case, workflow=RUN)
    await world.view_writer.write({case.case_id})
    assert (await page(world, case)).steps == ()


async def test_an_erased_answer_leaves_the_page_standing(world):
    case = await answered(world, await world.citizen_writes(), "voirie")
    await world.erase(MessageId(f"reply-0-{case.case_id}"))
    await world.view_writer.write({case.case_id})
    [answer] = (await page(world, case)).answers
    assert (answer.text, answer.hidden) == (None, Hidden.ERASED)


async def test_the_link_of_a_closed_case_ends_and_that_of_a_reopened_one_lives_on(world):
    case = await world.citizen_writes()
    closed = now(world, case, page_version=2, state=CaseState.CLOSED, closed_at=case.received_at)
    await world.view_writer.write({case.case_id})
    assert (await world.views.find(case.follow)).expires_at == case.received_at + timedelta(days=90)
    now(world, closed, page_version=3, state=CaseState.IN_PROGRESS, closed_at=None)
    await world.view_writer.write({case.case_id})
    assert (await world.views.find(case.follow)).expires_at is None


async def test_a_destroyed_case_has_no_page_and_gets_none_again(world):
    case = await world.citizen_writes()
    await world.view_writer.write({case.case_id})
    await world.cases.mark_erasing([case.case_id])
    await world.view_writer.write({case.case_id})
    assert await page(world, case) is None
    await world.view_writer.remove({case.case_id})
    assert world.views.views == {}


async def test_an_event_alone_takes_no_living_case_s_page(world):
    """Nobody signs an event: whoever can write one must not end the page of a case that the store has."""
    case = await world.citizen_writes()
    await world.view_writer.write({case.case_id})
    await world.view_writer.remove({case.case_id})
    assert await page(world, case) is not None, "a forged CaseDestroyed took a citizen's page"


async def test_what_lies_in_the_store_opens_without_the_link_for_nobody(world):
    case = await answered(world, await world.citizen_writes(), "voirie")
    await world.view_writer.write({case.case_id})
    [view] = world.views.views.values()
    at_rest = view.model_dump_json()
    assert a_link(case.case_id).token not in at_rest
    assert case.reference not in at_rest


async def test_the_files_of_an_answer_are_named_with_what_opens_them_but_not_in_a_sensitive_sector(world):
    case = await world.citizen_writes("sms")
    asked = await world.agent_answers(case, files=(("plan.pdf", "application/pdf", b"%PDF the plan"),))
    entries = (("CaseOpened", case.department, None), ("ReplyRequested", None, asked.outbound_id))
    told = partial(HistoryEntry, case_id=case.case_id, at=case.received_at)
    for version, (kind, department, message) in enumerate(entries, start=1):
        world.history.put(told(version=version, type=kind, department=department, message_id=message))
    case = now(world, case, version=2, page_version=2)
    await world.view_writer.write({case.case_id})
    [answer] = (await page(world, case)).answers
    [file] = answer.files
    assert (file.name, file.open(await world.objects.get(file.attachment_id))) == ("plan.pdf", b"%PDF the plan")
    now(world, case, version=3, page_version=3, department="ccas")
    await world.view_writer.write({case.case_id})
    [hidden] = (await page(world, case)).answers
    assert (hidden.hidden, hidden.files) == (Hidden.SENSITIVE, ())


COMPLETE = StatedFact(event="file-complete", at=ARRIVED)
PROCEDURE = StatedFact(event="procedure-confirmed", at=ARRIVED, procedure="attestation-accueil")


async def silent(world, *facts: StatedFact, department: str = "voirie", **due) -> FollowPage | None:
    """The page of a case whose silence has decided."""
    kept = CaseDue(decided_on=date(2027, 1, 24), **due)
    case = now(world, await world.citizen_writes(department=department), facts=facts, due=kept)
    await world.view_writer.write({case.case_id})
    return await page(world, case)


@pytest.mark.parametrize("is_complete", [True, False])
async def test_that_silence_accepted_shows_once_a_person_confirmed_that_the_file_was_complete(world, is_complete):
    """CRPA L231-1 (docs/law.md 20): of what was not complete silence accepts nothing."""
    shown = await silent(world, *([COMPLETE] if is_complete else []), decided="accepts")
    assert (shown.silence and shown.silence.means) == ("accepts" if is_complete else None)


async def test_what_was_confirmed_by_mistake_shows_no_acceptance(world):
    withdrawn = StatedFact(event="withdrawn", at=ARRIVED, what=COMPLETE)
    assert (await silent(world, COMPLETE, withdrawn, decided="accepts")).silence is None


async def test_that_silence_rejected_shows_with_where_one_appeals(world):
    """R3 (docs/law.md 11): the words are those of the procedure that was confirmed."""
    shown = await silent(world, PROCEDURE, decided="rejects")
    own = world.town.procedures["attestation-accueil"].remedies
    assert (shown.silence.on, shown.silence.remedies) == (
        date(2027, 1, 24),
        {"fr": world.town.remedies.words(own).fr, "en": world.town.remedies.words(own).en},
    )
    assert "préfet" in shown.silence.remedies["fr"]


@pytest.mark.parametrize("decided", ["accepts", "rejects"])
async def test_once_a_person_has_decided_nothing_shows_of_silence(world, decided):
    """However late: a page that says « rejected » beside a decision that grants says what is not so."""
    taken = StatedFact(event="decision-taken", at=ARRIVED, decision={"outcome": "granted", "words": "note"})
    assert (await silent(world, COMPLETE, taken, decided=decided)).silence is None


async def test_what_was_complete_of_another_procedure_shows_no_acceptance(world):
    """R4 (docs/law.md 20)."""
    later = PROCEDURE.model_copy(update={"at": ARRIVED + timedelta(days=1)})
    assert (await silent(world, COMPLETE, later, decided="accepts")).silence is None


async def test_where_a_person_looks_first_nothing_shows_of_silence(world):
    assert (await silent(world, decided="rejects", is_doubted=True)).silence is None


async def test_of_a_sensitive_sector_nothing_shows_of_silence(world):
    assert (await silent(world, department="ccas", decided="rejects")).silence is None


@pytest.mark.parametrize(("stage", "shows"), [("near", False), ("due", False), ("late", False), ("decided", True)])
def test_of_the_days_that_come_a_page_shows_what_silence_decides(stage, shows):
    about = {"case_id": "case", "reference": "2026-7F3K-29Q", "version": 2, "caused_by": "look", "sector": "voirie"}
    clock = {"clock": "silence", "stage": stage, "due": date(2027, 1, 24), "department": "voirie", "citizen": None}
    assert is_visible(ClockReached(event_id="reached", occurred_at=ARRIVED, **about, **clock)) is shows


def passed_on(case, to):
    return StatedFact(event="transferred", at=case.received_at, to=to)


async def test_r6_the_new_authority_is_named_with_how_to_reach_it(world):
    """R6 (docs/law.md 16)."""
    case, there = await world.citizen_writes(), world.town.authorities["Préfecture du département"]
    now(world, case, page_version=2, facts=(passed_on(case, there.name),))
    await world.view_writer.write({case.case_id})
    shown = (await page(world, case)).transferred
    assert (shown.on, shown.to, shown.email) == (paris_date(case.received_at), there.name, there.email)
    assert (shown.postal_address, shown.website) == (there.postal_address, str(there.website))


async def test_of_a_sensitive_sector_the_authority_is_not_named(world):
    case = await world.citizen_writes()
    name = "Caisse d’allocations familiales"
    now(world, case, page_version=2, department="ccas", facts=(passed_on(case, name),))
    await world.view_writer.write({case.case_id})
    assert (await page(world, case)).transferred == ShownTransfer(on=paris_date(case.received_at))


async def test_of_a_case_that_has_left_a_sensitive_sector_neither_authority_nor_silence_shows(world):
    case = await answered(world, await world.citizen_writes(), "ccas", "voirie")
    passed = passed_on(case, "Caisse d’allocations familiales")
    due = CaseDue(decided="rejects", decided_on=date(2027, 1, 24))
    now(world, case, facts=(passed,), due=due)
    await world.view_writer.write({case.case_id})
    shown = await page(world, case)
    assert (shown.transferred, shown.silence) == (ShownTransfer(on=paris_date(case.received_at)), None)


async def test_once_withdrawn_or_of_an_authority_that_is_gone_no_more_is_said_than_holds(world):
    case = await world.citizen_writes()
    gone = passed_on(case, "Syndicat dissous")
    now(world, case, page_version=2, facts=(gone,))
    await world.view_writer.write({case.case_id})
    assert (await page(world, case)).transferred == ShownTransfer(
        on=paris_date(case.received_at), to="Syndicat dissous"
    )
    withdrawn = StatedFact(event="withdrawn", at=case.received_at, what=gone)
    now(world, case, page_version=3, facts=(gone, withdrawn))
    await world.view_writer.write({case.case_id})
    assert (await page(world, case)).transferred is None
