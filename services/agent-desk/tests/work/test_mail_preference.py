"""Mails that tell an agent what is « Pour moi »: wanted under Préférences, at the address that the town knows."""

from datetime import timedelta

from guichet.ids import AgentId
from guichet.store.agents.preferences import MailWish

KARIM, SOPHIE = AgentId("agent-12"), AgentId("agent-13")
HERE = "/preferences"


async def choose(browser, fields, path=HERE, **said):
    form = fields(await browser.get(HERE)) | {"keys": "oui"} | said
    return await browser.post(path, data=form)


async def test_an_agent_chooses_when_and_reads_it_back(karim, hall, fields):
    page = (await karim.get(HERE)).text
    assert "À karim.haddad@mairie.example" in page
    assert 'value="never" checked' in page
    await choose(karim, fields, path=f"{HERE}?langue=en", mails="soon", notify="oui")
    liked = hall.preferences.preferences[KARIM]
    assert (liked.mails, liked.mails_since, liked.language, liked.notify) == (MailWish.SOON, hall.clock(), "en", True)
    assert 'value="soon" checked' in (await karim.get(HERE)).text
    hall.clock.now += timedelta(minutes=1)
    await choose(karim, fields, mails="morning")
    assert hall.preferences.preferences[KARIM].mails_since == liked.mails_since, "they were wanted all along"
    await choose(karim, fields, mails="nonsense")
    assert hall.preferences.preferences[KARIM].mails is MailWish.MORNING


async def test_an_address_that_was_refused_is_shown_until_mails_are_asked_for_again(karim, hall, fields):
    await choose(karim, fields, mails="soon")
    await hall.preferences.note_refused(KARIM, hall.clock())
    page = (await karim.get(HERE)).text
    assert "Votre messagerie a refusé notre courriel" in page
    assert 'aria-describedby="mail-hint mail-refused"' in page
    assert 'value="never" checked' in page
    await choose(karim, fields, mails="soon")
    assert "a refusé" not in (await karim.get(HERE)).text
    assert hall.preferences.preferences[KARIM].is_written_to


async def test_who_has_no_address_is_told_who_gives_it_and_loses_no_choice(sign_in, hall, cases, fields):
    sophie = await sign_in("sophie.renard")
    page = (await sophie.get(HERE)).text
    assert "donne votre adresse à Guichet" in page
    helene = await sign_in("helene.vasseur")
    page = (await helene.get(HERE)).text
    assert 'href="/administration/agents/agent-19"' in page, "an administrator is led to where it is said"
    assert "l’administrateur" not in page
    assert 'name="mails"' not in page
    wanting = (await hall.preferences.of(SOPHIE)).with_mails(MailWish.SOON, "fr", hall.clock())
    hall.preferences.preferences[SOPHIE] = wanting
    await choose(sophie, fields, keys="non")
    assert hall.preferences.preferences[SOPHIE] == wanting.model_copy(update={"keys": False})
