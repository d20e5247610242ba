"""An answer may be taken back for some seconds; then it leaves once, whoever is killed meanwhile."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.domain.composer.answer import Answer
from agent_desk.domain.composer.attachments import SentFile
from agent_desk.domain.composer.departure import HOLD
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.decisions.given_command import AWAITED_FOR
from agent_desk.handlers.cases.decide import close_command, reply_command
from agent_desk.handlers.composer.leave import LeavingAnswers
from guichet.contracts.case_commands import CloseCase, SendReply, SnoozeCase
from guichet.contracts.topics import CASE_COMMANDS
from guichet.errors import TransientError
from guichet.ids import AgentId, MessageId
from guichet.store.audit.trail import Act
from guichet.store.draft import WORDS, draft_of
from guichet.store.messages.document import OUTBOUND_CONTENT
from guichet.store.objects import attachment
from guichet.vault.fields import open_one
from guichet_testing.doors.desk_on_twins import TownHall

KARIM = AgentId("agent-12")
UNDO, A_SECOND = timedelta(seconds=10), timedelta(seconds=1)
TEXT = "Nous passons <mardi>."
SHOWN = "Nous passons &lt;mardi&gt;."


@pytest.fixture
def hall() -> TownHall:
    return TownHall(undo=UNDO)


@pytest.fixture
def lamp(cases):
    return cases["lamp"]


@pytest.fixture
def send(karim, lamp, fields):
    """Send an answer from a page of the case; return where that led."""

    async def send(text: str = TEXT, **more: str) -> Any:
        form = {**fields(await karim.get(here(lamp))), "text": text, "signed": "oui", **more}
        answer = await karim.post(here(lamp, "reponse"), data=form)
        return form, answer

    return send


def here(case, *further: str) -> str:
    return "/".join((f"/demandes/{case.reference}", *further))


def given_by(hall: TownHall) -> list[Any]:
    return hall.publisher.on(CASE_COMMANDS)


def draft_in(hall: TownHall, case: Any) -> Any:
    return hall.drafts.drafts[draft_of(case.case_id, KARIM)]


async def words_of(hall: TownHall, case: Any) -> str:
    draft = draft_in(hall, case)
    return await open_one(hall.vault, WORDS.on(draft.draft_id, draft.words))


async def pass_by(hall: TownHall, time: timedelta) -> None:
    """Let time pass, and a process of the desk make its round."""
    hall.clock.now += time
    await hall.leaving_answers().go_on()


def answer_field(page: str) -> str:
    return page.partition('<textarea id="text"')[2].partition("</textarea>")[0]


async def test_it_waits_and_its_page_says_for_how_long(karim, hall, lamp, send):
    _, answer = await send()
    assert answer.headers["location"] == here(lamp) + "#depart"
    page = (await karim.get(here(lamp))).text
    assert "Votre réponse part dans <span data-countdown>10</span> s" in page
    assert SHOWN in page
    assert 'id="text"' not in page
    assert "brouillon de réponse" not in page
    await pass_by(hall, UNDO - A_SECOND)
    assert given_by(hall) == []
    assert [each for each in hall.audit.entries if each.act is Act.REPLIED] == []


async def test_once_it_has_left_the_open_page_gets_its_composer_back_and_hears_what_became_of_it(
    karim, hall, lamp, send
):
    await send()
    [asks] = re.findall(r'hx-get="([^"]*/depart\?suite=[^"]*)"', (await karim.get(here(lamp))).text)
    read = len(hall.audit.entries)
    assert (await karim.get(asks)).status_code == 204
    assert len(hall.audit.entries) == read
    await pass_by(hall, UNDO)
    [command] = given_by(hall)
    assert (type(command), command.issued_by, command.occurred_at) == (SendReply, KARIM, hall.clock.now)
    part = (await karim.get(asks)).text
    assert "Réponse prise en compte" in part
    assert 'id="text"' in part
    assert "<html" not in part
    kept = hall.messages.messages[command.outbound_id]
    said = await open_one(hall.vault, OUTBOUND_CONTENT.on(kept.message_id, kept.content))
    assert said.text.startswith(TEXT + "\n\nKarim Haddad")
    await pass_by(hall, A_SECOND)
    assert (draft_in(hall, lamp).is_over, draft_in(hall, lamp).leaving, await words_of(hall, lamp)) == (True, None, "")


async def test_taken_back_in_time_it_is_a_draft_again_and_leaves_under_a_new_click(karim, hall, lamp, send, fields):
    await send(then="close")
    back = await karim.post(here(lamp, "depart", "annulation"), data=fields(await karim.get(here(lamp))))
    assert back.headers["location"] == here(lamp) + "#text"
    page = await karim.get(here(lamp))
    assert answer_field(page.text).endswith(f">{SHOWN}"), "as it was typed, without the signature"
    await pass_by(hall, UNDO * 2)
    assert given_by(hall) == []
    form = {**fields(page), "text": TEXT}
    assert (await karim.post(here(lamp, "reponse"), data=form)).status_code == 303
    await pass_by(hall, UNDO)
    assert [type(each) for each in given_by(hall)] == [SendReply]


async def test_too_late_it_says_so_and_what_became_of_it(karim, hall, lamp, send, fields):
    await send()
    sheet = fields(await karim.get(here(lamp)))
    await pass_by(hall, UNDO)
    back = await karim.post(here(lamp, "depart", "annulation"), data=sheet)
    page = (await karim.get(back.headers["location"])).text
    assert "Trop tard pour annuler" in page
    assert "Réponse prise en compte" in page
    assert len(given_by(hall)) == 1


async def test_a_form_sent_twice_leaves_once(karim, hall, lamp, send):
    form, _ = await send()
    assert (await karim.post(here(lamp, "reponse"), data=form)).status_code == 303
    await pass_by(hall, UNDO)
    late = await karim.post(here(lamp, "reponse"), data=form)
    assert "suite=reponse-" in late.headers["location"]
    await pass_by(hall, UNDO)
    assert len(given_by(hall)) == 1


async def test_a_form_sent_again_as_its_answer_leaves_promises_no_undo(karim, hall, lamp, send, monkeypatch):
    form, _ = await send()
    leave = hall.drafts.leave

    async def late(*given: Any) -> bool:
        await pass_by(hall, UNDO)
        return await leave(*given)

    monkeypatch.setattr(hall.drafts, "leave", late)
    again = await karim.post(here(lamp, "reponse"), data=form)
    assert "suite=reponse-" in again.headers["location"]
    assert "part dans" not in (await karim.get(here(lamp))).text
    await pass_by(hall, A_SECOND)
    assert (len(given_by(hall)), draft_in(hall, lamp).leaving) == (1, None)


async def test_the_same_form_with_other_words_leaves_in_its_place(karim, hall, lamp, send):
    form, _ = await send()
    assert (await karim.post(here(lamp, "reponse"), data={**form, "text": "Mercredi."})).status_code == 303
    await pass_by(hall, UNDO)
    [command] = given_by(hall)
    kept = hall.messages.messages[command.outbound_id]
    assert (await open_one(hall.vault, OUTBOUND_CONTENT.on(kept.message_id, kept.content))).text.startswith("Mercredi")


async def test_another_page_s_answer_replaces_none_that_leaves_and_keeps_its_words(karim, hall, lamp, send, fields):
    other = fields(await karim.get(here(lamp)))
    await send()
    answer = await karim.post(here(lamp, "reponse"), data={**other, "text": "Autre <chose>"})
    assert answer.status_code == 409
    assert "Autre &lt;chose&gt;" in answer_field(answer.text)
    assert "en train de partir" in answer.text
    assert "/depart?" not in answer.text, "nothing takes the place of both by itself"
    kept = await karim.post(here(lamp, "brouillon"), data={**other, "text": "Autre"}, headers={"HX-Request": "true"})
    assert "Pas gardé" in kept.text
    await pass_by(hall, UNDO)
    assert len(given_by(hall)) == 1


async def test_a_draft_of_another_tab_is_not_overwritten_unseen(karim, hall, lamp, send, fields):
    other = {**fields(await karim.get(here(lamp))), "text": "Autre <chose>"}
    await karim.post(here(lamp, "brouillon"), data=other, headers={"HX-Request": "true"})
    page = await karim.get(here(lamp))
    mine = {**fields(page), "text": TEXT, "replaces": ""}
    answer = await karim.post(here(lamp, "reponse"), data=mine)
    assert answer.status_code == 409
    assert SHOWN in answer_field(answer.text)
    assert "Lire l’autre brouillon" in answer.text
    again = await karim.post(here(lamp, "reponse"), data={**fields(answer), "text": TEXT})
    assert again.status_code == 303


async def test_a_colleague_reads_that_one_leaves(sign_in, hall, lamp, send):
    await send()
    page = (await (await sign_in("helene.vasseur")).get(here(lamp))).text
    assert "Karim Haddad vient d’envoyer une réponse, qui va partir." in page
    assert SHOWN in page


@pytest.mark.parametrize(
    ("then", "more", "kind"), [("close", {}, CloseCase), ("wait", {"wait_until": "2"}, SnoozeCase)]
)
async def test_what_is_to_come_behind_it_is_given_behind_it(hall, lamp, send, then, more, kind):
    day = (hall.clock.now + timedelta(days=3)).date().isoformat()
    await send(then=then, **dict.fromkeys(more, day))
    await pass_by(hall, UNDO)
    assert [type(each) for each in given_by(hall)] == [SendReply, kind]


async def test_what_overtook_it_brings_it_back_with_its_words_and_the_reason(karim, hall, lamp, send):
    await send(then="close")
    hall.publisher.refuses = "case-changed"
    await pass_by(hall, UNDO)
    await pass_by(hall, A_SECOND)
    assert draft_in(hall, lamp).refused == "case-changed"
    told = (await karim.get("/demandes")).text.partition("1 réponse de vous n’est pas partie")[2]
    assert f'<a href="{here(lamp)}">' in told.partition("</ul>")[0]
    for address in (here(lamp), here(lamp) + "?suite=" + f"reponse-cloture-{given_by(hall)[1].event_id}-1"):
        page = (await karim.get(address)).text
        assert "La réponse n’est pas partie" in page
        assert "Quelqu’un a écrit ou décidé" in page
        assert answer_field(page).endswith(f">{SHOWN}")


async def test_who_lost_the_right_meanwhile_sends_nothing_and_a_colleague_finds_it(sign_in, hall, lamp, send):
    await send()
    moved = hall.town.departments["ccas"]
    hall.cases.put(lamp.model_copy(update={"department": "ccas", "sector": moved.sector}))
    await pass_by(hall, UNDO)
    assert given_by(hall) == []
    assert [
        each for each in hall.messages.messages.values() if each.author == KARIM and each.filed == lamp.case_id
    ] == []
    assert (draft_in(hall, lamp).refused, draft_in(hall, lamp).is_over) == ("agent-without-right", False)
    told = (await (await sign_in("karim.haddad")).get("/demandes")).text
    assert "Une demande que vous ne voyez plus\xa0: cet agent n’a pas, ou plus, le droit" in told
    assert lamp.reference not in told
    hall.clock.now += timedelta(days=8)
    assert "ne voyez plus" not in (await (await sign_in("karim.haddad")).get("/demandes")).text


async def disable(hall: TownHall) -> None:
    account = await hall.accounts.find(KARIM)
    await hall.accounts.replace(account, account.model_copy(update={"disabled_at": hall.clock.now}))


async def test_whose_account_was_taken_away_sends_nothing(hall, lamp, send):
    await send()
    await disable(hall)
    await pass_by(hall, UNDO)
    assert given_by(hall) == []
    assert draft_in(hall, lamp).refused == "agent-without-right"


async def test_no_desk_whose_clock_jumps_gives_what_another_has_in_hand(hall, lamp, send):
    await send()
    hall.publisher.away = True
    with pytest.raises(TransientError):
        await pass_by(hall, UNDO)
    hall.publisher.away = False
    await pass_by(hall, timedelta(hours=1))
    assert given_by(hall) == []
    hall.drafts.lapse()
    await pass_by(hall, A_SECOND)
    assert [type(each) for each in given_by(hall)] == [SendReply]


async def test_what_an_outage_held_back_is_not_given_once_the_account_was_taken_away(hall, lamp, send):
    await send()
    hall.publisher.away = True
    with pytest.raises(TransientError):
        await pass_by(hall, UNDO)
    hall.publisher.away = False
    await disable(hall)
    hall.drafts.lapse()
    await pass_by(hall, A_SECOND)
    assert given_by(hall) == []
    assert draft_in(hall, lamp).leaving.given_at == hall.clock.now, "nobody knows whether the broker has it"


async def test_what_cannot_leave_says_so_and_that_it_is_kept(karim, hall, lamp, send):
    await send()
    hall.publisher.away = True
    with pytest.raises(TransientError):
        await pass_by(hall, UNDO)
    assert "Ne la renvoyez pas." not in (await karim.get(here(lamp))).text, "one try may still be under way"
    hall.clock.now += HOLD + A_SECOND
    page = (await karim.get(here(lamp))).text
    assert "Votre réponse n’est pas encore partie" in page
    assert "Ne la renvoyez pas." in page
    told = await karim.get(here(lamp, "depart"))
    assert "Ne la renvoyez pas." in told.text, "an open page is told"
    assert (await karim.get(here(lamp, "depart?retenue=oui"))).status_code == 204, "once"


async def test_a_case_that_is_erased_meanwhile_is_answered_by_nobody(hall, lamp, send):
    await send()
    await hall.vault.destroy_keys([draft_in(hall, lamp).words.key_id])
    await pass_by(hall, UNDO)
    assert given_by(hall) == []
    assert draft_in(hall, lamp).leaving is None


async def test_altered_words_leave_nothing_and_keep_no_other_waiting(karim, hall, lamp, send, cases, fields):
    await send()
    draft = draft_in(hall, lamp)
    box = draft.words.box[:-1] + bytes([draft.words.box[-1] ^ 1])
    altered = draft.words.model_copy(update={"box": box})
    hall.drafts.drafts[draft.draft_id] = draft.model_copy(update={"words": altered})
    hole = cases["hole"]
    form = {**fields(await karim.get(here(hole))), "text": TEXT}
    await karim.post(here(hole, "reponse"), data=form)
    await pass_by(hall, UNDO)
    assert [each.case_id for each in given_by(hall)] == [hole.case_id]
    assert draft_in(hall, lamp).refused == "unreadable-words"


async def test_what_nobody_decides_is_looked_at_ever_more_seldom(hall, lamp, send):
    hall.publisher.is_away = True
    await send()
    await pass_by(hall, UNDO)
    looks = []
    for _ in range(300):
        await pass_by(hall, A_SECOND)
        looks.append(draft_in(hall, lamp).leaving.next_at)
    assert len(set(looks)) < 16
    assert len(given_by(hall)) == 1
    await hall.publisher.decide(*given_by(hall))
    await pass_by(hall, timedelta(minutes=1))
    assert draft_in(hall, lamp).leaving is None


async def test_what_nothing_confirms_is_its_author_s_draft_again_to_be_looked_at_first(karim, hall, lamp, send):
    hall.publisher.is_away = True
    await send()
    await pass_by(hall, UNDO)
    await pass_by(hall, AWAITED_FOR + A_SECOND)
    assert draft_in(hall, lamp).refused == "unconfirmed"
    page = (await karim.get(here(lamp))).text
    assert "Rien n’est venu confirmer l’envoi de la réponse" in page
    assert "une réponse partirait alors deux fois" in page
    assert answer_field(page).endswith(f">{SHOWN}")
    told = (await karim.get("/demandes")).text
    assert "Rien n’est venu confirmer 1 réponse de vous" in told
    assert f'<a href="{here(lamp)}">' in told
    assert "pas partie" not in page + told


class KilledError(BaseException):
    """The process is gone: nothing of it catches that."""


class Mortal:
    """A port of a process that dies at one of its calls: `fate` counts them."""

    def __init__(self, port: Any, fate: "Fate") -> None:
        self._port = port
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        there = getattr(self._port, name)
        return self._fate.over(there) if callable(there) else there


class Fate:
    """at: the call at which it dies; after: once that has had its effect."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.left = at
        self.after = after

    def over(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def mortal(*given: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left == 0 and not self.after:
                raise KilledError
            done = await call(*given, **named)
            if self.left == 0:
                raise KilledError
            return done

        return mortal


def mortal(answers: LeavingAnswers, fate: Fate) -> LeavingAnswers:
    """Return a process that dies."""
    drafts, vault = Mortal(answers.drafts, fate), Mortal(answers.ports.vault, fate)
    ports = replace(
        answers.ports,
        vault=vault,
        **{name: Mortal(getattr(answers.ports, name), fate) for name in ("messages", "objects", "publisher", "audit")},
    )
    files = replace(answers.files, vault=vault, objects=Mortal(answers.files.objects, fate))
    return replace(
        answers,
        drafts=drafts,
        files=files,
        keeper=replace(answers.keeper, drafts=drafts, vault=vault),
        cases=Mortal(answers.cases, fate),
        commands=Mortal(answers.commands, fate),
        ports=ports,
    )


deaths = st.lists(st.tuples(st.integers(1, 18), st.booleans()), max_size=5)


@settings(max_examples=60, deadline=None)
@given(
    at_once=st.booleans(), deaths=deaths, takes_back=st.integers(-1, 5), refuses=st.sampled_from([None, "case-changed"])
)
async def test_whoever_is_killed_it_is_given_once_or_taken_back(at_once, deaths, takes_back, refuses):
    hall = TownHall(undo=timedelta(0) if at_once else UNDO)
    case, visitor = await hall.open_case("lamp"), _visitor(hall)
    answers, typed = hall.leaving_answers(), FormInput("a" * 32, text=TEXT)
    await answers.keeper.keep(visitor, case, typed)
    await answers.files.attach(visitor, case, typed.once, [SentFile("plan.pdf", "application/pdf", b"%PDF the plan")])
    files = await answers.files.of(visitor, case, typed.once)
    reply = reply_command(visitor, case, Answer(typed.sheet, TEXT, case.opened_by), answers.ports)
    close = close_command(visitor, case, sheet=typed.sheet, ports=answers.ports, unannounced=None)
    draft = await answers.leave(visitor, case, typed, TEXT, files, reply, close)
    hall.publisher.refuses, back = refuses, False
    for number, (at, after) in enumerate(deaths):
        if number == takes_back:
            back = await answers.take_back(visitor, case) or back
        dying = mortal(answers, Fate(at, after=after))
        try:
            if at_once and number == 0:
                await dying.give(draft, case, TEXT)
            await dying.go_on()
        except KilledError:
            pass
        hall.clock.now += A_SECOND
        hall.drafts.lapse()
    hall.drafts.lapse()
    for _ in range(3):
        await pass_by(hall, UNDO)
    kept = draft_in(hall, case)
    assert kept.leaving is None
    firsts = list({each.event_id: type(each) for each in given_by(hall)}.values())
    if back:
        assert (firsts, kept.is_over, kept.files) == ([], False, files)
    else:
        assert await files_of(hall, reply.outbound_id) == {"plan.pdf": b"%PDF the plan"}
        assert kept.files == (() if refuses is None else files)
        assert {*hall.objects.objects}.isdisjoint(each.file_id for each in files) == (refuses is None)
        assert firsts == [SendReply, CloseCase]
        assert len({(each.event_id, each.occurred_at) for each in given_by(hall)}) == 2
        assert (kept.is_over, await words_of(hall, case)) == ((True, "") if refuses is None else (False, TEXT))


async def files_of(hall: TownHall, answer: MessageId) -> dict[str, bytes]:
    """Return the files of an answer, by name, as they are sealed under its key."""
    message = hall.messages.messages[answer]
    said = await open_one(hall.vault, OUTBOUND_CONTENT.on(answer, message.content))
    keys = await hall.vault.open_keys([message.content.key_id])
    boxes = {each.attachment_id: await hall.objects.get(each.attachment_id) for each in message.attachments}
    key = keys[message.content.key_id]
    return {said.attachment_names[name]: attachment(name).open_box(key, answer, box) for name, box in boxes.items()}


def _visitor(hall: TownHall) -> Any:
    class Karim:
        agent = next(each for each in hall.town.agents if each.agent_id == KARIM)

    return Karim()
