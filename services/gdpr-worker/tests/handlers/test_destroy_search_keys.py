"""Former keys of search files are destroyed, and no other key is, whatever search-indexer notes."""

import pytest

from gdpr_worker.handlers.destroy_search_keys import FormerSearchKeys
from guichet.errors import TransientError
from guichet.ids import KeyId
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet.vault.keys.wrapping import OF_A_SEARCH_FILE, is_search_key
from guichet_testing.twins.vault import InMemorySearchKeys, InMemoryVault


async def test_what_was_given_up_is_destroyed_and_what_is_in_use_stays() -> None:
    vault = InMemoryVault()
    keys = InMemorySearchKeys(vault)
    former, current = await keys.new_search_key(), await keys.new_search_key()
    await keys.give_up([former.key_id])
    for _ in range(2):
        await FormerSearchKeys(keys, vault).destroy()
    assert await keys.living_search_keys() == {current.key_id}
    assert keys.noted == set()


async def test_a_key_that_is_no_search_file_s_is_not_destroyed_on_search_indexer_s_word() -> None:
    vault = InMemoryVault()
    keys = InMemorySearchKeys(vault)
    [of_a_message] = await vault.new_keys(1)
    await keys.give_up([of_a_message.key_id])
    await FormerSearchKeys(keys, vault).destroy()
    assert await vault.open_keys([of_a_message.key_id]) == {of_a_message.key_id: of_a_message}
    assert keys.noted == set()
    assert ALARM.labels(Alarm.TAMPERED.value, "key")._value.get() == 1


async def test_nor_is_what_only_begins_like_one() -> None:
    vault = InMemoryVault()
    keys = InMemorySearchKeys(vault)
    noted = KeyId(f"{OF_A_SEARCH_FILE}{'0' * 20}\n")
    await keys.give_up([noted])
    await FormerSearchKeys(keys, vault).destroy()
    assert (keys.noted, is_search_key(noted)) == (set(), False)


async def test_a_vault_that_is_away_forgets_nothing() -> None:
    vault = InMemoryVault()
    keys = InMemorySearchKeys(vault)
    former = await keys.new_search_key()
    await keys.give_up([former.key_id])
    vault.away = True
    with pytest.raises(TransientError):
        await FormerSearchKeys(keys, vault).destroy()
    vault.away = False
    assert keys.noted == {former.key_id}
