"""A third party's wheel, written by hand: nothing is built, and nothing fetched."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zipfile import ZipFile

FACTS: Final = """\
name: pigeon
title: { fr: Pigeon voyageur, en: Carrier pigeon }
icon: M1 8h14
provider: pigeon
topic: inbound-third-party
answered_on: pigeon
kind: { name: pigeon-ring, title: { fr: Bague, en: Ring }, pattern: "FR-[0-9]{4}", example: FR-2026 }
form: short
longest: 300
vouched_by: provider
"""


def a_wheel(
    folder: Path,
    *,
    channel: str = "pigeon",
    version: str = "1.0",
    facts: str = FACTS,
    code: Mapping[str, str] | None = None,
) -> Path:
    """Write `town-<channel>`, which announces one channel. code: its modules; by default one that ends whoever imports
    it."""
    modules = {"channel": "raise SystemExit('somebody ran this')\n"} if code is None else code
    package = f"town_{channel}"
    files = {
        f"{package}/__init__.py": "",
        f"{package}/{channel}.yaml": facts.replace("pigeon", channel),
        **{f"{package}/{name}.py": text for name, text in modules.items()},
    }
    return write_wheel(folder, package, files, {"guichet.channels": {channel: f"{package}.channel:CHANNEL"}}, version)


def write_wheel(
    folder: Path, name: str, files: Mapping[str, str], entry_points: Mapping[str, Mapping[str, str]], version: str
) -> Path:
    """Write a wheel that needs Guichet, and return its path. files: by their path in it."""
    info = f"{name}-{version}.dist-info"
    announced = "\n".join(
        f"[{group}]\n" + "".join(f"{each} = {where}\n" for each, where in points.items())
        for group, points in entry_points.items()
    )
    said = {
        f"{info}/METADATA": (
            f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\nRequires-Dist: guichet\n"
        ),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: by-hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": announced,
    }
    whole = {**files, **said}
    folder.mkdir(exist_ok=True)
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        for path, text in whole.items():
            archive.writestr(path, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{path},,\n" for path in [*whole, f"{info}/RECORD"]))
    return wheel
