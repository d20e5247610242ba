"""`python -m tests.pictures`: what `make screenshots` runs. It writes docs/pictures anew."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Final

from guichet_local.machine.paths import REPOSITORY
from guichet_testing.real.chromium import find_chromium, open_chromium
from tests.pictures.demonstration import Demonstration, demonstration
from tests.pictures.scenes import AGENT, SCENES
from tests.pictures.studio import Studio

PICTURES: Final = REPOSITORY / "docs" / "pictures"


def main() -> int:
    """Fill a demonstration in a folder of its own, picture it and throw it away."""
    chromium = find_chromium()
    if chromium is None:
        sys.stdout.write("There is no Chromium: make browser\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="guichet-pictures-") as folder, demonstration(Path(folder), AGENT) as town:
        asyncio.run(_take_all(chromium, town))
    return 0


async def _take_all(chromium: str, town: Demonstration) -> None:
    async with open_chromium(chromium) as browser:
        studio = Studio(browser, PICTURES, town.doors)
        for name, scene in SCENES.items():
            page = await scene(studio, town)
            await studio.take(page, name)
            await page.context.close()
            sys.stdout.write(f"{name}: {(PICTURES / f'{name}.png').stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    sys.exit(main())
