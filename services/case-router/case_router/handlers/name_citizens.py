"""What a citizen is called as long as the town's own registry does not say it: the name in a message of theirs.

In theirs, so only where somebody vouches for its author, or an agent has recognised them: anybody may write under any
address, and would put a name on the card of whose address it is (docs/decisions/0027). What else a message says of its
author stays with the message.
"""

from collections.abc import Mapping
from contextlib import suppress

from guichet.errors import UnopenableError
from guichet.ids import CitizenId
from guichet.store.registry.citizens import RECORD, CitizenDocument, CitizenState, CitizenStore, NewRecord
from guichet.vault.fields import living_keys
from guichet.vault.ports import KeyOpener
from guichet.vault.sealing import DataKey


async def name_citizens(
    names: Mapping[CitizenId, str], *, citizens: CitizenStore, vault: KeyOpener, only_nameless: bool
) -> None:
    """Write display names into the registry. Raises TransientError.

    only_nameless: give them where there are none; else also in place of what an unproven message left.
    """
    found = (await citizens.find_many(names)).values() if names else ()
    people = [each for each in found if each.state is CitizenState.PROVISIONAL]
    keys = await living_keys(vault, (each.record for each in people))
    changes = [
        change
        for each in people
        if (key := keys.get(each.record.key_id)) is not None
        and (change := _changed(each, key, names[each.citizen_id], only_nameless)) is not None
    ]
    if changes:
        await citizens.replace_records(changes)


def _changed(citizen: CitizenDocument, key: DataKey, name: str, only_nameless: bool) -> NewRecord | None:
    """Return the record under the same key, with another name; None where nothing changes, or it does not open."""
    with suppress(UnopenableError):
        before = RECORD.open(key, citizen.citizen_id, citizen.record)
        if before.display_name != name and not (only_nameless and before.full_name):
            after = before.model_copy(update={"display_name": name})
            return NewRecord(citizen, RECORD.seal(key, citizen.citizen_id, after))
    return None
