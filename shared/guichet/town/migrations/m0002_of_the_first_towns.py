"""The folders of before 2026-11-26: texts came since, and channels.yaml did not say yet which channels are open.

Then every message by mail or by the portal's form was taken, whether channels.yaml named its channel or not; from then
on no channel is served that it does not name. Both came together for such a folder: where a text is missing, it is one.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from guichet.errors import SettingsError

_TEXTS: Final = Path(__file__).with_name("texts_of_0002")
_ALWAYS_OPEN: Final = ("email", "portal")
_CHANNELS: Final = "channels.yaml"
_BLOCK: Final = re.compile(r"(?m)^channels:[^\S\n]*(?:#.*)?\n(?:[^\S\n]*(?:#.*)?\n)*(?P<indent>[ ]+)(?=\S)")


def run(files: Mapping[str, str]) -> Mapping[str, str]:
    """Return the texts that are missing, and channels.yaml where channels are; nothing, where all texts are there."""
    known = {f"templates/{each.name}": each.read_text("utf-8") for each in sorted(_TEXTS.glob("*.txt"))}
    missing = {name: text for name, text in known.items() if name not in files}
    if not missing or _CHANNELS not in files:
        return missing
    named = _named(files[_CHANNELS])
    unnamed = [name for name in _ALWAYS_OPEN if name not in named]
    return missing | ({_CHANNELS: _with_channels(files[_CHANNELS], unnamed, named)} if unnamed else {})


def _with_channels(text: str, unnamed: list[str], named: Mapping[str, Any]) -> str:
    lines = [f"{name}: {{ sve_status: saisine }}" for name in unnamed]
    if found := _BLOCK.search(text):
        place, indent = found.start("indent"), found["indent"]
        after = text[:place] + "".join(f"{indent}{line}\n" for line in lines) + text[place:]
        if _named(after) == {**{name: {"sve_status": "saisine"} for name in unnamed}, **named}:
            return after
    by_hand = " ".join(lines)
    raise SettingsError(f"{_CHANNELS} is written in a way that is not changed here. Under `channels`, add: {by_hand}")


def _named(text: str) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    channels = content.get("channels") if isinstance(content, dict) else None
    return channels if isinstance(channels, dict) else {}
