"""The folders whose town.yaml may say `alsace_moselle` beside `territory`, which says the same and more.

Both are read until no service of before this version is left (docs/upgrading.md).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import yaml

from guichet.errors import SettingsError

_TOWN: Final = "town.yaml"
_LINE: Final = re.compile(r"(?m)^alsace_moselle:.*(?:\n|\Z)")
_THERE: Final = "alsace-moselle"


def run(files: Mapping[str, str]) -> Mapping[str, str]:
    """Return town.yaml with `territory` alone; nothing, where `alsace_moselle` does not stand in it."""
    text = files.get(_TOWN, "")
    before = _content(text)
    if "alsace_moselle" not in before:
        return {}
    is_there, named = before["alsace_moselle"], before.get("territory")
    if not isinstance(is_there, bool) or (is_there and named not in {None, _THERE}):
        raise _by_hand("where they contradict each other, only you know which is right")
    after = _LINE.sub(f"territory: {_THERE}\n" if is_there and named is None else "", text, count=1)
    wanted = {**before, **({"territory": _THERE} if is_there else {})}
    del wanted["alsace_moselle"]
    if _content(after) != wanted:
        raise _by_hand("it is written in a way that is not changed here")
    return {_TOWN: after}


def _by_hand(why: str) -> SettingsError:
    return SettingsError(
        f"{_TOWN}: `alsace_moselle` gives way to `territory`: {why}. Take `alsace_moselle` away, and in Alsace-Moselle "
        f"write: territory: {_THERE}"
    )


def _content(text: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    return content if isinstance(content, dict) else {}
