"""Read what is known of channels: from the town's folder, else from the packages that are installed. Runs none of them.

A channel is announced by an entry point of the group `guichet.channels`, which bears its name; its facts lie beside the
code, in NAME.yaml. A package that is not part of Guichet is found in the town's folder alone, where
`guichet channels enable` copied its facts to.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from pydantic import RootModel, field_validator

from guichet.contracts.channels import ChannelFacts, KnownChannels
from guichet.contracts.inbound import ChannelName
from guichet.errors import SettingsError
from guichet.town.yaml_file import read_yaml

GROUP: Final = "guichet.channels"
FOLDER: Final = "channels"  # in the town's
FRENCH: Final = "french.yaml"


def known_channels(town: Path) -> KnownChannels:
    """Return the facts of every channel; the town's copy wins. Raises SettingsError with a line per mistake."""
    own = {path.stem: read_facts(path) for path in sorted((town / FOLDER).glob("*.yaml"))}
    installed = installed_facts()
    return KnownChannels({**installed, **own}, of_other_packages=own.keys() - installed.keys())


@cache
def installed_facts() -> dict[ChannelName, ChannelFacts]:
    """Return the facts that installed packages bring. Raises SettingsError."""
    return {name: read_facts(path) for name, path in sorted(_installed())}


@cache
def french_sentences() -> Mapping[str, str]:
    """Return in French what the code of installed channels says in English to a town's operator: english → French.

    They lie beside the facts, in french.yaml, where a package has it; `{}` stands for a name. Raises SettingsError.
    """
    files = {path.with_name(FRENCH) for _, path in _installed()}
    return {
        english: french
        for file in sorted(files)
        if file.exists()
        for english, french in read_yaml(file).parse(_French).root.items()
    }


class _French(RootModel[dict[str, str]]):
    @field_validator("root")
    @classmethod
    def _same_places(cls, sentences: dict[str, str]) -> dict[str, str]:
        for english, french in sentences.items():
            if english.count("{}") != french.count("{}") or re.search(r"[{}]", french.replace("{}", "")):
                raise ValueError(f"{english!r}: its French has other places for names.")
        return sentences


def read_facts(path: Path) -> ChannelFacts:
    """Return what a channel's file says. Raises SettingsError, also where the file bears another channel's name."""
    file = read_yaml(path)
    facts = file.parse(ChannelFacts)
    if facts.name != path.stem:
        raise SettingsError(file.complaint(("name",), f"this file is called {path.name}; name it {facts.name}.yaml."))
    return facts


def _installed() -> Iterator[tuple[ChannelName, Path]]:
    for entry in entry_points(group=GROUP):
        yield entry.name, facts_file(entry)


def facts_file(entry: EntryPoint) -> Path:
    """Return where the facts of an announced channel lie. Its package is located, not imported."""
    package = find_spec(entry.module.partition(".")[0])
    if package is None or not package.submodule_search_locations:
        raise SettingsError(
            f"channel {entry.name}: its package {entry.module} is not installed whole; install it again."
        )
    return Path(package.submodule_search_locations[0]) / f"{entry.name}.yaml"
