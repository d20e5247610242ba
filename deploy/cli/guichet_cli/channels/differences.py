"""Where the package of a third party's channel and the town's files have come apart: an upgrade does it."""

from collections.abc import Iterator
from pathlib import Path

from guichet.contracts.inbound import ChannelName
from guichet.errors import SettingsError
from guichet.town.channel_facts import known_channels
from guichet.town.policies import ChannelList
from guichet.town.yaml_file import read_yaml
from guichet_cli.channels.packages import read_package


def differences(town: Path, packages: Path) -> Iterator[str]:
    """Say of each third party's channel that is switched on how its package and the town's files differ."""
    policies = read_yaml(town / "channels.yaml").parse(ChannelList).channels
    known = known_channels(town)
    for name in sorted(policies.keys() & known.of_other_packages):
        try:
            package = read_package(name, packages / name)
        except SettingsError as error:
            yield f"{error} Install it: guichet channels enable {name} --from …"
            continue
        if package.facts != known[name]:
            yield f"{name}: the facts of {package.name} and the town's copy differ. {_take_over(name)}"
        elif package.name != policies[name].package:
            said = policies[name].package
            yield f"{name}: {package.name} is installed, and channels.yaml says {said}. {_take_over(name)}"


def _take_over(name: ChannelName) -> str:
    return f"Take over what is installed: guichet channels enable {name}"
