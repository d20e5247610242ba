"""A third party's wheel, written by hand: nothing is built, and nothing fetched."""

from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

FACTS = """\
name: pigeon
title: { fr: Pigeon voyageur, en: Carrier pigeon }
icon: M1 8h14
provider: pigeon
topic: inbound-social
answered_on: pigeon
kind: { name: pigeon-ring, title: { fr: Bague, en: Ring }, pattern: "FR-[0-9]{4}", example: FR-2026 }
form: short
longest: 300
vouched_by: provider
"""


def a_wheel(folder: Path, *, version: str = "1.0", facts: str = FACTS, code: Mapping[str, str] | None = None) -> Path:
    """Write `town-pigeon`, which announces the channel pigeon. code: its modules; by default one that ends whoever
    imports it."""
    modules = {"channel": "raise SystemExit('somebody ran this')\n"} if code is None else code
    info = f"town_pigeon-{version}.dist-info"
    files = {
        "town_pigeon/__init__.py": "",
        "town_pigeon/pigeon.yaml": facts,
        **{f"town_pigeon/{name}.py": text for name, text in modules.items()},
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: town-pigeon\nVersion: {version}\nRequires-Dist: guichet\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: by-hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[guichet.channels]\npigeon = town_pigeon.channel:CHANNEL\n",
    }
    folder.mkdir(exist_ok=True)
    wheel = folder / f"town_pigeon-{version}-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"]))
    return wheel
