"""An answer that failed goes again by another way: what its composer holds then. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from agent_desk.domain.cases.moments import Moment, TownWrote
from agent_desk.domain.cases.other_ways import OtherAddress
from agent_desk.domain.composer.drafts_shown import DraftShown
from agent_desk.domain.decisions.form_input import FormInput


def without_what_is_over(typed: FormInput) -> FormInput:
    """Return a form that is given back without what its error says is no more: sent again, it says nothing of it.

    A way that is gone stays chosen until another is: nothing goes where nobody chose.
    """
    return replace(typed, instead_of=None) if "not-failed" in typed.errors else typed


def to_send_instead(story: Sequence[Moment], outbound: str | None) -> TownWrote | None:
    """Return an answer of this page that nothing has made up for since it failed; None: there is none of that id."""
    answers = (each for each in story if isinstance(each, TownWrote) and each.message_id == outbound)
    return next((each for each in answers if each.goes_instead and each.text), None)


def written_anew(
    typed: FormInput,
    failed: TownWrote,
    ways: Sequence[OtherAddress],
    own: DraftShown | None,
    unsigned: Callable[[str], str],
) -> FormInput:
    """Return the composer with the words of an answer that failed, what these ask by a form, and the first other way.
    A draft stays below them.

    unsigned: takes off the reader's signature as it stood below a message of that channel; theirs on this one is
    another. What a colleague signed stays as it is.
    """
    if not ways or failed.text is None:
        return typed
    words = unsigned(failed.text)
    signed = words != failed.text
    draft = own.text if own is not None and own.text and own.text.strip() else ""
    text = draft if words in draft else f"{words}\n\n{draft}".strip()
    return replace(
        typed,
        text=text,
        signed=signed,
        way=ways[0].mark,
        instead_of=failed.message_id,
        asks=failed.asks,
        replaces=own.once if own is not None else "",
        shown=typed.shown or (own.shown if own is not None else None),
    )
