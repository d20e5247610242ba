"""What comes by the form of a question joins the case that asked, proven by its link; nobody's address comes with it."""

from datetime import timedelta

import pytest

from guichet.contracts.base import Sealed
from guichet.contracts.case_events import CaseMoved, CaseState, MessageFiled
from guichet.contracts.inbound_content import InboundContent, Remark
from guichet.contracts.questions import AnsweredQuestion, AskedField, FieldKind, Question
from guichet.ids import MessageId
from guichet.law.calendar import paris_date
from guichet.privacy.follow_link import QuestionLink, new_question_link
from guichet.store.messages.document import OUTBOUND_CONTENT, Direction, MessageDocument, OutboundContent
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.inbound import sealed_message

LETTER = MessageId("a-letter-that-asks")
LINK = new_question_link()


async def ask(world, case, link: QuestionLink = LINK, letter: MessageId = LETTER) -> None:
    """Put a letter that asks where the desk would, and let the case wait for its citizen."""
    fields = (AskedField(kind=FieldKind.WORDS, label="Où ?"),)
    question = Question(fields=fields, until=paris_date(ARRIVED), secret=link.secret)
    [key] = await world.vault.new_keys(1)
    content: Sealed = OUTBOUND_CONTENT.seal(key, letter, OutboundContent(text="1. Où ?", question=question))
    world.messages.messages[letter] = MessageDocument(
        _id=letter,
        direction=Direction.OUTBOUND,
        channel="email",
        accounts=(case.account,),
        at=ARRIVED,
        filed=case.case_id,
        content=content,
    )
    waiting = case.model_copy(update={"state": CaseState.WAITING_FOR_CITIZEN, "snoozed_until": ARRIVED})
    world.cases.cases[case.case_id] = waiting


async def answer(world, name="an-answer", *, link: QuestionLink = LINK, proven_for: str | None = None, letter=LETTER):
    """Return what the portal publishes."""
    event = await sealed_message(world.vault, name, InboundContent(sender=(), text="draft"), ARRIVED)
    proof = link.proof(proven_for or event.message_id)
    said = InboundContent(
        sender=(),
        text="1. Où ?\nDevant l’école.",
        remarks=(Remark.ANSWERS_QUESTION,),
        question=AnsweredQuestion(outbound_id=letter, proof=proof),
    )
    at = ARRIVED + timedelta(days=1)
    return await sealed_message(world.vault, name, said, at, channel="portal", accounts=("contact@mairie.example",))


@pytest.fixture
async def asked(world):
    """The mail of a citizen whose case has asked something."""
    mail = await world.mail("first", "alice@courriel.example")
    await world.take(mail)
    await ask(world, world.case_of(mail))
    return mail


async def test_it_joins_the_case_which_waits_no_longer(world, asked):
    said = await answer(world)
    await world.take(said)
    case = world.case_of(said)
    assert case.case_id == world.case_of(asked).case_id
    assert (case.state, case.snoozed_until, case.has_news) == (CaseState.IN_PROGRESS, None, True)
    [filed] = [each for each in world.published(case) if isinstance(each, MessageFiled)]
    assert (filed.question, case.answered_questions) == (LETTER, (LETTER,))
    assert any(isinstance(each, CaseMoved) for each in world.published(case))
    assert case.page_version >= filed.version, "its page says that it is answered"


async def test_the_next_answer_goes_where_the_question_went(world, asked):
    said = await answer(world)
    await world.take(said)
    case = world.case_of(said)
    assert (case.last_inbound, case.answered_at) == (said.message_id, asked.message_id)
    again = await answer(world, "another-answer")
    await world.take(again)
    assert world.case_of(again).answered_at == asked.message_id


async def test_a_later_mail_gets_the_next_answer_itself(world, asked):
    await world.take(await answer(world))
    later = await world.mail("later", "alice@courriel.example", references=("first@courriel.example",))
    await world.take(later)
    case = world.case_of(later)
    assert case.case_id == world.case_of(asked).case_id
    assert (case.addressed, case.answered_at) == (None, later.message_id)


async def test_nobody_becomes_known_by_it(world, asked):
    before = (len(world.citizens.citizens), world.case_of(asked).participants)
    await world.take(await answer(world))
    assert (len(world.citizens.citizens), world.case_of(asked).participants) == before


async def test_however_often_it_comes_it_is_one_message(world, asked):
    said = await answer(world)
    await world.take(said, said)
    await world.take(said)
    assert world.case_of(asked).answered_questions == (LETTER,)
    assert len([each for each in world.published() if isinstance(each, MessageFiled)]) == 1


@pytest.mark.parametrize(
    "forged",
    [
        {"link": new_question_link()},
        {"proven_for": "another-message"},
        {"letter": MessageId("no-letter-of-ours")},
    ],
)
async def test_unproven_it_opens_a_case_of_its_own_linked_to_nothing(world, asked, forged):
    said = await answer(world, **forged)
    await world.take(said)
    assert world.case_of(said).case_id != world.case_of(asked).case_id
    assert await world.links_of(said) == ()
    assert world.case_of(asked).state is CaseState.WAITING_FOR_CITIZEN


async def test_a_citizens_own_message_is_no_letter_that_asks(world, asked):
    said = await answer(world, letter=asked.message_id)
    await world.take(said)
    assert world.case_of(said).case_id != world.case_of(asked).case_id


async def test_a_case_that_is_closed_for_long_takes_none(world, asked):
    case = world.case_of(asked)
    world.cases.cases[case.case_id] = case.model_copy(
        update={"state": CaseState.CLOSED, "closed_at": ARRIVED - world.town.reopen_within}
    )
    said = await answer(world)
    await world.take(said)
    assert world.case_of(said).case_id != case.case_id
    assert await world.links_of(said) == (case.case_id,), "as of any message that leads to a case which it may not join"
