"""`guichet town mail`: each result is a sentence with what to do, and what is in order is noted."""

import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from guichet.channel.host.errand import Answer, Request
from guichet_cli.town import own_mail
from guichet_cli.town.checklist.attested import read_done
from guichet_cli.town.command import app
from guichet_cli.town.findings import State
from guichet_cli.town.own_mail_words import finding_of
from guichet_testing.builders.example_town import EXAMPLE_TOWN


@pytest.mark.parametrize("method", ["spf", "dkim", "dmarc"])
@pytest.mark.parametrize("result", ["", "none", "fail", "softfail", "neutral", "permerror", "temperror", "odd"])
def test_whatever_is_found_there_is_something_to_do(method: str, result: str) -> None:
    found = finding_of(method, result, "a.example", "mairie.example", is_own=True)
    assert found.state is State.WRONG
    assert "{" not in found.said[0].fr + found.said[0].en


def test_what_is_in_order_but_not_believed_is_for_a_person() -> None:
    assert finding_of("spf", "pass", "", "mairie.example", is_own=True).state is State.WELL
    seen = finding_of("spf", "pass", "", "mairie.example", is_own=False)
    assert (seen.state, "docs/mailboxes.md, 4" in seen.said[0].fr) == (State.TO_SEE, True)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(own_mail, "PAUSE_S", 0.0)
    monkeypatch.setattr(own_mail, "PATIENCE", timedelta(0))
    return Path(shutil.copytree(EXAMPLE_TOWN, tmp_path / "town"))


def mail(town: Path, monkeypatch: pytest.MonkeyPatch, *found: str) -> tuple[Result, list[Request]]:
    """Run the command against code that answers so; return what came of it, and what was asked."""
    asked: list[Request] = []

    async def ask_intake(_town: Path, request: Request, _environment: Mapping[str, str]) -> Answer:
        asked.append(request)
        mailboxes = ("voirie V voirie@mairie.example", "main M contact@mairie.example")
        said = {own_mail.MAIL_FILE: mailboxes, own_mail.SEND: ("contact@mairie.example",), own_mail.FIND: found}
        return Answer(verdict="done", lines=said[request.name])

    monkeypatch.setattr(own_mail, "ask_intake", ask_intake)
    return CliRunner().invoke(app, ["mail", "--town", str(town)]), asked


def test_what_is_in_order_is_noted(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done, asked = mail(town, monkeypatch, "spf pass - own", "dkim pass mairie.example own", "dmarc pass - own")
    assert (done.exit_code, done.output) == (0, "[ok] SPF (pass)\n[ok] DKIM (pass)\n[ok] DMARC (pass)\n")
    assert asked[1].words[1] == "contact@mairie.example", "the main mailbox, unasked"
    assert asked[2].words == ("main", asked[1].words[0])
    assert read_done(town)["own-mail"].by == "guichet town mail"


def test_what_is_not_is_a_sentence_and_is_not_noted(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done, _ = mail(town, monkeypatch, "spf softfail - own", "dkim - - own", "dmarc fail - own")
    assert done.exit_code == 1
    assert (
        "[NON] SPF (softfail)\n     le relais n’est pas parmi ceux que le SPF de mairie.example permet" in done.output
    )
    assert "[NON] DKIM (–)\n     le courriel n’est pas signé" in done.output
    assert read_done(town) == {}


def test_a_mail_that_does_not_come_is_said(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done, _ = mail(town, monkeypatch)
    assert (done.exit_code, "il n’est pas arrivé en trois minutes" in done.output) == (1, True)


def test_a_demonstration_sends_no_trial_either(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (town / "town.yaml").open("a", encoding="utf-8") as file:
        file.write("\ndemonstration: true\n")
    done, asked = mail(town, monkeypatch, "spf pass - own")
    assert (done.exit_code, "démonstration" in done.output, asked) == (1, True, [])


def test_what_nobody_believes_is_not_noted(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done, _ = mail(town, monkeypatch, "spf pass - -", "dkim pass mairie.example -", "dmarc pass - own")
    assert (done.exit_code, "[à voir] SPF (pass)" in done.output) == (0, True)
    assert read_done(town) == {}


def test_what_is_refused_is_said_in_the_language_that_was_asked(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mail(town, monkeypatch)
    french, english = (
        CliRunner().invoke(app, ["mail", "accueil", "--town", str(town), "--lang", lang]).output
        for lang in ("fr", "en")
    )
    assert "mail.yaml n’a pas de boîte accueil" in french
    assert "mail.yaml has no mailbox accueil" in english


def test_a_town_that_nobody_reads_mailboxes_of_is_told_so_in_french(
    town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask_intake(*_: object) -> Answer:
        return Answer(verdict="never")

    monkeypatch.setattr(own_mail, "ask_intake", ask_intake)
    done = CliRunner().invoke(app, ["mail", "--town", str(town)])
    assert "aucun canal connu ici ne relève de boîte" in done.output
