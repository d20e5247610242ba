"""The town's words as citizens read them, and a trial to one's own mailbox; nothing for whom the town has not named."""

import html
import re
from dataclasses import replace

import pytest

from guichet.channel.word_previews import KINDS, previews, why_none
from guichet.ids import AgentId
from guichet.store.agents.agent_mails import WordsTrial

HELENE, HERE = AgentId("agent-19"), "/administration/textes"


@pytest.fixture
def address():
    return "helene.vasseur@mairie.example"


@pytest.fixture
def at_work(administered, address):
    """Let Hélène Vasseur have an address at work."""
    files, address = administered.town.staff, {"work_email": address}
    agents = (each.model_copy(update=address) if each.agent_id == HELENE else each for each in files.agents)
    administered.town = replace(administered.town, staff=replace(files, agents=tuple(agents)))


@pytest.fixture
async def helene(administered, sign_in, cases):
    return await sign_in("helene.vasseur")


async def test_every_letter_is_shown_as_it_is_previewed_with_its_templates(administered, helene):
    town = administered.town
    for kind in KINDS:
        for channel in ("email", "sms"):
            page = await helene.get(HERE, params={"lettre": kind, "canal": channel})
            assert page.status_code == 200
            letters = [] if why_none(town, kind, channel, None) else previews(town, kind, channel)
            said = html.unescape(page.text)
            assert [each for each in letters if each.text not in said] == []
            assert ("ne part jamais par ce canal" in page.text) is (not letters)
            assert [
                name for each in letters for name in each.written_from if f"<code>{name}</code>" not in page.text
            ] == []


async def test_an_sms_says_what_it_is_billed(helene):
    page = (await helene.get(HERE, params={"canal": "sms"})).text
    assert "2 messages facturés, 0,150 EUR vers la France" in page.replace("\u00a0", " ")


@pytest.mark.parametrize("asked", [{"lettre": "rien"}, {"canal": "pigeon"}, {"demarche": "rien"}, {"canal": "letter"}])
async def test_what_there_is_not_is_not_found(helene, asked):
    assert (await helene.get(HERE, params=asked)).status_code == 404


async def test_to_whom_the_town_has_not_named_nothing_is_there(administered, karim):
    assert (await karim.get(HERE)).status_code == 404


async def trial(browser, **said):
    page = (await browser.get("/administration/agents/nouveau")).text
    [token, *_] = re.findall(r'name="form_token" value="([^"]*)"', page)
    return await browser.post(f"{HERE}/essai", data={"form_token": token, **said})


async def test_a_trial_goes_to_the_mailbox_of_who_asks_whatever_the_form_says(administered, at_work, helene):
    answer = await trial(helene, lettre="receipt", canal="sms", demarche="terrasse", to="jeanne@citoyen.example")
    assert (answer.status_code, answer.headers["Location"].endswith("&fait=essai")) == (303, True)
    await trial(helene, lettre="receipt", canal="sms", demarche="terrasse")
    [mail] = administered.word_trials.mails.values()
    assert (mail.agent, mail.news) == (HELENE, ())
    assert mail.trial == WordsTrial(kind="receipt", channel="sms", procedure="terrasse")
    assert "helene.vasseur@mairie.example" in (await helene.get(answer.headers["Location"])).text


@pytest.mark.parametrize(
    "said",
    [{"lettre": "rien"}, {"canal": "pigeon"}, {"lettre": "another_way", "canal": "sms"}, {"demarche": "rien"}],
)
async def test_of_what_there_is_not_no_trial_goes(administered, at_work, helene, said):
    assert (await trial(helene, **said)).status_code == 404
    assert administered.word_trials.mails == {}


async def test_without_a_mailbox_or_in_a_demonstration_none_goes(administered, helene):
    assert (await trial(helene, lettre="receipt")).status_code == 404
    assert "M’envoyer un essai" not in (await helene.get(HERE)).text


@pytest.mark.parametrize("address", ["voirie@mairie.example"])
async def test_none_goes_to_a_mailbox_of_the_towns_where_it_would_open_a_case(administered, at_work, helene):
    assert (await trial(helene, lettre="receipt")).status_code == 404
    assert administered.word_trials.mails == {}
    assert "M’envoyer un essai" not in (await helene.get(HERE)).text
