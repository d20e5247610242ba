"""Who holds, guesses or keeps the link of somebody's question: one answer at most, nothing to read but what is asked."""

import asyncio
import secrets
from datetime import timedelta

import pytest

from citizen_portal.entry.pages import FORMS_PER_ADDRESS
from citizen_portal.handlers.note_readings import READINGS_PER_LINK
from guichet.contracts.case_events import CaseState
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.questions import AnsweredQuestion
from guichet.privacy.follow_link import QuestionLink, new_question_link
from guichet.runtime.telemetry.metrics import ALARM
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.inbound import sealed_message
from guichet_testing.builders.link import a_link
from guichet_testing.doors import portal_on_twins
from guichet_testing.twins.publisher import InMemoryPublisher
from tests.attacks.citizens.asked import ASKED, LETTER, PRIVATE, Asked, an_asked_case, somebody
from tests.attacks.citizens.impostor import ALICE, NAME, PHONE, a_counter

WORDS = "Devant le numéro 3."
OTHERS = "Devant le numéro 5, en fait."
TAKEN = "/reponse-enregistree"


@pytest.fixture
async def asked() -> Asked:
    return await an_asked_case()


@pytest.fixture
async def browser(asked: Asked):
    async with somebody(asked.web) as browser:
        yield browser


@pytest.fixture(autouse=True)
def no_alarm():
    yield
    ALARM.clear()


class SlowBroker(InMemoryPublisher):
    """Confirms nothing before it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.may_confirm = asyncio.Event()

    async def publish(self, *publications) -> None:
        await self.may_confirm.wait()
        await super().publish(*publications)


class BrokenBroker(InMemoryPublisher):
    """Takes nothing, until it is mended."""

    is_broken = True

    async def publish(self, *publications) -> None:
        if self.is_broken:
            raise ValueError("a bug of ours")
        await super().publish(*publications)


def near(link: QuestionLink, case: str) -> list[str]:
    """Return what somebody might try who knows something of the link."""
    flipped = [bytes(byte ^ (at == place) for at, byte in enumerate(link.secret)) for place in range(24)]
    return [
        *(QuestionLink(secret).token for secret in flipped),
        *(link.token[:-1], f"{link.token}A", link.token.swapcase(), link.lookup, link.lookup[:32]),
        *(a_link(case).token, new_question_link().token, "", ".", "%00", secrets.token_urlsafe(3000)),
    ]


async def test_no_token_but_the_links_own_leads_to_it(asked, browser):
    assert ASKED in (await browser.get(asked.path)).text, "the right one does"
    for token in near(asked.link, asked.case.case_id):
        typed = {"q1": WORDS, "word": "", "website": ""}
        answers = [await browser.get(f"/question/{token}")]
        answers.append(await browser.post(f"/question/{token}", data=typed, files={"q2": ("", b"")}))
        assert {each.status_code for each in answers} == {404}, token
        assert ASKED not in answers[0].text + answers[1].text
    assert asked.portal.received == []


async def test_of_two_answers_in_the_same_moment_one_is_taken_and_the_other_comes_back(asked):
    asked.portal.publisher = broker = SlowBroker()
    web = asked.portal.web()
    async with somebody(web) as one, somebody(web, "2001:db8::2") as other:
        forms = [await asked.typed(one, WORDS), await asked.typed(other, OTHERS)]
        first = asyncio.create_task(asked.send(one, forms[0]))
        second = asyncio.create_task(asked.send(other, forms[1]))
        await asyncio.wait({first, second}, return_when=asyncio.FIRST_COMPLETED, timeout=10)
        assert first.done() or second.done(), "both wait for the broker: both would be taken"
        broker.may_confirm.set()
        answers = [await first, await second]
    assert sorted(each.status_code for each in answers) == [303, 409]
    [refused] = [(each, said) for each, said in zip(answers, (WORDS, OTHERS), strict=True) if each.status_code == 409]
    assert refused[1] in refused[0].text, "what was typed is lost"
    assert len(asked.portal.received) == 1
    [case] = await asked.bring()
    assert case.case_id == asked.case.case_id
    [said] = await asked.said_in(case)
    assert refused[1] not in said


async def test_an_answer_that_is_sent_and_brought_again_and_again_is_one_message(asked, browser):
    typed = await asked.typed(browser, WORDS)
    assert [(await asked.send(browser, typed)).headers["location"] for _ in range(3)] == [TAKEN] * 3
    cases = [*await asked.bring(), *await asked.bring()]
    assert {case.case_id for case in cases} == {asked.case.case_id}
    assert len(await asked.said_in(asked.case)) == 1
    await asked.becomes(answered_questions=(LETTER,))
    again = await asked.send(browser, typed)
    assert (again.status_code, again.headers["location"]) == (303, TAKEN), "who never saw the thanks hears it was lost"
    late = await asked.send(browser, typed | {"q1": OTHERS})
    assert (late.status_code, OTHERS in late.text) == (409, True)
    assert len({event.message_id for event in asked.portal.received}) == 1


async def test_an_answer_that_failed_for_a_reason_of_ours_bars_no_other(asked):
    asked.portal.publisher = broker = BrokenBroker()
    async with somebody(asked.portal.web()) as browser:
        typed = await asked.typed(browser, WORDS)
        with pytest.raises(ValueError, match="a bug of ours"):
            await asked.send(browser, typed)
        broker.is_broken = False
        assert (await asked.send(browser, typed | {"q1": OTHERS})).status_code == 303


async def test_in_another_town_it_leads_nowhere(asked):
    elsewhere = portal_on_twins.Counter()
    async with somebody(elsewhere.web()) as browser:
        assert (await browser.get(asked.path)).status_code == 404
        sent = await asked.send(browser, {"q1": WORDS})
    assert (sent.status_code, elsewhere.received) == (404, [])


async def test_what_one_towns_portal_took_joins_nothing_in_another(asked, browser):
    assert (await asked.send(browser, await asked.typed(browser, WORDS))).status_code == 303
    [event] = asked.portal.received
    other = await a_counter()
    other.vault = asked.town.vault
    case = await other.take(event)
    assert (case.case_id != asked.case.case_id, case.linked_to) == (True, None)


@pytest.mark.parametrize("proven", ["by another link", "for another message"])
async def test_an_adapter_that_was_taken_over_writes_into_no_case_by_a_question(asked, proven):
    link = new_question_link() if proven == "by another link" else asked.link
    draft = await sealed_message(asked.town.vault, "forged", InboundContent(sender=(), text="x"), ARRIVED)
    proof = link.proof(draft.message_id if proven == "by another link" else "another message")
    said = InboundContent(sender=(), text=WORDS, question=AnsweredQuestion(outbound_id=LETTER, proof=proof))
    case = await asked.town.take(await sealed_message(asked.town.vault, "forged", said, ARRIVED, channel="portal"))
    assert (case.case_id != asked.case.case_id, case.linked_to) == (True, None)


async def erase(asked: Asked) -> None:
    """Erase Alice's case, keys first, as an erasure does."""
    theirs = [asked.case.case_id]
    await asked.town.cases.mark_erasing(theirs)
    letters = [each for each in asked.town.messages.messages.values() if each.filed in theirs]
    await asked.town.vault.destroy_keys([each.content.key_id for each in letters])
    await asked.town.messages.erase([each.message_id for each in letters], ARRIVED)
    await asked.town.cases.destroy(theirs, ARRIVED)


async def test_of_an_erased_case_it_leads_nowhere_and_brings_nothing_back(asked, browser):
    typed = await asked.typed(browser, WORDS)
    assert (await asked.send(browser, typed)).status_code == 303
    await erase(asked)
    page, late = await browser.get(asked.path), await asked.send(browser, typed | {"q1": OTHERS})
    assert (page.status_code, late.status_code) == (404, 404)
    assert ASKED not in page.text + late.text
    assert OTHERS in late.text, "what was typed is lost"
    [under_way] = await asked.bring()
    assert under_way.linked_to is None
    assert asked.opened.case_id not in asked.town.cases.cases


async def test_a_closed_case_takes_no_answer_by_it(asked, browser):
    typed = await asked.typed(browser, WORDS)
    await asked.becomes(state=CaseState.CLOSED, closed_at=ARRIVED)
    page, late = await browser.get(asked.path), await asked.send(browser, typed)
    assert (page.status_code, late.status_code, WORDS in late.text) == (410, 410, True)
    asked.portal.clock.now = ARRIVED + asked.portal.town.follow_links_last + timedelta(seconds=1)
    ended = await asked.send(browser, typed)
    assert (ended.status_code, WORDS in ended.text) == (410, True)
    assert asked.portal.received == []


async def test_a_case_that_went_to_a_sensitive_sector_is_asked_nothing_in_the_open(asked, browser):
    typed = await asked.typed(browser, WORDS)
    await asked.becomes(department="ccas")
    page, late = await browser.get(asked.path), await asked.send(browser, typed)
    assert (page.status_code, late.status_code) == (404, 404)
    assert "ccas" not in (page.text + late.text).lower().replace("d’accès", "")
    assert WORDS in late.text, "what was typed is lost"


async def test_an_answer_under_way_follows_its_case_into_a_sensitive_sector(asked, browser):
    assert (await asked.send(browser, await asked.typed(browser, WORDS))).status_code == 303
    await asked.becomes(department="ccas")
    [case] = await asked.bring()
    assert (case.case_id, case.department) == (asked.case.case_id, "ccas")


async def test_it_says_who_asks_and_nothing_of_who_is_asked(asked, browser):
    typed = await asked.typed(browser, WORDS)
    pages = [await browser.get(asked.path), await asked.send(browser, {**typed, "q1": ""})]
    pages += [await asked.send(browser, typed), await browser.get(TAKEN), await browser.get(asked.path)]
    for page in pages:
        for private in (NAME, ALICE, PHONE, *PRIVATE.split(), "où en est mon dossier", "Question</"):
            assert len(private) < 6 or private not in page.text, private
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-robots-tag"] == "noindex, nofollow"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "http://" not in page.text.replace("http://www.w3.org", ""), "nothing of it is asked for elsewhere"


async def test_the_page_of_the_case_leads_to_it_and_it_leads_to_no_page(asked, browser):
    followed = f"/suivi/{a_link(asked.case.case_id).token}"
    assert f'href="{asked.path}"' in (await browser.get(followed)).text
    typed = await asked.typed(browser, WORDS)
    for page in (await browser.get(asked.path), await asked.send(browser, typed), await browser.get(TAKEN)):
        assert "/suivi/" not in page.text
    await asked.becomes(answered_questions=(LETTER,))
    assert "/question/" not in (await browser.get(followed)).text


async def test_opened_or_sent_without_end_it_stops_and_takes_nobody_elses_page(asked, browser):
    followed = f"/suivi/{a_link(asked.case.case_id).token}"
    typed = await asked.typed(browser, "")
    for _ in range(READINGS_PER_LINK // 2):
        await asked.send(browser, typed)
        last = await browser.get(asked.path)
    late = await asked.send(browser, typed | {"q1": WORDS})
    assert (last.status_code, late.status_code, WORDS in late.text) == (429, 429, True)
    assert len(asked.portal.audit.entries) == READINGS_PER_LINK, "a flood fills the disk"
    assert (await browser.get(followed)).status_code == 200, "who was passed the link takes the page from its citizen"
    assert asked.portal.received == []


async def test_whoever_sends_many_forms_waits(asked, browser):
    typed = await asked.typed(browser, WORDS)
    sent = [await asked.send(browser, typed) for _ in range(FORMS_PER_ADDRESS + 1)]
    assert [each.status_code for each in sent] == [303] * FORMS_PER_ADDRESS + [429]
    assert WORDS in sent[-1].text


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ([("photo.jpg", b"x" * (8 * 1024 * 1024 + 1))], 422),
        ([("photo.jpg", b"x" * (22 * 1024 * 1024))], 413),
        ([(f"{number}.jpg", b"x") for number in range(11)], 422),
        ([(f"{number}.jpg", b"x") for number in range(80)], 400),
        ([("facture.pdf.exe", b"MZ")], 422),
        ([("page.html", b"<script>alert(1)</script>")], 422),
        ([("plan.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")], 422),
        ([("sans-nom", b"?")], 422),
    ],
    ids=["large", "larger than a form", "many", "very many", "a program", "a page", "a drawing that runs", "unknown"],
)
async def test_files_that_the_form_does_not_ask_for_reach_nobody(asked, browser, files, status):
    typed = await asked.typed(browser, WORDS)
    sent = await browser.post(asked.path, data=typed, files=[("q2", each) for each in files])
    assert (sent.status_code, asked.portal.received) == (status, [])


async def test_a_files_name_is_a_name_and_nothing_else(asked, browser):
    typed = await asked.typed(browser, WORDS)
    sent = await browser.post(asked.path, data=typed, files=[("q2", ("../../etc/\u202egpj.exe.jpg", b"\xff\xd8\xff"))])
    assert sent.status_code == 303
    [event] = asked.portal.received
    content = await asked.portal.open(event)
    [name] = content.attachment_names.values()
    assert not {"/", "\\", "\u202e"} & {*name}
    assert "\u202e" not in content.text
