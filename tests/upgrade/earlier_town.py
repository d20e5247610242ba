"""A town of commit 1129a30, run by that commit's own code: it backs up before an upgrade, and puts back afterwards.

Only what that commit has is imported: its own Python runs this file, from its folder (there_and_back.py).

    python earlier_town.py backup HOME      into HOME/data and HOME/vault
    python earlier_town.py back HOME        puts HOME/data back, files what came since, writes HOME/found.json
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from pymongo import MongoClient

from guichet_local.stack import LocalStack

SETTINGS: Final = {"GUICHET_KEYS_REMEMBERED_FOR": "PT2S", "GUICHET_CASE_ROUTER_SWEEP_AFTER": "PT1S"}
QUIET_FOR_S: Final = 6
AT_MOST_S: Final = 90


def main(verb: str, home: Path) -> None:
    """Do one of the two."""
    stack = LocalStack(home / "guichet", settings=SETTINGS)
    stack._claim()
    stack._prepare_folder()
    stack._start_servers(detached=False)  # without the services, as for a restore
    try:
        if verb == "backup":
            guichet(stack, "backup", "data", str(home / "data"))
            guichet(stack, "backup", "vault", str(home / "vault"))
            return
        guichet(stack, "restore", "data", str(home / "data"), "--replace", "--yes")
        stack._start_services()
        with MongoClient[dict[str, Any]](stack.environment_of("guichet")["GUICHET_MONGODB_URI"]) as client:
            found = filed(client["guichet"])
        found["letters"] = guichet(stack, "dead-letters", "list").splitlines()
        (home / "found.json").write_text(json.dumps(found))
    finally:
        stack.down()


def filed(database: Any) -> dict[str, Any]:
    """Return the messages by their case once nothing moves any more."""
    last, since, end = None, time.monotonic(), time.monotonic() + AT_MOST_S
    while time.monotonic() - since < QUIET_FOR_S and time.monotonic() < end:
        now = {each["_id"]: each.get("filed") for each in database["messages"].find({}, {"filed": 1})}
        if now != last:
            last, since = now, time.monotonic()
        time.sleep(0.5)
    return {"messages": last, "cases": database["cases"].count_documents({})}


def guichet(stack: LocalStack, *words: str) -> str:
    """Run `guichet …`, which must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "guichet_cli", *words],
        env=stack.environment_of("guichet"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"guichet {' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
