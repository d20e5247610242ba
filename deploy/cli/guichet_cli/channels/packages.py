"""Packages of channels that are not part of Guichet: a folder a channel, outside the environment that Guichet runs in.

`uv sync --frozen` takes out of the environment what the lock does not name, so they lie elsewhere; Guichet itself and
its parts are never among them. Nothing here runs a package's code.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from guichet.contracts.channels import ChannelFacts
from guichet.contracts.inbound import ChannelName
from guichet.errors import PermanentError, SettingsError
from guichet.town.channel_facts import GROUP, read_facts


@dataclass(frozen=True)
class Package:
    """A package with a channel in it. name: with its version. facts_file: as the package brings it."""

    name: str
    facts: ChannelFacts
    facts_file: Path


def read_package(channel: ChannelName, folder: Path) -> Package:
    """Return what lies in a folder. Raises SettingsError where no package in it brings the channel, or its facts are
    wrong."""
    distribution, entry = next(_announced(channel, folder), (None, None))
    if distribution is None or entry is None:
        others = sorted({each.name for found in distributions(path=[str(folder)]) for each in _channels_of(found)})
        brought = f"; there is: {', '.join(others)}" if others else ""
        raise SettingsError(
            f"channel {channel}: no package in {folder} announces it (entry point of {GROUP}){brought}."
        )
    facts_file = folder / entry.module.partition(".")[0] / f"{channel}.yaml"
    return Package(f"{distribution.name} {distribution.version}", read_facts(facts_file), facts_file)


def _announced(channel: ChannelName, folder: Path) -> Iterator[tuple[Distribution, EntryPoint]]:
    for distribution in distributions(path=[str(folder)]):
        yield from ((distribution, each) for each in _channels_of(distribution) if each.name == channel)


def _channels_of(distribution: Distribution) -> list[EntryPoint]:
    return [each for each in distribution.entry_points if each.group == GROUP]


@contextmanager
def installing(channel: ChannelName, requirement: str, folder: Path) -> Iterator[Path]:
    """Install what a channel needs beside its place in `folder`, which it takes when the block ends without an error.

    requirement: a wheel, a folder with a project, or what pip takes for one. Raises SettingsError, PermanentError.
    """
    _require_there(requirement)
    folder.mkdir(parents=True, exist_ok=True)
    staging, place = folder / f".{channel}.new", folder / channel
    shutil.rmtree(staging, ignore_errors=True)
    try:
        _install(requirement, staging)
        yield staging
        shutil.rmtree(place, ignore_errors=True)
        staging.rename(place)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _require_there(requirement: str) -> None:
    """Say that a file is missing; pip would take its name for a wheel's, or for a package's, and complain of that."""
    is_path = "://" not in requirement and (requirement.endswith(".whl") or "/" in requirement)
    if is_path and not Path(requirement).exists():
        raise SettingsError(f"{Path(requirement).resolve()} is not there: build it first (uv build --wheel).")


def _install(requirement: str, target: Path) -> None:
    """What the environment has is taken in the same version, so that what does not fit is said now and not at start."""
    here = {each.name: each.version for each in distributions()}
    with TemporaryDirectory() as scratch:
        ours, pinned = Path(scratch) / "ours.txt", Path(scratch) / "pinned.txt"
        ours.write_text("".join(f"{name}\n" for name in here if _is_guichet_s(name)))
        pinned.write_text("".join(f"{name}=={here[name]}\n" for name in here if not _is_guichet_s(name)))
        command = [_uv(), "pip", "install", "--quiet", "--no-config", "--no-sources", "--python", sys.executable]
        command += ["--target", str(target), "--excludes", str(ours), "--constraints", str(pinned)]
        if not Path(requirement).is_dir():
            command.append("--no-build")  # building runs its author's code, as the operator
        done = subprocess.run(  # noqa: S603  uv, and what the operator typed
            [*command, requirement], env=_without_secrets(), capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise PermanentError(f"{requirement} cannot be installed: {done.stderr.strip()}")


def _is_guichet_s(name: str) -> bool:
    return name == "guichet" or name.startswith("guichet-")


def _without_secrets() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GUICHET_")}


def _uv() -> str:
    """The one on the PATH, else that of `make`, beside the environment."""
    beside = Path(sys.prefix).parent / ".local" / "uv" / "bin" / "uv"
    found = shutil.which("uv") or (str(beside) if beside.exists() else None)
    if found is None:
        raise SettingsError("uv is not found, which installs packages: https://docs.astral.sh/uv (pip install uv).")
    return found
