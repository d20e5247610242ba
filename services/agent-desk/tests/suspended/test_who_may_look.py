"""Without the right, and for another department's mail, every page is as one that was never there."""

from itertools import product

import pytest

from guichet.store.audit.trail import Act
from guichet.store.messages.suspension import SuspensionState

HERE = "/courriels-suspendus"
NOBODYS = "0" * 32
COMMANDS = ("liberation", "indesirable")


def addresses(message: str) -> list[str]:
    return [f"{HERE}/{message}", f"{HERE}/{message}/fichiers/1"]


@pytest.fixture
def calls(hall, monkeypatch):
    """The store's calls, by name."""
    made = []
    for port in (hall.suspended, hall.unseen, hall.audit):
        for name in (each for each in dir(type(port)) if not each.startswith("_")):
            if callable(getattr(port, name)):
                monkeypatch.setattr(port, name, noting(made, name, getattr(port, name)))
    return made


def noting(made, name, method):
    def call(*args, **kwargs):
        made.append(name)
        return method(*args, **kwargs)

    return call


async def test_every_address_of_another_departments_mail_answers_as_for_one_that_does_not_exist(helene, mails, calls):
    for missing, foreign in zip(addresses(NOBODYS), addresses(mails.social), strict=True):
        calls.clear()
        nothing = await helene.get(missing)
        asked = [*calls]
        calls.clear()
        hidden = await helene.get(foreign)
        assert (hidden.status_code, hidden.text) == (404, nothing.text), foreign
        assert hidden.headers.raw == nothing.headers.raw
        assert calls == asked


async def test_without_the_right_so_does_every_address(claire, mails, calls):
    for missing, theirs in zip(addresses(NOBODYS), addresses(mails.letter), strict=True):
        calls.clear()
        nothing = await claire.get(missing)
        asked = [*calls]
        calls.clear()
        hidden = await claire.get(theirs)
        assert (hidden.status_code, hidden.text) == (404, nothing.text), theirs
        assert calls == asked


async def test_without_the_right_there_is_no_list_and_the_try_is_noted(claire, hall, mails):
    answer = await claire.get(HERE)
    assert answer.status_code == 404
    assert "n’existe pas" in answer.text
    assert [each.act for each in hall.audit.entries if each.thing == "suspended-mail"] == [Act.NOT_FOUND]
    assert len(hall.unseen.unseen) == 3, "nobody has seen anything"


@pytest.mark.parametrize(("who", "command"), product(("claire.dumas", "helene.vasseur", "fatou.diallo"), COMMANDS))
async def test_no_decision_about_a_mail_that_is_not_theirs_reaches_the_router(
    sign_in, hall, mails, fields, who, command
):
    browser = await sign_in(who)
    foreign = mails.social if who == "helene.vasseur" else mails.letter
    form = {**fields(await browser.get("/demandes")), "once": "0" * 32}
    nothing = await browser.post(f"{HERE}/{NOBODYS}/{command}", data=form)
    hidden = await browser.post(f"{HERE}/{foreign}/{command}", data=form)
    assert (hidden.status_code, hidden.text) == (404, nothing.text)
    assert hall.publisher.published == []
    assert hall.messages.messages[foreign].suspended.state is SuspensionState.WAITING


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_form_of_another_site_decides_nothing(helene, hall, mails, fields, command):
    form = fields(await helene.get(f"{HERE}/{mails.letter}"))
    for forged in ({**form, "form_token": "x"}, {key: each for key, each in form.items() if key != "form_token"}):
        assert (await helene.post(f"{HERE}/{mails.letter}/{command}", data=forged)).status_code == 403
    assert (await helene.get(f"{HERE}/{mails.letter}/{command}")).status_code == 405
    assert hall.publisher.published == []


async def test_nothing_is_shown_to_who_is_not_signed_in(open_browser, hall, mails):
    browser = open_browser()
    for address in (HERE, *addresses(mails.letter)):
        assert (await browser.get(address)).headers["location"].startswith("/connexion")
    assert (await browser.post(f"{HERE}/{mails.letter}/liberation", data={})).status_code == 401
    assert len(hall.unseen.unseen) == 3


async def test_an_outcome_page_tells_nothing_of_a_mail_that_is_not_theirs(helene, mails):
    page = (await helene.get(f"{HERE}?fait=liberation&courriel={mails.social}")).text
    assert "libéré" not in page
    assert (await helene.get(f"{HERE}?fait=liberation&courriel=%00%ff")).status_code == 200
