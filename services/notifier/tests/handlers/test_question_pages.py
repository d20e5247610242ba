"""The form of a question is there before its letter, which leads to it; a newer one takes its place."""

from functools import partial

import pytest

from guichet.case.history import HistoryEntry
from guichet.channel.lengths import units
from guichet.contracts.case_events import CaseState
from guichet.contracts.questions import AskedField, FieldKind, Question
from guichet.ids import MessageId
from guichet.law.calendar import paris_date
from guichet.privacy.follow_link import QuestionLink, new_question_link
from guichet.store.follow_views.document import open_view
from guichet.store.follow_views.question_page import QuestionState, open_question
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.link import a_link

FIELD = AskedField(kind=FieldKind.WORDS, label="Où est le trou ?")


def a_question() -> Question:
    return Question(fields=(FIELD,), until=paris_date(ARRIVED), secret=new_question_link().secret)


async def asked(world, case, *questions: Question | None, **changed):
    """Return the case after these answers, of which None asks nothing."""
    entry = partial(HistoryEntry, case_id=case.case_id, at=case.received_at)
    history = [entry(version=1, type="CaseOpened", department=case.department)]
    for number, question in enumerate(questions):
        letter = await world.agent_answers(case, "1. Où est le trou ?", f"reply-{number}", question=question)
        history.append(entry(version=len(history) + 1, type="ReplyRequested", message_id=letter.outbound_id))
    world.history.put(*history)
    return written(world, case, version=len(history), page_version=len(history), **changed)


def written(world, case, **changed):
    world.cases.cases[case.case_id] = case.model_copy(update=changed)
    return world.cases.cases[case.case_id]


async def page_of(world, question: Question):
    link = QuestionLink(question.secret)
    view = await world.views.find(link.lookup)
    return None if view is None else open_question(link, view)


async def states(world, *questions: Question):
    return [None if (page := await page_of(world, each)) is None else page.state for each in questions]


async def test_it_shows_what_is_asked_and_by_whom(world):
    question = a_question()
    case = await asked(world, await world.citizen_writes(), question)
    await world.view_writer.write({case.case_id})
    page = await page_of(world, question)
    assert (page.fields, page.until, page.state) == ((FIELD,), question.until, QuestionState.OPEN)
    assert (page.question, page.reference, page.department) == (
        f"reply-0-{case.case_id}",
        case.reference,
        case.department,
    )


async def test_a_newer_question_takes_the_place_of_the_older_and_another_answer_does_not(world):
    first, second = a_question(), a_question()
    case = await world.citizen_writes()
    now = await asked(world, case, first, None)
    await world.view_writer.write({now.case_id})
    assert await states(world, first) == [QuestionState.OPEN]
    now = await asked(world, case, first, None, second)
    await world.view_writer.write({now.case_id})
    assert await states(world, first, second) == [QuestionState.REPLACED, QuestionState.OPEN]


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({"answered_questions": ("reply-0-case-1",)}, QuestionState.ANSWERED),
        ({"state": CaseState.CLOSED, "closed_at": ARRIVED}, QuestionState.CLOSED),
    ],
)
async def test_it_says_that_it_takes_no_answer_any_more(world, changed, state):
    question, case = a_question(), await world.citizen_writes()
    changed = {
        name: (f"reply-0-{case.case_id}",) if name == "answered_questions" else each for name, each in changed.items()
    }
    now = await asked(world, case, question, **changed)
    await world.view_writer.write({now.case_id})
    assert await states(world, question) == [state]


async def test_what_a_sensitive_department_has_is_asked_by_no_form(world):
    question, case = a_question(), await world.citizen_writes()
    now = await asked(world, case, question)
    await world.view_writer.write({now.case_id})
    written(world, now, department="ccas", version=9, page_version=9)
    await world.view_writer.write({now.case_id})
    assert await states(world, question) == [None]


async def followed(world, case):
    """Return what the page of the case leads to."""
    await world.view_writer.write({case.case_id})
    view = await world.views.find(case.follow)
    return open_view(a_link(case.case_id), view).question


async def test_the_page_of_its_case_leads_to_the_one_that_takes_an_answer(world):
    first, second, case = a_question(), a_question(), await world.citizen_writes()
    await asked(world, case, None)
    assert await followed(world, case) is None
    await asked(world, case, None, first, None)
    assert (await followed(world, case)).token == QuestionLink(first.secret).token
    await asked(world, case, None, first, None, second)
    assert (await followed(world, case)).secret == second.secret


@pytest.mark.parametrize(
    "changed",
    [
        {"answered_questions": (MessageId("reply-0-{}"),)},
        {"state": CaseState.CLOSED, "closed_at": ARRIVED},
        {"department": "ccas"},
    ],
)
async def test_the_page_of_its_case_leads_to_none_that_takes_no_answer(world, changed):
    question, case = a_question(), await world.citizen_writes()
    if letters := changed.get("answered_questions"):
        changed = {"answered_questions": tuple(each.format(case.case_id) for each in letters)}
    await asked(world, case, question, **changed)
    assert await followed(world, case) is None


async def test_it_outlives_a_link_that_is_renewed(world):
    question, case = a_question(), await world.citizen_writes()
    now = await asked(world, case, question)
    await world.view_writer.write({now.case_id})
    await world.view_writer.remove_former({now.case_id})
    assert await states(world, question) == [QuestionState.OPEN]
    del world.cases.cases[now.case_id]
    await world.view_writer.remove({now.case_id})
    assert await states(world, question) == [None]


@pytest.mark.parametrize(("channel", "says"), [("email", "In English"), ("sms", "Répondre ici")])
async def test_its_letter_leads_to_it(world, channel, says):
    question, case = a_question(), await world.citizen_writes(channel)
    await world.handlers.owe_reply(await world.agent_answers(case, question=question))
    [intent] = await world.deliveries.of_case(case.case_id)
    text = (await world.draft(intent)).text
    assert f"https://guichet.mairie.example/question/{QuestionLink(question.secret).token}" in text
    assert says in text


async def test_a_long_text_message_is_cut_before_its_link(world):
    question, case = a_question(), await world.citizen_writes("sms")
    await world.handlers.owe_reply(await world.agent_answers(case, "Trottoir réparé. " * 600, question=question))
    [intent] = await world.deliveries.of_case(case.case_id)
    text = (await world.draft(intent)).text
    assert f"/question/{QuestionLink(question.secret).token}" in text
    assert units(text) <= world.town.facts["sms"].longest
