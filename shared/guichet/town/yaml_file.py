"""Read a town's YAML so that every complaint can name its file and line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from guichet.errors import SettingsError

M = TypeVar("M", bound=BaseModel)
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, ten times as fast, where the wheel has it
MOST_VALUES: Final = 100_000  # of a file, each as often as an alias repeats it
THE_KEY_ITSELF: Final = "[key]"  # pydantic's word for what stands before the colon
KeyPath = Sequence[str | int]  # the way to a value from the top of the file: ("departments", "voirie", "sector")


class YamlFile:
    """One YAML file of the town, and where in it each value stands."""

    def __init__(self, path: Path, root: yaml.Node | None, content: Any) -> None:
        self.path = path
        self._root = root
        self._content = content

    @property
    def content(self) -> Any:
        """What the file says, as plain values."""
        return self._content

    def parse(self, model: type[M]) -> M:
        """Return the file's content as that model. Raises SettingsError with a line per mistake."""
        try:
            return model.model_validate(self._content)
        except ValidationError as exc:
            mistakes = [self.complaint(error["loc"], _in_words(dict(error))) for error in exc.errors()]
            raise SettingsError("\n".join(mistakes)) from None

    def complaint(self, keys: KeyPath, sentence: str) -> str:
        """Return "file:line: key: sentence"."""
        name = ".".join(str(step) for step in keys if step != THE_KEY_ITSELF)
        return f"{self.path}:{self.line_of(keys)}: {name}: {sentence}" if name else f"{self.path}:1: {sentence}"

    def line_of(self, keys: KeyPath) -> int:
        """Return the line (from 1) of the value at `keys`, or of the nearest value that holds it."""
        node, line = self._root, 1
        for step in keys:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line


def read_yaml(path: Path) -> YamlFile:
    """Read one file. Raises SettingsError when it is missing, is not UTF-8 or YAML, or says a key twice."""
    try:
        loader = Loader(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        _refuse_doubled_keys(path, root)
        return YamlFile(path, root, loader.construct_document(root) if root is not None else {})
    except FileNotFoundError as exc:
        raise SettingsError(f"{path}: this file is missing; copy it from deploy/local/town and adapt it.") from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{path}: cannot be read as UTF-8 text ({exc}).") from exc
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise SettingsError(f"{path}:{line}: this is not YAML: {exc.problem}.") from exc
    except yaml.YAMLError as exc:
        raise SettingsError(f"{path}: this is not YAML: {exc}.") from exc


def _child(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item: yaml.Node = node.value[step]
        return item.start_mark.line + 1, item
    return None


def _refuse_doubled_keys(path: Path, node: yaml.Node | None) -> None:
    """YAML lets the last of two equal keys win in silence: a department would vanish.

    Aliases of aliases make a small file endless for whoever walks through it: that is refused, too.
    """
    waiting, walked = [node], 0
    while waiting:
        each, walked = waiting.pop(), walked + 1
        if walked > MOST_VALUES:
            raise SettingsError(f"{path}: its aliases (*name) repeat more than {MOST_VALUES} values.")
        if isinstance(each, yaml.SequenceNode):
            waiting += reversed(each.value)
        elif isinstance(each, yaml.MappingNode):
            _refuse_doubled_keys_of(path, each)
            waiting += reversed([value for _, value in each.value])


def _refuse_doubled_keys_of(path: Path, node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise SettingsError(f"{path}:{key.start_mark.line + 1}: {key.value}: this key stands here twice.")
        seen.add(key.value)


def _in_words(error: dict[str, Any]) -> str:
    match error["type"]:
        case "missing":
            return "this field is missing."
        case "extra_forbidden":
            return "this field is unknown; check its spelling."
        case "value_error":
            return f"{error['ctx']['error']}"
        case _:
            return f"{error['msg']} (found {error['input']!r})."
