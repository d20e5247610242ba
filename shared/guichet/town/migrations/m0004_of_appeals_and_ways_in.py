"""The folders of before receipts told where one appeals, and where a message does seize the town.

What nobody said is « à confirmer »: the upgrade does not wait for it. `seize_at` becomes the page of the terms, which
says by what ways the town is seized.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import yaml

from guichet.errors import SettingsError

_TOWN: Final = "town.yaml"
_CHANNELS: Final = "channels.yaml"
_COURT: Final = (
    "\n# Le tribunal administratif dont dépend la commune, nom et adresse : les accusés le disent quand le silence vaut"
    " rejet.\ncourt: à confirmer\n"
)
_TERMS: Final = re.compile(r"(?m)^terms:[^\S\n]*(?P<open>\{|(?:#.*)?\n(?P<indent>[ ]+))")


def run(files: Mapping[str, str]) -> Mapping[str, str]:
    """Return town.yaml with what it lacks; nothing where it lacks nothing."""
    before = files.get(_TOWN, "")
    content = _content(before)
    if not content:
        return {}
    after = before
    if not content.keys() & {"court", "remedies"}:
        after = after.rstrip("\n") + "\n" + _COURT
    terms = content.get("terms")
    if isinstance(terms, dict) and "url" in terms and "seize_at" not in terms and _some_contact_only(files):
        after = _with_way(after, str(terms["url"]))
    return {} if after == before else {_TOWN: after}


def _with_way(text: str, url: str) -> str:
    line = f"seize_at: {url!r}"
    found = _TERMS.search(text)
    if found:
        place = found.end()
        added = f" {line}," if found["open"] == "{" else f"{line}\n{found['indent']}"
        after = text[:place] + added + text[place:]
        if _content(after) == {**_content(text), "terms": {**_content(text)["terms"], "seize_at": url}}:
            return after
    raise SettingsError(f"{_TOWN} is written in a way that is not changed here. Under `terms`, add: {line}")


def _some_contact_only(files: Mapping[str, str]) -> bool:
    channels = _content(files.get(_CHANNELS, "")).get("channels")
    listed = channels.values() if isinstance(channels, dict) else ()
    return any(isinstance(each, dict) and each.get("sve_status") == "contact_only" for each in listed)


def _content(text: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    return content if isinstance(content, dict) else {}
