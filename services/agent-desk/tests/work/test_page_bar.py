"""What only decorates a page prevents neither it nor a form: it is left out, logged, and said wrongly by no page."""

import pytest
from structlog.testing import capture_logs

from guichet.errors import TransientError
from guichet.ids import AgentId
from guichet.store.agents.preferences import Preference
from guichet_testing.doors.suspended_morning import a_suspended_morning

HELENE = AgentId("agent-19")
WORDS = "Des mots que personne ne veut taper deux fois."


@pytest.mark.parametrize("why", [TransientError("the store is away"), ValueError("Mme Moreau is no boolean")])
async def test_what_the_bar_says_prevents_no_page_and_loses_no_words(why, sign_in, hall, cases, fields, monkeypatch):
    await a_suspended_morning(hall)
    hall.preferences.preferences[HELENE] = Preference(_id=HELENE, keys=False)
    helene = await sign_in("helene.vasseur")
    whole = await helene.get("/reponses-types/nouvelle")
    assert "à examiner" in whole.text

    async def fails(*_words):
        raise why

    for port, question in ((hall.preferences, "of"), (hall.news, "unseen"), (hall.suspended, "count")):
        monkeypatch.setattr(port, question, fails)
    with capture_logs() as logged:
        page = await helene.get("/reponses-types/nouvelle")
        assert page.status_code == 200
        assert "à examiner" not in page.text
        assert 'href="/courriels-suspendus"' in page.text, "she may look, however many wait"
        assert 'id="n-pour-moi"></span>' in page.text, "no count is no claim that nothing waits"
        assert 'data-keys="off"' in page.text, "what she may have switched off does nothing"
        assert (await helene.get(f"/demandes/{cases['hole'].reference}")).status_code == 200
        typed = fields(whole) | {"title": "Passage", "text": WORDS, "whose": "-", "once": "a" * 32}
        assert (await helene.post("/reponses-types/nouvelle", data=typed)).status_code == 303
    assert [each.owner for each in hall.saved_answers.answers.values()] == [HELENE], "what she typed is kept"
    assert {each.get("part") for each in logged} >= {"preferences", "news", "suspended"}
    assert "Moreau" not in str(logged)
