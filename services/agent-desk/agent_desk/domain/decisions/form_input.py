"""What stands in the forms of a case page, and what is wrong with it. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from agent_desk.domain.clocks.fact_input import FactInput
from agent_desk.domain.composer.attachments import NotAttached
from agent_desk.domain.composer.doubts import Doubt, as_read
from agent_desk.domain.decisions.asked_mark import LONGEST_MARK
from agent_desk.domain.decisions.decision import LONGEST_ANSWER, LONGEST_REASON, Sheet, is_once, new_once
from agent_desk.domain.express.express_input import ExpressInput
from guichet.contracts.abuse import AbuseGround
from guichet.contracts.unannounced import Unannounced
from guichet.ids import AgentId, DepartmentId, MessageId
from guichet.town.town import Town

_CARET_DIGITS = 7
_NO_FACT = FactInput()
_NO_DECISION = ExpressInput()
_LONGEST_ID = 64  # characters: none of ours is longer


@dataclass(frozen=True)
class RefusedCommand:
    """A command that came to nothing. kind: by which form (`given_command.KINDS`). why: the router's reason."""

    kind: str
    why: str


@dataclass(frozen=True)
class FormInput:
    """once: what makes this rendering of the forms unlike others. problem: why a sound command was not taken.

    shown: the newest that the page showed on which this was typed. refused: what the router made of it.

    answers: the message whose sender the page said that the answer goes to; "" where
    it could say none; None: a page from before pages said it.
    elsewhere: the address that the agent ticked, though the citizen is not known there.
    way: the other address that the answer goes to, by its mark; blank: it goes as it does by itself.
    instead_of: the answer that failed, whose words it repeats. asks: for which pieces, by its mark (asked_mark).
    checked: the agent has made sure who wrote. citizen: whom they recognised.
    assignee: whose work the case becomes, as the form says it. handover: what is said to them.
    note: an internal one. mentions: to whom it speaks by name. unknown_mentions: what is nobody's name there.
    call: what it says of a telephone call. call_on: the day from which on somebody wishes to be called back.
    until: the day on which the case comes back. reopening: why. fact: what is said of the law's clocks.
    express: what is said of an express decision.
    then: what becomes of the case once the answer is on its way: "close", "wait" (until wait_until), or blank.
    doubts: what is to be looked at before it leaves. despite: of which the agent has said that it was.
    signed: the agent's name and capacity go below the answer.
    attached: the files that the page showed to go with it. chosen: some stand in the file field, attached to nothing
    yet. not_attached: those that were not, and why.
    signs: the draft of a colleague's that the answer is, which its reader is to sign; blank: it is their own.
    send_back: why they send it back.
    is_drafted: the answer is their draft, as it was kept. replaces: the mark of the form that it was typed into.
    unannounced: why the citizen is not written to about what is decided; blank: they are.
    ground, abuse_reason: what is abusive in the sender's messages. sure: though nobody vouches for the sender.
    """

    once: str
    text: str = field(default="", repr=False)
    awaits_answer: bool = False
    department: str = ""
    reason: str = field(default="", repr=False)
    answers: MessageId | None = None
    elsewhere: str = field(default="", repr=False)
    way: str = ""
    instead_of: MessageId | None = None
    asks: str = ""
    checked: bool = False
    citizen: str = ""
    ground: str = ""
    abuse_reason: str = field(default="", repr=False)
    sure: bool = False
    assignee: str = ""
    handover: str = field(default="", repr=False)
    until: str = ""
    reopening: str = field(default="", repr=False)
    unannounced: Unannounced | None = None
    fact: FactInput = _NO_FACT
    express: ExpressInput = _NO_DECISION
    note: str = field(default="", repr=False)
    mentions: tuple[AgentId, ...] = ()
    unknown_mentions: tuple[str, ...] = field(default=(), repr=False)
    call: str = ""
    call_on: str = ""
    is_drafted: bool = False
    replaces: str = ""
    signs: str = ""
    send_back: str = field(default="", repr=False)
    then: str = ""
    wait_until: str = ""
    doubts: tuple[Doubt, ...] = ()
    despite: str = field(default="", repr=False)
    signed: bool = True
    attached: str = ""
    chosen: bool = False
    not_attached: tuple[NotAttached, ...] = ()
    shown: str | None = None
    problem: str | None = None
    refused: RefusedCommand | None = None
    errors: tuple[str, ...] = ()

    @property
    def asked(self) -> str:
        """What the box says that is ticked once the doubts were looked at."""
        return as_read(self.doubts)

    @property
    def sheet(self) -> Sheet:
        """The rendering that this was typed into."""
        return Sheet(self.once, self.shown)


def reply_input(form: Mapping[str, str]) -> FormInput:
    """Return what the answer form says."""
    text = form.get("text", "")
    errors = ("text-missing",) if not text.strip() else ("text-too-long",) if len(text) > LONGEST_ANSWER else ()
    return FormInput(
        once_of(form),
        shown=shown_of(form),
        text=text,
        awaits_answer=form.get("awaits_answer") == "oui",
        answers=MessageId(form["answers"]) if "answers" in form else None,
        elsewhere=form.get("elsewhere", ""),
        way=form.get("way", "")[:_LONGEST_ID],
        instead_of=MessageId(form["instead_of"][:_LONGEST_ID]) if form.get("instead_of") else None,
        asks=form.get("asks", "")[:LONGEST_MARK],
        replaces=form["replaces"] if is_once(form.get("replaces", "")) else "",
        signed=form.get("signed") == "oui",
        then=form.get("then", ""),
        wait_until=form.get("wait_until", ""),
        despite=form.get("despite", ""),
        attached=form.get("attached", ""),
        chosen=bool(form.get("files", "").strip()),  # without its bytes: a form that sends words sends the name alone
        errors=errors,
    )


def signing_input(form: Mapping[str, str], *, sends_back: bool = False) -> FormInput:
    """Return what the form says in which a colleague's answer is signed, or sent back. The signer's name goes below."""
    said = replace(reply_input(form), signs=form.get("signs", "")[:_LONGEST_ID], signed=True)
    if not sends_back:
        return said
    said = replace(said, errors=tuple(each for each in said.errors if each != "text-missing"))  # it goes as it came
    reason = form.get("send_back", "").strip()
    errors = (
        ()
        if reason and len(reason) <= LONGEST_REASON
        else ("send-back-missing" if not reason else "send-back-too-long",)
    )
    return replace(said, send_back=reason, errors=(*said.errors, *errors))


def reroute_input(form: Mapping[str, str], current: DepartmentId, town: Town) -> FormInput:
    """Return what the hand-over form says."""
    department, reason = form.get("department", ""), form.get("reason", "")
    errors = []
    if department not in town.departments or department == current:
        errors.append("department-missing")
    if not reason.strip():
        errors.append("reason-missing")
    if len(reason) > LONGEST_REASON:
        errors.append("reason-too-long")
    return FormInput(
        once_of(form),
        shown=shown_of(form),
        department=department,
        reason=reason,
        unannounced=unannounced_of(form),
        errors=tuple(errors),
    )


def unannounced_of(form: Mapping[str, str]) -> Unannounced | None:
    """Return why the citizen is not written to, as a form says it; None: they are."""
    said = form.get("unannounced", "")
    return Unannounced(said) if said in set(Unannounced) else None


def close_input(form: Mapping[str, str], guards: Collection[str]) -> FormInput:
    """Return what the closing form says. guards: why it says that it is closed all the same (closing_guards)."""
    errors = () if form.get("closes_despite", "") == " ".join(guards) else ("closing-guarded",)
    return FormInput(once_of(form), shown=shown_of(form), unannounced=unannounced_of(form), errors=errors)


def confirmation_input(form: Mapping[str, str], choices: Collection[str]) -> FormInput:
    """Return what the form says about who wrote. choices: whom the case names; of several one is chosen."""
    checked, citizen = form.get("checked") == "oui", form.get("citizen", "")
    errors = ("unchecked",) if not checked else ("citizen-missing",) if citizen not in choices else ()
    return FormInput(once_of(form), shown=shown_of(form), checked=checked, citizen=citizen, errors=errors)


def abuse_input(form: Mapping[str, str], *, proven: bool) -> FormInput:
    """Return what the form says about a sender's abuse. proven: somebody vouches for who wrote; else it is ticked."""
    ground, reason, sure = form.get("ground", ""), form.get("abuse_reason", ""), form.get("sure") == "oui"
    wrong = {
        "ground-missing": ground not in set(AbuseGround),
        "abuse-reason-missing": not reason.strip(),
        "abuse-reason-too-long": len(reason) > LONGEST_REASON,
        "unsure": not (proven or sure),
    }
    errors = tuple(name for name, is_wrong in wrong.items() if is_wrong)
    return FormInput(once_of(form), shown=shown_of(form), ground=ground, abuse_reason=reason, sure=sure, errors=errors)


def lifting_input(form: Mapping[str, str]) -> FormInput:
    """Return what the form says that gives receipts back: nothing but itself."""
    return FormInput(once_of(form), shown=shown_of(form))


def settlement_input(form: Mapping[str, str]) -> FormInput:
    """Return what the form says that settles what became of a message: its buttons say the rest."""
    return FormInput(once_of(form), shown=shown_of(form))


def once_of(form: Mapping[str, str]) -> str:
    """Return the form's own mark, or a new one where it carries none of ours."""
    given = form.get("once", "")
    return given if is_once(given) else new_once()


def shown_of(form: Mapping[str, str]) -> str | None:
    """Return the newest that the form's page showed; None for a page from before pages said so."""
    return form["shown"][:_LONGEST_ID] if "shown" in form else None


def caret_of(form: Mapping[str, str]) -> int | None:
    """Return where the caret stood in the answer, in characters; None where the form does not say."""
    said = form.get("caret", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < _CARET_DIGITS else None
