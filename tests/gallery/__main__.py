"""`python -m tests.gallery`: what `make gallery` runs. Pictures and contact sheets lie in .local/gallery.

GALLERY_ONLY='^saisie|^courrier' takes the exhibits alone in whose names that is found; GALLERY_FOLDER: another folder.
"""

import asyncio
import logging
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Final

import structlog
from playwright.async_api import Error as BrowserError
from playwright.async_api import expect

from guichet_local.machine.paths import REPOSITORY
from guichet_testing.builders.quick_passwords import hash_quickly
from guichet_testing.real.chromium import find_chromium, open_chromium
from tests.gallery.camera import Camera, Picture
from tests.gallery.contact_sheet import contact_sheet, sheet_name
from tests.gallery.exhibit import WIDTHS, Exhibit, Width
from tests.gallery.hung import EXHIBITS

PATIENCE_MS: Final = 20_000
AT_ONCE: Final = 3  # windows: while one is drawn, others' pages are rendered


def main() -> int:
    """Take all pictures. Return 0, 1 where something is wrong with one, 2 without a browser."""
    chromium = find_chromium()
    if chromium is None:
        sys.stdout.write("There is no Chromium: make browser\n")
        return 2
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable()  # what a desk says of scenes in which something is away, or wrong
    hash_quickly()
    folder = Path(os.environ.get("GALLERY_FOLDER") or REPOSITORY / ".local" / "gallery")
    folder.mkdir(parents=True, exist_ok=True)
    only, began = re.compile(os.environ.get("GALLERY_ONLY", "")), monotonic()
    pictures, failed = asyncio.run(_take_all(chromium, folder, [each for each in EXHIBITS if only.search(each.name)]))
    for width in WIDTHS:
        of_it = [each for each in pictures if each.width == width]
        others = [each for each in WIDTHS if each != width]
        (folder / sheet_name(width)).write_text(contact_sheet(width, of_it, others), encoding="utf-8")
    faults = sum(len(each.faults) for each in pictures)
    sys.stdout.write(
        f"{len(pictures)} pictures in {monotonic() - began:.0f} s, {faults} faults, {failed} not taken: "
        f"{folder / sheet_name(WIDTHS[0])}\n"
    )
    return 1 if faults or failed else 0


async def _take_all(chromium: str, folder: Path, exhibits: Sequence[Exhibit]) -> tuple[list[Picture], int]:
    """Return what was taken, in the order in which it hangs, and how many were not; tell of faults as they are found."""
    turns = asyncio.Semaphore(AT_ONCE)
    async with open_chromium(chromium) as browser:
        expect.set_options(timeout=PATIENCE_MS)
        camera = Camera(browser, folder)

        async def take(exhibit: Exhibit, width: Width) -> list[Picture] | None:
            async with turns:
                try:
                    pictures = await camera.take(exhibit, width)
                except (AssertionError, BrowserError) as error:
                    sys.stdout.write(f"{exhibit.name} at {width.name}: {str(error).strip().splitlines()[0]}\n")
                    return None
                sys.stdout.writelines(f"{each.file}: {fault}\n" for each in pictures for fault in each.faults)
                sys.stdout.flush()
                return pictures

        taken = await asyncio.gather(*(take(exhibit, width) for exhibit in exhibits for width in WIDTHS))
    return [picture for each in taken if each is not None for picture in each], taken.count(None)


if __name__ == "__main__":
    sys.exit(main())
