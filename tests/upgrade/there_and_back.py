"""From an earlier version to this one and back, each run by its own code: `make there-and-back` (four minutes).

The dump's town is backed up by the code of then, upgraded, lives on (mails, one with a file, SMS, chat), goes back by
`guichet restore make-way` and the code of then, and is upgraded once more. Every message that was accepted in between
must be filed by the version of then, in the case that it had, and still be there after the second upgrade.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from citizen_sandbox.play.entry import Attachment
from guichet_local.plan.preparation import servers_alone
from guichet_local.stack import LocalStack
from guichet_testing.town.commands import guichet
from guichet_testing.town.town import ERASES_SOON, Town, town_in
from guichet_testing.until import until
from tests.upgrade.code_of_then import code_of, python_of
from tests.upgrade.life import DUMPS, unpack

CHAT: Final = 710000106


def main() -> int:
    """Say what held; return the exit status."""
    [commit] = DUMPS
    code = code_of(commit)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        unpack(commit, home / "guichet")
        then(code, "backup", home)
        since = asyncio.run(live_on(home / "guichet"))
        make_way(home)
        then(code, "back", home)
        found = json.loads((home / "found.json").read_text())
        again = asyncio.run(upgraded_again(home / "guichet"))
    return verdict(since, found, again)


def then(code: Path, verb: str, home: Path) -> None:
    """Have the code of then do something."""
    say(f"{code.name}: {verb}")
    script = Path(__file__).with_name("earlier_town.py")
    subprocess.run([python_of(code), script, verb, home], cwd=code, check=True)


async def live_on(folder: Path) -> Mapping[str, Any]:
    """Upgrade, and return the messages that come then, each with its case."""
    say("this version: upgraded, and messages come")
    async with town_in(folder, settings=ERASES_SOON) as town:
        await town.sandbox.open_chats([CHAT])
        await until(town.all_is_handled, "what waited is handled")
        before = received(town)
        photo = Attachment(name="trou.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n")
        await town.sandbox.send_mail(
            "thomas-lefevre", subject="Depuis la mise à niveau", text="Un trou.", files=[photo]
        )
        await town.sandbox.send_sms("thomas-lefevre", text="/nouvelle Un arbre penche")
        await town.sandbox.send_telegram("ngoc-anh-tran", text="/nouvelle Le banc est cassé")
        await town.sandbox.send_mail("amina-benali", subject="Autre chose", text="Merci d’avance.")
        await until(town.all_is_handled, "what came is handled")
        return {message: case for message, case in received(town).items() if message not in before}


def make_way(home: Path) -> None:
    """Stop everything but the servers, and let the version of then find nothing that it does not know."""
    say("this version: makes way")
    with LocalStack(home / "guichet", services=[], preparation=servers_alone({})) as stack:
        say(guichet(stack, "restore", "make-way", str(home / "data"), "--ledger", str(home / "vault")).strip())


async def upgraded_again(folder: Path) -> Mapping[str, Any]:
    """Upgrade once more; return which message is in which case."""
    say("this version: upgraded once more")
    async with town_in(folder, settings=ERASES_SOON) as town:
        await until(town.all_is_handled, "what waited is handled")
        return received(town)


def received(town: Town) -> dict[str, Any]:
    """Return the case of each message that citizens sent."""
    return {each["_id"]: each.get("filed") for each in town.documents("messages") if each.get("direction") == "inbound"}


def verdict(since: Mapping[str, Any], found: Mapping[str, Any], again: Mapping[str, Any]) -> int:
    """Say it, a line each."""
    held = {
        f"{len(since)} messages accepted by this version are filed by the version of then": bool(since)
        and all(found["messages"].get(each) for each in since),
        "each in the case that it had": all(found["messages"].get(each) == case for each, case in since.items()),
        "each stands in a case after the second upgrade": all(again.get(each) for each in since),
    }
    for what, holds in held.items():
        say(f"{'holds' if holds else 'DOES NOT HOLD'}: {what}")
    say(f"dead letters at the version of then: {len(found['letters'])}")
    return 0 if all(held.values()) else 1


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
