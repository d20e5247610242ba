"""What procedures.yaml says of a procedure's clocks, and what it may not."""

import re
import tempfile
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.errors import SettingsError
from guichet.law.calendar import start_of_day
from guichet.law.clocks.case_clocks import case_clocks
from guichet.law.clocks.clock import ClockKind
from guichet.law.clocks.delay import Delay
from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.facts import ProcedureConfirmed, Received
from guichet.law.clocks.rules import SilenceMeans, SilenceRule, Targets
from guichet.town import load_town
from guichet.town.organisation import Organisation
from guichet.town.procedure_clocks import ClocksEntry, PieceEntry, SilenceEntry, wrong_versions
from guichet.town.procedures import ProcedureList, check_procedures
from guichet.town.yaml_file import read_yaml
from guichet_testing.builders.example_town import EXAMPLE_TOWN

HEAD = "procedures:\n  x:\n    label: X\n    department: voirie\n    category: x\n    is_request: {}\n    clocks:\n"
REFORM = """\
      - until: 2026-12-31
        silence: { means: rejects, after: 2 months, source: CRPA L231-4 }
      - in_force_from: 2027-01-01
        silence: { means: accepts, after: 45 days, source: CRPA L231-1 }
        remedy: { after: 1 month, source: "à confirmer" }
        pieces: { plan: { label: Plan, required_by: code X, indispensable: true }, photo: { label: Photo } }
        targets: { normal: { first_answer: 5 } }
"""


def read(folder: Path, clocks: str, is_request: str = "true") -> ProcedureList:
    path = folder / "procedures.yaml"
    path.write_text(HEAD.format(is_request) + clocks, encoding="utf-8")
    file = read_yaml(path)
    listed = file.parse(ProcedureList)
    organisation = read_yaml(EXAMPLE_TOWN / "organisation.yaml").parse(Organisation)
    if complaints := [*check_procedures(file, listed, organisation)]:
        raise SettingsError("\n".join(complaints))
    return listed


def test_each_version_says_what_counts_of_its_days(tmp_path: Path) -> None:
    rules = read(tmp_path, REFORM).procedures["x"].rules  # type: ignore[index]
    before, after = (rules.on(date(2026, 12, 31)), rules.on(date(2027, 1, 1)))
    assert before is not None
    assert before.rule.silence == SilenceRule(SilenceMeans.REJECTS, Delay(2), "CRPA L231-4")
    assert after is not None
    assert after.rule.silence is not None
    assert (after.rule.silence.means, after.in_force_from) == (SilenceMeans.ACCEPTS, date(2027, 1, 1))
    assert after.rule.remedy == SilenceRule(SilenceMeans.REJECTS, Delay(1), None), "to be confirmed"
    assert (after.rule.pieces["plan"].indispensable, after.rule.pieces["photo"].required_by) == (True, None)
    assert after.rule.targets["normal"] == Targets(first_answer=5)


WRONG = [
    ("      silence: { means: accepts }\n", 7, "write a list, though there is one rule alone"),
    ("      - silence: { means: accepts, source: x }\n", 8, "say after how long silence accepts"),
    ("      - silence: { means: accepts, after: deux mois }\n", 8, "'deux mois' is no delay of the law; write it like"),
    ("      - silence: { means: refuses, after: 2 months }\n", 8, "Input should be 'accepts', 'rejects' or 'nothing'"),
    ("      - remedy: { source: x }\n", 8, "remedy.after: this field is missing"),
    ("      - pieces: { plan: { label: Plan, indispensable: true } }\n", 8, "give `required_by` (docs/law.md 61)"),
    ("      - pieces: { plan: { required_by: x } }\n", 8, "plan.label: this field is missing"),
    ("      - pieces: { Plan de masse: { label: x } }\n", 8, "is no id; use lower-case letters"),
    ("      - targets: { normal: { first_answer: 0 } }\n", 8, "greater than or equal to 1"),
    ("      - targets: { normal: { closed: 3 } }\n", 8, "closed: this field is unknown"),
    ("      - in_force_from: 2027-01-01\n        until: 2026-01-01\n", 8, "`until` (2026-01-01) lies before"),
    ("      - in_force_from: bientôt\n", 8, "Input should be a valid date"),
    ("      - {}\n      - in_force_from: 2027-01-01\n", 9, "two versions hold on 2027-01-01: the older needs `until`"),
    ("      - {}\n      - {}\n", 9, "two versions hold on every day"),
]


@pytest.mark.parametrize(("clocks", "line", "sentence"), WRONG)
def test_a_mistake_is_said_with_its_line_and_what_to_do(tmp_path: Path, clocks: str, line: int, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, clocks)
    assert sentence in str(refused.value)
    assert f"procedures.yaml:{line}: procedures.x.clocks" in str(refused.value)


def test_what_asks_for_no_decision_has_no_silence_that_decides(tmp_path: Path) -> None:
    silence = "      - silence: {{ means: {}, after: 2 months }}\n"
    with pytest.raises(SettingsError, match="take `silence` away, or say is_request: true"):
        read(tmp_path, silence.format("accepts"), is_request="false")
    read(tmp_path, silence.format("nothing"), is_request="false")


def test_the_clocks_of_a_town_are_those_of_its_files() -> None:
    town = load_town(EXAMPLE_TOWN)
    day = date(2026, 1, 5)
    for procedure, silence, doubts in (
        ("aide-sociale", [date(2026, 3, 5)], ()),
        ("urbanisme", [], (Doubt.TO_BE_CONFIRMED,)),
        ("signalement-voirie", [], ()),
    ):
        case = [Received(start_of_day(day)), ProcedureConfirmed(start_of_day(day), procedure)]
        found = case_clocks(case, town.clock_rules, day)
        assert [each.due for each in found.clocks if each.kind is ClockKind.SILENCE] == silence
        assert found.doubts == doubts
        assert ClockKind.FIRST_ANSWER in {each.kind for each in found.clocks}


def test_a_procedure_that_says_nothing_of_its_clocks_says_nothing_to_anybody(tmp_path: Path) -> None:
    listed = read(tmp_path, "      []\n")
    version = listed.procedures["x"].rules.on(date(2026, 1, 5))  # type: ignore[index]
    assert version is not None
    assert version.rule.silence is None


def test_the_page_s_example_is_right(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "clocks.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(.+?)```", page, re.DOTALL)
    (tmp_path / "procedures.yaml").write_text(example, encoding="utf-8")
    listed = read_yaml(tmp_path / "procedures.yaml").parse(ProcedureList)
    assert [*wrong_versions(listed.procedures["terrasse"].clocks, is_request=True)] == []  # type: ignore[index]


@settings(max_examples=100)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.dates() | st.sampled_from(["2 months", "accepts", "x", ""]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [*ClocksEntry.model_fields, *SilenceEntry.model_fields, *PieceEntry.model_fields, "normal"]
                ),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_any_clocks_are_read_or_complained_of(clocks: object) -> None:
    fields = {"label": "X", "department": "voirie", "category": "x", "is_request": True, "clocks": clocks}
    text = yaml.safe_dump({"procedures": {"x": fields}})
    with tempfile.TemporaryDirectory() as folder:
        (path := Path(folder) / "procedures.yaml").write_text(text, encoding="utf-8")
        file = read_yaml(path)
        try:
            procedure = file.parse(ProcedureList).procedures["x"]  # type: ignore[index]
        except SettingsError:
            return
    if not [*wrong_versions(procedure.clocks, is_request=True)]:
        assert len(procedure.rules.all) == max(len(procedure.clocks), 1)
