"""Who has heard of a mail (in Cc, on a list) and sends it first, or once more, with words of their own."""

import pytest

from tests.attacks.citizens.impostor import ALICE, LOOK_ALIKE, NAME, OURS, Counter, a_counter

pytestmark = pytest.mark.usefixtures("quick_passwords")

WORDS = "Bonjour,\nje souhaite être remboursée des frais.\nMerci."
IBAN = "Mon nouvel IBAN : FR76 0000 0000."
PASS, FAIL, NONE = (
    f"Authentication-Results: {OURS}; dmarc={verdict} header.from=courriel.example\n"
    for verdict in ("pass", "fail", "none")
)
AGAIN = "Le même courriel est arrivé aussi par une autre voie."


def a_mail(text: str = WORDS, *, verdict: str = NONE, more: str = "") -> bytes:
    head = (
        f"{verdict}From: {NAME} <{ALICE}>\nTo: contact@mairie.example, mallory@ailleurs.example\n{more}"
        "Date: Mon, 02 Mar 2026 10:30:00 +0100\nMessage-ID: <frais@courriel.example>\nSubject: Question\n"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    )
    return f"{head}\n{text}\n".replace("\n", "\r\n").encode()


@pytest.fixture
async def counter() -> Counter:
    return await a_counter()


def messages_of(page: str) -> int:
    return page.count('class="moment moment-citizen')


@pytest.mark.parametrize("verdict", [NONE, FAIL])
async def test_a_forger_who_writes_first_takes_the_place_of_no_mail_that_is_vouched_for(counter, verdict):
    await counter.take_raw(a_mail(f"{WORDS}\n{IBAN}", verdict=verdict), name="forged")
    hers = await counter.take_raw(a_mail(verdict=PASS), name="hers")
    page = await counter.page(hers)
    assert AGAIN not in page
    assert counter.messages.messages[[*counter.messages.messages][-1]].copy_of is None
    assert "remboursée des frais" in page


async def test_where_nobody_is_vouched_for_each_line_that_came_one_way_alone_is_shown_as_such(counter):
    """The forger could write in her name before: two mails, of which one could be overlooked."""
    case = await counter.take_raw(a_mail(f"{WORDS}\n{IBAN}"), name="forged")
    await counter.take_raw(a_mail(), name="hers")
    page = await counter.page(case)
    assert messages_of(page) == 1
    said = page.partition(AGAIN)[2].partition("</p>")[0]
    assert "Lignes absentes de cette copie" in said
    assert IBAN in said


@pytest.mark.parametrize("verdict", [PASS, NONE, FAIL])
async def test_a_forger_who_writes_once_more_opens_nothing_and_is_quoted(counter, verdict):
    case = await counter.take_raw(a_mail(verdict=PASS), name="hers")
    await counter.take_raw(a_mail(f"{WORDS}\n{IBAN}", verdict=verdict), name="forged")
    page = await counter.page(case)
    assert messages_of(page) == counter.opened == 1
    said = page.partition(AGAIN)[2].partition("</p>")[0]
    assert "Lignes en plus dans cette copie" in said
    assert IBAN in said


FORGED = {
    "answers go to the forger": a_mail(more=f"Reply-To: {NAME} <{LOOK_ALIKE}>\n"),
    "a word is another": a_mail(WORDS.replace("remboursée", "prélevée")),
    "a line in the middle": a_mail(WORDS.replace("\nMerci", f"\n{IBAN}\nMerci")),
    "more than a banner": a_mail(f"{WORDS}\n" + f"{IBAN}\n" * 40),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("first", [True, False])
async def test_what_a_forger_changes_beyond_a_banner_hides_no_mail(counter, forged, first):
    for name, mail in (("forged", forged), ("hers", a_mail()))[:: 1 if first else -1]:
        case = await counter.take_raw(mail, name=name)
    page = await counter.page(case)
    assert messages_of(page) == 2
    assert AGAIN not in page
