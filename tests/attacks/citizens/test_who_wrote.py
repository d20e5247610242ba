"""A mail in Alice's name: it is filed as hers only where somebody vouches for it, and an answer goes nowhere unseen."""

import pytest

from guichet.french.phone_numbers import spaced_number
from tests.attacks.citizens.impostor import ALICE, LOOK_ALIKE, NAME, OURS, PHONE, Counter, a_counter

pytestmark = pytest.mark.usefixtures("quick_passwords")

SHOWN = spaced_number(PHONE)
FROM = f"From: {NAME} <{ALICE}>"
PASS = f"Authentication-Results: {OURS}; dmarc=pass header.from=courriel.example"

# What the town's server says above From → whether the mail is filed as Alice's own.
VERDICTS = {
    "no verdict": ("", False),
    "dmarc none": (f"Authentication-Results: {OURS}; dmarc=none header.from=courriel.example", False),
    "dmarc fail": (f"Authentication-Results: {OURS}; dmarc=fail header.from=courriel.example", False),
    "dmarc pass": (PASS, True),
    "dmarc pass of another domain": (f"Authentication-Results: {OURS}; dmarc=pass header.from=evil.example", False),
    "dkim of the domain, no policy": (
        f"Authentication-Results: {OURS}; dmarc=none header.from=courriel.example; dkim=pass header.d=courriel.example",
        True,
    ),
    "dkim of a subdomain, no policy": (
        f"Authentication-Results: {OURS}; dmarc=none; dkim=pass header.d=mail.courriel.example",
        True,
    ),
    "dkim of somebody else, no policy": (
        f"Authentication-Results: {OURS}; dmarc=none; dkim=pass header.d=evil.example",
        False,
    ),
    "dkim of a longer name, no policy": (
        f"Authentication-Results: {OURS}; dmarc=none; dkim=pass header.d=evil-courriel.example",
        False,
    ),
    "dkim of the public suffix": (f"Authentication-Results: {OURS}; dmarc=none; dkim=pass header.d=example", False),
    "dkim in spite of a fail": (
        f"Authentication-Results: {OURS}; dmarc=fail; dkim=pass header.d=courriel.example",
        False,
    ),
    "spf of the envelope alone": (
        f"Authentication-Results: {OURS}; dmarc=none; spf=pass smtp.mailfrom=courriel.example",
        False,
    ),
    "pass in a quoted value": (
        f'Authentication-Results: {OURS}; spf=pass smtp.mailfrom="x; dmarc=pass"@evil.example',
        False,
    ),
    "pass in a quoted value alone": (f'Authentication-Results: {OURS}; spf=pass smtp.mailfrom="x; dmarc=pass"', False),
    "pass in a quoted value cut short": (
        f'Authentication-Results: {OURS}; spf=pass smtp.mailfrom="x; dmarc=pass',
        False,
    ),
    "pass in a nested comment": (f"Authentication-Results: {OURS}; spf=pass (a (b; c) ; dmarc=pass)", False),
    "injected below the real one": (
        f"Authentication-Results: {OURS}; dmarc=none\n{PASS}",
        False,
    ),
    "injected below an unreadable one": (f"Authentication-Results: {OURS}; dmarc=\n{PASS}", False),
    "injected, of a look-alike server": (PASS.replace(OURS, f"{OURS}.evil.example"), False),
    "injected, a server that is not ours": (PASS.replace(OURS, "mx.evil.example"), False),
    "two From headers": (f"{PASS}\nFrom: evil@evil.example", False),
    "pass pushed behind 8 KB": (
        f"Authentication-Results: {OURS}; spf=pass smtp.mailfrom={'x' * 9000}@evil.example; dmarc=pass",
        False,
    ),
}
REPLY_TO = {"none": "", "the same": f"Reply-To: {ALICE}", "look-alike": f"Reply-To: {NAME} <{LOOK_ALIKE}>"}


@pytest.fixture
async def counter() -> Counter:
    return await a_counter()


@pytest.mark.parametrize("reply_to", REPLY_TO)
@pytest.mark.parametrize("verdict", VERDICTS)
async def test_a_mail_that_nobody_vouches_for_is_not_filed_as_the_registered_citizen_s(counter, verdict, reply_to):
    head, proven = VERDICTS[verdict]
    case = await counter.take_mail(f"{head}\n{FROM}\n{REPLY_TO[reply_to]}".strip())
    assert counter.is_alices(case) is proven


@pytest.mark.parametrize(
    "from_line",
    [
        f"From: evil@evil.example, {ALICE}",
        f"From: {ALICE}, evil@evil.example",
        f"From: {ALICE}\nFrom: {ALICE}",
        f"Sender: {ALICE}",
    ],
)
async def test_a_pass_beside_two_authors_or_none_vouches_for_nobody(counter, from_line):
    case = await counter.take_mail(f"{PASS}\n{from_line}")
    assert not counter.is_alices(case)


async def test_a_refused_sender_still_finds_no_way_in(counter):
    """A second From does not turn a `fail` into "not said": what joins a thread is decided by it."""
    head = VERDICTS["dmarc fail"][0]
    real = await counter.take_mail(f"{PASS}\n{FROM}", name="real")
    forged = await counter.take_mail(
        f"{head}\n{FROM}\nFrom: evil@evil.example\nIn-Reply-To: <real@somewhere.example>", name="forged"
    )
    assert forged.case_id != real.case_id


@pytest.mark.parametrize("verdict", ["no verdict", "dmarc none", "dmarc fail", "pass in a quoted value"])
async def test_the_desk_shows_nothing_of_the_registry_beside_a_forged_mail(counter, verdict):
    await counter.take_mail(f"{PASS}\n{FROM}", name="real")
    forged = await counter.take_mail(
        f"{VERDICTS[verdict][0]}\nFrom: Autre Nom <{ALICE}>\nReply-To: {LOOK_ALIKE}".strip(), name="forged"
    )
    page = await counter.page(forged)
    assert "Identité non vérifiée" in page
    assert ALICE in page
    assert LOOK_ALIKE in page
    for secret in (NAME, PHONE, SHOWN, "connu du registre", "Ses autres demandes"):
        assert secret not in page, secret


async def test_the_desk_shows_whose_the_proven_mail_is(counter):
    page = await counter.page(await counter.take_mail(f"{PASS}\n{FROM}"))
    assert "Identité non vérifiée" not in page
    for known in (NAME, SHOWN, "connu du registre"):
        assert known in page, known


async def test_the_desk_asks_before_an_answer_goes_to_a_look_alike(counter):
    page = await counter.page(await counter.take_mail(f"{PASS}\n{FROM}\nReply-To: {LOOK_ALIKE}"))
    assert NAME in page
    assert 'name="elsewhere"' in page, "the answer goes to the look-alike, and nothing asks"


async def test_a_stranger_puts_no_name_on_the_card_of_whose_address_it_is(counter):
    """They write first, under the address of somebody whom the town does not know yet."""
    address = "nora.petit@courriel.example"
    await counter.take_mail(f"From: Mallory the Forger <{address}>", name="first")
    case = await counter.take_mail(f"{PASS}\nFrom: Nora Petit <{address}>", name="second")
    page = await counter.page(case)
    assert "Nora Petit" in page
    assert "Mallory" not in page, "the card of whom a mail server vouches for bears the forger's name"


async def test_a_mail_that_comes_after_the_agent_s_look_diverts_no_answer(counter):
    """It joins the case between the click and the router's decision, and asks for answers elsewhere."""
    case = await counter.take_mail(f"{PASS}\n{FROM}", name="real")
    command = await counter.answer(case, "Votre dossier est prêt.")
    thread = "In-Reply-To: <real@somewhere.example>"
    forged = await counter.take_mail(f"{FROM}\nReply-To: {LOOK_ALIKE}\n{thread}", name="forged")
    assert forged.case_id == case.case_id, "else this test proves nothing"
    await counter.handle(command)
    assert await counter.answered_at(forged) == ALICE, "the answer goes to an address that no agent has seen"
