"""Who wrote: which of those at an address, by who vouches for whom and by the name that the message gives. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from case_router.domain.arrival import Holders, Opened
from guichet.ids import CitizenId
from guichet.privacy.blind_tokens import folded_words
from guichet.store.registry.citizens import CitizenDocument, CitizenState
from guichet.store.registry.identifiers import Holder, IdentifierDocument


def holders_of_message(
    opened: Opened, living: Sequence[Holder], registered: Collection[CitizenId], names: Mapping[CitizenId, str]
) -> Holders:
    """Return who may have written a message. Of an author for whom nobody vouches an agent alone says who it is.

    See docs/decisions/0019.
    What is known of a provisional citizen is what came unproven from the same address: that may go on.
    """
    everybody = [holder.citizen_id for holder in living]
    if opened.is_proven:
        return _one_of(opened, everybody, names)
    confirmed = [holder.citizen_id for holder in living if holder.confirmed]
    known = any(holder.vouched or holder.citizen_id in registered for holder in living)
    if opened.content.is_refused() or (known and (opened.message.unread or not confirmed)):
        return Holders(None, tuple(everybody), unverified=True)
    if confirmed:
        return _one_of(opened, confirmed, names)
    return replace(_one_of(opened, everybody, names), unverified=True)


def _one_of(opened: Opened, citizens: Sequence[CitizenId], names: Mapping[CitizenId, str]) -> Holders:
    """Choose who wrote among those of whom it may be any."""
    if len(citizens) == 1:
        return Holders(citizens[0])
    here = {citizen: names[citizen] for citizen in citizens if citizen in names}
    named = who_is_named(opened.content.display_name, here)
    return Holders(named) if named else Holders(None, tuple(citizens))


def who_is_named(display_name: str | None, names: Mapping[CitizenId, str]) -> CitizenId | None:
    """Return the one citizen whose whole name is in the display name; None when nobody or several are.

    Case, accents and order do not matter: "DUPONT Marie" and "Marie Dupont (travail)" both name Marie Dupont.
    """
    given = set(folded_words(display_name or ""))
    named = [citizen for citizen, name in names.items() if (words := set(folded_words(name))) and words <= given]
    return named[0] if len(named) == 1 else None


def holders_at(identifiers: Iterable[IdentifierDocument]) -> frozenset[CitizenId]:
    """Return everybody who is at one of these addresses."""
    return frozenset(holder.citizen_id for identifier in identifiers for holder in identifier.holders)


def sure_holder(identifier: IdentifierDocument | None) -> CitizenId | None:
    """Return whose an address is, verified and nobody else's; None where that is not sure."""
    if identifier is None or identifier.shared or len(identifier.holders) != 1:
        return None
    [holder] = identifier.holders
    return holder.citizen_id if holder.verified else None


def is_erasing(holder: Holder, citizens: Mapping[CitizenId, CitizenDocument]) -> bool:
    """Say whether a holder is under erasure."""
    citizen = citizens.get(holder.citizen_id)
    return citizen is not None and citizen.state is CitizenState.ERASING
