"""A sender's process that says what it does and never answers: python -m shared.tests.channel.outgoing.stuck_sender FOLDER"""

import asyncio
import sys
from pathlib import Path

from shared.tests.channel.outgoing.faces import Scripted, served


def tell(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


class Stuck(Scripted):
    async def try_send(self, letter):
        tell("sending")
        await asyncio.sleep(600)


async def main(folder: Path) -> None:
    async with served(folder, Stuck()):
        tell("listening")
        await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
