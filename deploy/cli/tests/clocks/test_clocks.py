"""`guichet clocks`: a history is read whole or refused line by line, and answered by the functions of the law's room."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from guichet.law.clocks import facts
from guichet.law.territories import Territory
from guichet_cli.__main__ import app
from guichet_cli.clocks.history_file import read_lines
from guichet_cli.clocks.lines import EVENTS

DOCS = Path(__file__).parents[4] / "docs"
EXAMPLE = DOCS / "clocks-example.jsonl"
PAGE = (DOCS / "clocks.md").read_text()
RECEIVED = '{"event": "received", "at": "2026-04-30"}'


def clocks(history: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["clocks", "--history", str(history), *words])


def written(folder: Path, *lines: str) -> Path:
    path = folder / "history.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def answered(history: Path, on: str) -> dict[str, Any]:
    done = clocks(history, "--on", on, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_example_says_what_its_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, of_a_case = re.findall(r'```bash\nmake guichet ARGS="(.+?)"\n```', PAGE)
    monkeypatch.chdir(DOCS.parent)  # as make does
    said = CliRunner().invoke(app, asked.split())
    assert said.exit_code == 0, said.output
    assert of_a_case.split()[0] == "clocks"
    [quoted] = re.findall(r"```text\n(.+?)```", PAGE, re.DOTALL)
    assert quoted == said.stdout


def test_the_example_for_a_program() -> None:
    found = answered(EXAMPLE, "2026-04-25")
    by_kind = {each["kind"]: each for each in found["clocks"]}
    assert (by_kind["are"]["state"], by_kind["are"]["due"]) == ("late", "2026-04-20"), "after Good Friday and Easter"
    silence = by_kind["silence"]
    assert (silence["state"], silence["means"], silence["due"]) == ("running", "rejects", "2026-06-12"), "10 days more"
    assert {"fr", "en", "code", "source", "in_force_from"} == silence["rule"].keys()
    are = by_kind["are"]["rule"]
    assert (are["source"], are["in_force_from"]) == ("CRPA R112-11-2 (docs/law.md 8)", "2016-11-07")
    assert found["overdue"] == [
        {"kind": "are", "due": "2026-04-20"},
        {"kind": "first-answer", "due": "2026-04-13"},
    ]
    assert found["next_due"] == {"kind": "closing", "due": "2026-05-21"}
    assert (found["on"], found["work_waits"], found["to_look_at"]) == ("2026-04-25", False, [])
    assert answered(EXAMPLE, "2026-04-12")["work_waits"] is True


def test_it_speaks_english_when_asked() -> None:
    said = clocks(EXAMPLE, "--on", "2026-04-25", "--lang", "en").stdout
    assert said.startswith("On 25 April 2026\n- Registration receipt (AEE): met, ")
    assert "Silence of 2 months rejects (CRPA L231-4)" in said


def test_r4_an_unconfirmed_silence_is_said_to_be_so_and_gets_no_date(tmp_path: Path) -> None:
    """docs/law.md 20."""
    procedure = {"procedure": "x", "is_request": True, "silence": {"means": "accepts", "after": "2 months"}}
    for words in (
        "to be confirmed",
        "à confirmer",
        "À CONFIRMER.",
        "To be confirmed",
        "CRPA L231-1 (à confirmer)",
        "?",
    ):
        source = {"source": words}
        unsure = {**procedure, "silence": {**procedure["silence"], **source}}  # type: ignore[dict-item]
        confirmed = '{"event": "procedure-confirmed", "at": "2026-05-01", "procedure": "x"}'
        said = clocks(written(tmp_path, json.dumps(unsure), RECEIVED, confirmed), "--on", "2026-09-01").stdout
        assert "reste à confirmer" in said
        assert "acceptation" not in said


def test_lines_in_any_order_and_twice_say_the_same(tmp_path: Path) -> None:
    lines = EXAMPLE.read_text().splitlines()
    again = [line for line in reversed(lines) if '"event"' in line]
    assert answered(written(tmp_path, *again, "", *reversed(lines)), "2026-04-25") == answered(EXAMPLE, "2026-04-25")


WRONG = [
    ("{", "pas du JSON (caractère 2)", "write one whole object a line"),
    ("[1]", "un objet JSON est attendu", "write {"),
    ('{"at": "2026-04-30"}', "ni « event »", "a line says one of the three"),
    ('{"event": "recieved", "at": "2026-04-30"}', "n’est pas un événement", "write one of: received, "),
    ('{"event": "received"}', "il manque « at »", "add this field"),
    ('{"event": "received", "at": "2026-02-30"}', "« at » : un jour qui existe", "such as “2026-04-30”"),
    ('{"event": "received", "at": "30/04/2026"}', "un jour qui existe", "“at”: a day that exists"),
    ('{"event": "received", "at": "2026-04-30T10:00:00"}', "avec son fuseau", "with its zone"),
    ('{"event": "received", "at": "0001-01-01"}', "de 1990 à 2199", "from 1990 to 2199"),
    ('{"event": "received", "at": 20260430}', "un jour qui existe", "a day that exists"),
    ('{"event": "received", "at": "2026-04-30", "when": 1}', "champ inconnu ici : when", "mend its name"),
    (
        '{"event": "received", "at": "2026-04-30", "saisine": "pigeon"}',
        "electronic, stamped",
        "write one of: electronic",
    ),
    (
        '{"event": "pieces-asked-for", "at": "2026-04-30", "until": "2026-04-01", "pieces": {"plan": {}}}',
        "« until » précède « at »",
        "give the last day",
    ),
    (
        '{"event": "pieces-asked-for", "at": "2026-04-30", "until": "2026-05-01"}',
        "il manque « pieces »",
        "name a piece at least",
    ),
    (
        '{"procedure": "x", "is_request": true, "in_force_from": "2026-03-01", "until": "2026-02-28"}',
        "« until » précède « in_force_from »",
        "give the last day of this rule",
    ),
    ('{"event": "withdrawn", "at": "2026-04-30"}', "il manque « what »", "write in it the event that is withdrawn"),
    (
        '{"event": "withdrawn", "at": "2026-04-30", "what": {"event": "closed", "at": "hier"}}',
        "un jour qui existe est attendu",
        "“what.at”: a day that exists",
    ),
    ('{"procedure": "x", "is_request": "yes"}', "true ou false est attendu", "true or false"),
    (
        '{"procedure": "x", "is_request": true, "silence": {"means": "accepts", "after": "deux mois"}}',
        "« silence.after » : un délai est attendu",
        "“silence.after”: a delay is expected",
    ),
    (
        '{"procedure": "x", "is_request": true, "pieces": {"plan": {"requird_by": "y"}}}',
        "champ inconnu ici : pieces.plan.requird_by",
        "unknown here: pieces.plan.requird_by",
    ),
    ('{"procedure": "x", "is_request": true, "targets": {"normal": {"closing": 0}}}', "de 1 à 1000", "from 1 to 1000"),
    ('{"town": {"territory": "corse"}}', "« town.territory » : inconnu", "write one of: metropolitan"),
    ("[" * 100_000, "trop d’objets les uns dans les autres", "too many objects"),
    ('{"event": ' + "1" * 5000 + "}", "nombre y est trop long", "a number is too long"),
    ('{"event": "closed", "at": "2026-04-30", "at": "2026-05-30"}', "« at » y est deux fois", "“at” is in it twice"),
    (
        '{"procedure": "x", "is_request": true, "pieces": {"plan": {}, " plan": {}}}',
        "« pieces.plan » y est deux fois",
        "keep one name",
    ),
    (
        '{"procedure": "x", "is_request": true, "pieces": {"re\u0301c\u0327u": {}, "r\u00e9\u00e7u": {}}}',
        "« pieces.réçu » y est deux fois",
        "keep one name",
    ),
    ('{"procedure": "x", "is_request": true, "pieces": {" ": {}}}', "« pieces » : un nom est vide", "a name is empty"),
    ('{"event": "closed", "at": "2026-04-30", "\\u001b[2J\\ud800": 1}', "inconnu ici : \\x1b[2J\\ud800", "\\x1b[2J"),
]


@pytest.mark.parametrize(("line", "french", "english"), WRONG, ids=[str(nth) for nth in range(len(WRONG))])
def test_a_line_that_is_wrong_is_named_with_what_to_do(tmp_path: Path, line: str, french: str, english: str) -> None:
    history = written(tmp_path, RECEIVED, "", line)
    refused = clocks(history, "--on", "2026-05-01")
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith(f"{history}:3: ")
    assert french in refused.stderr
    assert english in clocks(history, "--on", "2026-05-01", "--lang", "en").stderr


def test_every_wrong_line_is_named_at_once(tmp_path: Path) -> None:
    refused = clocks(written(tmp_path, "x", RECEIVED, "y", '{"town": {}}', '{"town": {}}'), "--on", "2026-05-01")
    assert [line.split(":")[1] for line in refused.stderr.splitlines()] == ["1", "3", "5"]


def test_a_procedure_has_the_rule_of_the_day_of_receipt(tmp_path: Path) -> None:
    """docs/law.md 63."""
    rejects, accepts = (
        {"procedure": "x", "is_request": True, "silence": {"means": means, "after": "2 months", "source": "CRPA"}}
        for means in ("rejects", "accepts")
    )
    versions = [json.dumps({**rejects, "until": "2026-04-30"}), json.dumps({**accepts, "in_force_from": "2026-05-01"})]
    confirmed = '{"event": "procedure-confirmed", "at": "2026-05-02", "procedure": "x"}'
    for day, means in (("2026-04-30", "rejects"), ("2026-05-01", "accepts")):
        received = RECEIVED.replace("2026-04-30", day)
        clocks_of = answered(written(tmp_path, *versions, received, confirmed), "2026-05-03")["clocks"]
        assert {each["kind"]: each["means"] for each in clocks_of}["silence"] == means
    doubled = clocks(written(tmp_path, *versions, json.dumps(accepts), received), "--on", "2026-05-03")
    assert ":3: la démarche « x » est déjà décrite pour un même jour" in doubled.stderr


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    assert "ne s’ouvre pas" in clocks(tmp_path / "nowhere").stderr
    assert "aucun événement" in clocks(written(tmp_path, "")).stderr
    (tmp_path / "latin").write_bytes("é".encode("latin-1"))
    assert "UTF-8" in clocks(tmp_path / "latin").stderr
    assert "il n’existe pas" in clocks(tmp_path / "nowhere").stderr
    assert "dépasse 1 Mo" in clocks(written(tmp_path, RECEIVED, " " * 1_000_000)).stderr


def test_without_a_receipt_until_that_day_it_says_so(tmp_path: Path) -> None:
    said = clocks(written(tmp_path, RECEIVED), "--on", "2026-04-29").stdout
    assert "Aucune réception n’est connue" in said.replace("\u00a0", " ").replace("\u202f", " ")
    assert "Aucun délai ne court" not in said


def test_a_day_that_is_none_is_said() -> None:
    refused = clocks(EXAMPLE, "--on", "hier")
    assert (refused.exit_code, "--on: un jour qui existe" in refused.stderr) == (1, True)


def test_without_a_day_it_is_today_in_paris(monkeypatch: pytest.MonkeyPatch) -> None:
    late_in_the_evening = datetime(2026, 4, 24, 22, 30, tzinfo=UTC)
    monkeypatch.setattr("guichet_cli.clocks.command.operators_now", lambda: late_in_the_evening)
    assert clocks(EXAMPLE).stdout == clocks(EXAMPLE, "--on", "2026-04-25").stdout


def test_the_page_explains_every_event_and_every_word() -> None:
    table = re.findall(r"^\| `([a-z-]+)` \|", PAGE.split("### Something that happened")[1], re.MULTILINE)
    assert table == [*EVENTS]
    for word in (*Territory, *facts.Saisine, *facts.Nature, *facts.Receipt):
        assert f"`{word}`" in PAGE, word


def test_each_kind_of_event_can_be_written() -> None:
    kinds = set(facts.LegalFact.__subclasses__())
    lines = [
        f'{{"event": "{name}", "at": "2026-04-30", {more}}}'.replace(", }", "}")
        for name, more in {**dict.fromkeys(EVENTS, ""), **MORE}.items()
    ]
    read = read_lines("\n".join(lines))
    assert read.complaints == []
    assert {type(event) for event in read.facts} == kinds


MORE = {
    "procedure-confirmed": '"procedure": "x"',
    "qualified": '"nature": "appeal"',
    "pieces-asked-for": '"until": "2026-05-30", "pieces": {"plan": {"required_by": "y"}}',
    "piece-arrived": '"piece": "plan"',
    "transferred": '"to": "Métropole"',
    "receipt-sent": '"receipt": "are"',
    "priority-given": '"priority": "urgent"',
    "withdrawn": '"what": {"event": "closed", "at": "2026-04-30"}',
}


@settings(max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.dictionaries(
            st.sampled_from(
                ["event", "procedure", "town", "at", "is_request", "silence", "pieces", "until", "note", "x"]
            ),
            inner,
        ),
    )
)
def test_any_line_is_read_or_complained_of(given_line: object) -> None:
    read = read_lines(json.dumps(given_line))
    assert read.complaints or read.facts or read.procedures or read.town
