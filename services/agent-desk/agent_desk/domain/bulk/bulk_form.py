"""What is to be done with many cases at once, as forms say it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from agent_desk.domain.bulk.form_names import AWAITS, CLOSES, KIND_NAMED, TAKE
from agent_desk.domain.decisions.decision import LONGEST_ANSWER, LONGEST_REASON
from agent_desk.domain.decisions.form_input import once_of, unannounced_of
from agent_desk.domain.work.assignment import NOBODY
from guichet.contracts.unannounced import Unannounced
from guichet.ids import AgentId, DepartmentId, Reference
from guichet.store.bulk.acts import BulkKind
from guichet.store.bulk.cases import MOST

_LONGEST_ID: Final = 64


@dataclass(frozen=True)
class BulkForm:
    """once: what makes this rendering unlike others. references: of the cases that are ticked, MOST at most.

    shown: the newest that the page showed of each; none before a page has.
    to: whose work they become, as a form says it. words: what is said of each, or answered. despite: cases that are
    not closed silently (closing_guards) are closed all the same.
    signed: as in the composer; awaits_answer, too, of a REPLY alone. read: which doubts about the words were looked at
    (as_read). seen_of: of which case the answer is shown as its citizen will see it. saved: the id of a saved answer
    that is put into it.
    whole_list: not what is ticked, but all that the list leads to. is_cut: there was more than MOST.
    unannounced: why no citizen is written to about what is done; None: each is.
    told: which cases the page said that it leaves out.
    """

    kind: BulkKind
    once: str
    references: tuple[Reference, ...]
    shown: Mapping[Reference, str] = field(default_factory=dict)
    to: str = ""
    department: str = ""
    words: str = field(default="", repr=False)
    despite: bool = False
    signed: bool = True
    awaits_answer: bool = False
    read: str = ""
    seen_of: str = ""
    saved: str = ""
    whole_list: bool = False
    told: frozenset[str] = frozenset()
    is_cut: bool = False
    unannounced: Unannounced | None = None
    errors: tuple[str, ...] = ()

    @property
    def assignee(self) -> AgentId | None:
        """Whom the cases are given; None: nobody, or nobody is chosen yet."""
        return None if self.to in {"", NOBODY} else AgentId(self.to)

    @property
    def goes_to(self) -> DepartmentId | None:
        """Where the cases go; None where nothing is chosen."""
        return DepartmentId(self.department) if self.department else None

    @property
    def content(self) -> str:
        """Everything that it says, so that what was changed is another decision."""
        said = (
            self.kind,
            self.to,
            self.department,
            str(self.despite),
            str(self.signed),
            str(self.awaits_answer),
            self.unannounced or "",
            self.words,
        )
        return "\n".join((*said, *self.references, *self.shown.values()))


def bulk_form(fields: Mapping[str, Sequence[str]], me: AgentId) -> BulkForm | None:
    """Return what a form says; None where it names no act of ours."""
    one = {name: values[-1] for name, values in fields.items()}
    act = one.get("act", "")
    if act not in KIND_NAMED:
        return None
    kind = _kind(act, one.get("then"))
    ticked = tuple(dict.fromkeys(Reference(each) for each in fields.get("case", ())))
    shown = (each[: _LONGEST_ID + 13].split(" ", 1) for each in fields.get("seen", ())[: 2 * MOST])
    return BulkForm(
        kind=kind,
        once=once_of(one),
        references=ticked[:MOST],
        shown={Reference(each[0]): each[1] for each in shown if len(each) == 2 and each[0] in ticked},
        to=me if act == TAKE else one.get("to", ""),
        department=one.get("department", ""),
        words=one.get("words", ""),
        despite=one.get("despite") == "oui",
        signed="signed" in one or "words" not in one,
        awaits_answer=kind is BulkKind.REPLY and _awaits_answer(one),
        read=one.get("read", ""),
        seen_of=one.get("voir", ""),
        saved=one.get("saved", "") if one.get("inserer") else "",
        whole_list=one.get("toute") == "oui",
        told=frozenset(one.get("told", "").split()),
        is_cut=len(ticked) > MOST,
        unannounced=unannounced_of(one),
    )


def _kind(act: str, then: str | None) -> BulkKind:
    """Return what is done. Whether an answer closes its case the button that led here says, and below it the form."""
    kind = KIND_NAMED[act]
    if not kind.answers or then is None:
        return kind
    return BulkKind.REPLY_AND_CLOSE if then == CLOSES else BulkKind.REPLY


def _awaits_answer(one: Mapping[str, str]) -> bool:
    """Say whether an answer waits for another; AWAITS as a field of its own: in pages of the version before."""
    return one.get("then") == AWAITS or one.get(AWAITS) == "oui"


def errors_of(form: BulkForm, departments: frozenset[DepartmentId]) -> tuple[str, ...]:
    """Return what keeps an act from beginning, whatever its cases are. departments: that there are."""
    longest = LONGEST_ANSWER if form.kind.answers else LONGEST_REASON
    wrong = {
        "agent-missing": form.kind is BulkKind.ASSIGN and not form.to,
        "department-missing": form.kind is BulkKind.REROUTE and form.department not in departments,
        "words-missing": (form.kind is BulkKind.REROUTE or form.kind.answers) and not form.words.strip(),
        "words-too-long": len(form.words) > longest,
    }
    return tuple(name for name, holds in wrong.items() if holds)
