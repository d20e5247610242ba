"""A town's channels.yaml, changed by one channel; comments, order and all else stay as the town wrote them. Pure."""

from typing import Any, Final

import yaml

from guichet.contracts.inbound import ChannelName
from guichet.errors import SettingsError

CONVERSATION: Final = {"idle_window": "24 hours", "new_case_words": ["/nouvelle", "NOUVELLE DEMANDE"]}


def with_channel(text: str, name: ChannelName, package: str | None = None, *, is_conversation: bool = False) -> str:
    """Return the file with a channel switched on, a saisine; one that is on already keeps what the town decided.

    package: its name and version, for a channel that is not part of Guichet. is_conversation: its messages carry no
    thread, so that the town decides what opens a new case. Raises SettingsError where the file is
    written in a way that this cannot follow; it says what to write by hand.
    """
    decided = CONVERSATION if is_conversation else {}
    entry: dict[str, Any] = {"sve_status": "saisine"} | decided | ({} if package is None else {"package": package})
    line = f"{name}: {{ {', '.join(f'{key}: {_in_line(value)}' for key, value in entry.items())} }}"
    wanted = _content(text)
    if name not in wanted:
        wanted[name] = entry
        return _checked(_inserted(text, line), wanted, line)
    if package is None:
        return text
    wanted[name] = (wanted[name] or {}) | {"package": package}
    return _checked(_with_package(text, name, package), wanted, f"{name}: {{ …, package: {package} }}")


def without_channel(text: str, name: ChannelName) -> str:
    """Return the file with a channel switched off. Raises SettingsError as `with_channel`, and for the last channel."""
    wanted = _content(text)
    if name not in wanted:
        return text
    del wanted[name]
    if not wanted:
        raise SettingsError(f"{name} is the town's only channel: switch another on first.")
    key, value = next(pair for pair in _channels(text).value if pair[0].value == name)
    lines = text.splitlines(keepends=True)
    del lines[key.start_mark.line : _last_line(value) + 1]
    return _checked("".join(lines), wanted, f"take out the lines of {name}")


def _in_line(value: str | list[str]) -> str:
    return value if isinstance(value, str) else f"[{', '.join(value)}]"


def _inserted(text: str, line: str) -> str:
    channels = _channels(text)
    first, (_, last) = channels.value[0][0], channels.value[-1]
    lines = text.splitlines(keepends=True)
    place = _last_line(last)
    lines[place] = lines[place].rstrip("\n") + "\n"
    lines.insert(place + 1, f"{' ' * first.start_mark.column}{line}\n")
    return "".join(lines)


def _with_package(text: str, name: ChannelName, package: str) -> str:
    policy = next(value for key, value in _channels(text).value if key.value == name)
    if not isinstance(policy, yaml.MappingNode) or not policy.flow_style or not policy.value:
        return text  # which `_checked` refuses
    said = next((value for key, value in policy.value if key.value == "package"), None)
    if said is None:
        end = policy.value[-1][1].end_mark.index
        return f"{text[:end]}, package: {package}{text[end:]}"
    return text[: said.start_mark.index] + package + text[said.end_mark.index :]


def _channels(text: str) -> yaml.MappingNode:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    found = next((value for key, value in pairs if key.value == "channels"), None)
    if not isinstance(found, yaml.MappingNode) or not found.value:
        raise SettingsError("channels.yaml names no channel under `channels:`.")
    return found


def _last_line(node: yaml.Node) -> int:
    """Return the line that a value ends on; a block's own mark stands behind the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    return node.end_mark.line if node.end_mark.column else node.end_mark.line - 1


def _content(text: str) -> dict[str, Any]:
    return dict(yaml.safe_load(text)["channels"])


def _checked(text: str, wanted: dict[str, Any], by_hand: str) -> str:
    try:
        found = _content(text)
    except (yaml.YAMLError, TypeError, KeyError):
        found = None
    if found != wanted:
        raise SettingsError(f"channels.yaml is written in a way that is not changed here. By hand: {by_hand}")
    return text
