"""What procedures.yaml says of a procedure's steps, and what it may not."""

import re
from pathlib import Path

import pytest

from guichet.contracts.legal_facts import FactKind
from guichet.contracts.workflow import Doer, Workflow
from guichet.errors import SettingsError
from guichet.ids import ProcedureId
from guichet.town import load_town
from guichet.town.organisation import Organisation
from guichet.town.procedures import ProcedureList, check_procedures
from guichet.town.yaml_file import read_yaml
from guichet_testing.builders.example_town import EXAMPLE_TOWN

HEAD = "procedures:\n  x:\n    label: X\n    department: {}\n    category: x\n    is_request: true\n    steps:\n"
TASK = "tasks: [{ name: t, label: T }]"


def read(folder: Path, steps: str, department: str = "voirie") -> ProcedureList:
    path = folder / "procedures.yaml"
    path.write_text(HEAD.format(department) + steps, encoding="utf-8")
    file = read_yaml(path)
    listed = file.parse(ProcedureList)
    organisation = read_yaml(EXAMPLE_TOWN / "organisation.yaml").parse(Organisation)
    if complaints := [*check_procedures(file, listed, organisation)]:
        raise SettingsError("\n".join(complaints))
    return listed


WRONG = [
    ("      - { name: a, label: A }\n", "nothing ends this step"),
    ("      name: a\n", "write a list, though there is one rule alone"),
    (f"      - {{ name: A b, label: A, {TASK} }}\n", "is no id; use lower-case letters"),
    (f"      - {{ name: a, label: A, {TASK}, when: {{}} }}\n", "say when the step is gone through"),
    ("      - { name: a, label: A, ends_on: piece-arrived }\n", "'piece-arrived' ends no step"),
    ("      - { name: a, label: A, ends_on: closed }\n", "'closed' ends no step"),
    (f"      - {{ name: a, label: A, {TASK}, when: {{ fact: closed }} }}\n", "'closed' decides no step"),
    ("      - { name: a, label: A, tasks: [{ name: t, label: T, by: nobody }] }\n", "'nobody' is nobody"),
    (
        f"      - {{ name: a, label: A, {TASK} }}\n      - {{ name: a, label: B, {TASK} }}\n",
        "another step is called 'a'",
    ),
    (
        f"      - {{ name: a, label: A, {TASK} }}\n      - {{ name: b, label: B, {TASK} }}\n",
        "another task is called 't'",
    ),
    (f"      - {{ name: a, label: A, {TASK}, notice: {{ fr: x }} }}\n", "notice.en: this field is missing"),
    (f"      - {{ name: a, label: {'x' * 121}, {TASK} }}\n", "at most 120 characters"),
    (f"      - {{ name: a, label: A, {TASK}, script: x }}\n", "script: this field is unknown"),
    ("".join(f"      - {{ name: s{n}, label: A, ends_on: answered }}\n" for n in range(13)), "at most 12 items"),
]


@pytest.mark.parametrize(("steps", "complaint"), WRONG)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, steps: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(complaint)) as found:
        read(tmp_path, steps)
    assert re.match(r".+procedures\.yaml:\d+: procedures\.x\.steps", str(found.value))


def test_nothing_of_a_sensitive_sector_is_written_by_itself(tmp_path: Path) -> None:
    notice = "notice: { fr: Votre dossier avance., en: Your file is going on. }"
    with pytest.raises(SettingsError, match="of a sensitive sector nothing is written by itself"):
        read(tmp_path, f"      - {{ name: a, label: A, {TASK}, {notice} }}\n", department="ccas")


def test_the_steps_of_a_town_are_those_of_its_files() -> None:
    found = load_town(EXAMPLE_TOWN).workflow_of(ProcedureId("arrete-circulation"))
    assert found is not None
    assert [each.name for each in found.steps] == ["dossier", "avis", "arrete", "panneaux", "controle"]
    assert [each.ends_on for each in found.steps] == [(), (), (FactKind.DECISION_TAKEN,), (), ()]
    doers = {task.name: (task.by, task.unit) for each in found.steps for task in each.tasks}
    assert doers["lieu-et-dates"] == (Doer.DEPARTMENT, None)
    assert doers["avis-rendu"] == (Doer.UNIT, load_town(EXAMPLE_TOWN).departments["tranquillite-publique"].name)  # type: ignore[index]
    assert doers["affichage"] == (Doer.CITIZEN, None)
    assert Workflow.model_validate_json(found.model_dump_json()) == found


def test_a_version_is_of_its_steps_alone() -> None:
    town = load_town(EXAMPLE_TOWN)
    found, again = (each.workflow_of(ProcedureId("arrete-circulation")) for each in (town, load_town(EXAMPLE_TOWN)))
    assert found is not None
    assert found == again
    changed = Workflow.of(found.procedure, found.steps[1:])
    assert changed.version != found.version


def test_the_page_s_example_is_right(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "processes.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(.+?)```", page, re.DOTALL)
    (tmp_path / "procedures.yaml").write_text(example, encoding="utf-8")
    file = read_yaml(tmp_path / "procedures.yaml")
    organisation = read_yaml(EXAMPLE_TOWN / "organisation.yaml").parse(Organisation)
    assert [*check_procedures(file, file.parse(ProcedureList), organisation)] == []
