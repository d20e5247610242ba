"""What a check keeps of what is wrong: how much it is, and the first few by name."""

import pytest

from guichet.ids import KeyId
from guichet_cli.backup.backup_texts import store_summary
from guichet_cli.backup.examine import Examination, Wrong


async def test_of_a_store_in_which_all_is_wrong_a_few_names_are_kept() -> None:
    async def all_of_them(keys: object) -> frozenset[KeyId]:
        return frozenset(keys)  # type: ignore[call-overload]

    async def no_file(_key: str) -> bool:
        return False

    examination = Examination({"messages": lambda _: None}, all_of_them, no_file)
    for batch in range(50):
        ids = [f"{batch * 100 + each:032x}" for each in range(100)]
        await examination.read("messages", [{"_id": each, "content": {"key_id": each}} for each in ids])
    found = examination.found
    assert not found.is_good
    assert max(len(str(each)) for each in (found.odd, found.absent_keys, found.absent_files)) < 200
    said = store_summary(found)
    assert said.count("and 4997 more") == 2
    assert "messages: " + "0" * 32 in said


@pytest.mark.parametrize(("count", "said"), [(1, "0"), (3, "0, 1, 2"), (4, "0, 1, 2 and 1 more")])
def test_they_are_named_in_order(count: int, said: str) -> None:
    wrong = Wrong()
    for each in range(count):
        wrong.add([str(each)])
    assert str(wrong) == said
