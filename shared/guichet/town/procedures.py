"""The town's catalogue of procedures (démarches): what a citizen may ask for, and who treats it (procedures.yaml)."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Final

from pydantic import Field

from guichet.contracts.channels import Words
from guichet.ids import DepartmentId, ProcedureId
from guichet.law.clocks.in_force import Versions, always
from guichet.law.clocks.rules import ProcedureRule
from guichet.town.organisation import DepartmentName, Organisation, RuleList
from guichet.town.procedure_clocks import ClocksEntries, ClocksEntry, wrong_versions
from guichet.town.procedure_steps import StepsEntry, wrong_steps
from guichet.town.remedies import RemediesEntry
from guichet.town.values import IdText, TownModel
from guichet.town.yaml_file import YamlFile

ProcedureName = Annotated[ProcedureId, IdText]
FILE: Final = "procedures.yaml"


class Procedure(TownModel):
    """A procedure. label: as citizens and agents read it, the only word of a case that a synthesis shows.

    label_en: the same in English; None: there is none.
    department: who treats it; its sector is the procedure's. category: what it is counted under.
    any_department: a case of any department may be one, and its label tells nobody where that comes from: access to
    documents, a complaint. `department` treats those that nothing leads elsewhere (docs/decisions/0061).
    is_request: whether it asks for a decision or an act, and not only tells something.
    urgent: whether a case of it reaches who is on call (docs/decisions/0086).
    clocks: what the law and the town say of its delays, one version for each span of days (docs/clocks.md).
    remedies: where one appeals when silence rejects it, where that is elsewhere than usual.
    steps: those by which it is treated, in their order (docs/processes.md); a case goes on with those that it began.
    """

    label: str
    label_en: str | None = None
    department: DepartmentName
    any_department: bool = False
    category: Annotated[str, IdText]
    is_request: bool
    urgent: bool = False
    clocks: ClocksEntries = ()
    remedies: RemediesEntry | None = None
    steps: StepsEntry = ()

    @property
    def title(self) -> Words:
        """Its label in both languages: in French where it has none in English."""
        return Words(fr=self.label, en=self.label_en or self.label)

    def is_of(self, department: DepartmentId) -> bool:
        """Say whether a case of that department may be one."""
        return self.any_department or self.department == department

    @property
    def rules(self) -> Versions[ProcedureRule]:
        """What the law's clocks ask of it; without `clocks` nothing is said of its silence."""
        if not self.clocks:
            return always(ProcedureRule(self.is_request))
        return Versions(tuple(each.version(self.is_request) for each in self.clocks))

    def version_on(self, day: date) -> ClocksEntry | None:
        """Return what the town wrote of its delays that holds on a day; None where it wrote nothing of that day."""
        return next((each for each in self.clocks if each.version(self.is_request).is_in_force(day)), None)


class ProcedureList(TownModel):
    """procedures.yaml. A town without the file has no catalogue: no case names a procedure."""

    procedures: dict[ProcedureName, Procedure] = Field(default_factory=dict)


def check_procedures(file: YamlFile, listed: ProcedureList, organisation: Organisation) -> Iterator[str]:
    """Yield a complaint for each procedure of a department that does not exist, or whose clocks or steps contradict."""
    for name, procedure in listed.procedures.items():
        if procedure.department not in organisation.departments:
            yield file.complaint(
                ("procedures", name, "department"), f"there is no department {procedure.department!r}."
            )
        for where, sentence in wrong_versions(procedure.clocks, procedure.is_request):
            yield file.complaint(("procedures", name, "clocks", *where), sentence)
        for where, sentence in wrong_steps(procedure.steps, organisation, procedure.department):
            yield file.complaint(("procedures", name, "steps", *where), sentence)


def check_procedures_of_rules(
    file: YamlFile, rules: RuleList, procedures: Mapping[ProcedureId, Procedure]
) -> Iterator[str]:
    """Yield a complaint for each rule whose procedure does not exist, or is another department's."""
    for nth, rule in enumerate(rules.rules):
        if rule.procedure is None:
            continue
        at = ("rules", nth, "procedure")
        procedure = procedures.get(rule.procedure)
        if procedure is None:
            yield file.complaint(at, f"there is no procedure {rule.procedure!r} in {FILE}.")
        elif not procedure.is_of(rule.department):
            yield file.complaint(
                at, f"{rule.procedure!r} is treated by {procedure.department!r}, not {rule.department!r}."
            )
