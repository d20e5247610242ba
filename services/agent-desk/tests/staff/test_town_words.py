"""The town's words as citizens read them: every kind on every channel, and nothing for whom the town has not named."""

import html

import pytest

from guichet.channel.word_previews import KINDS, previews, why_none

HERE = "/administration/textes"


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
