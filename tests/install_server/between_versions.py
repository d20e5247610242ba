"""The commands of docs/upgrading.md on the machine, while citizens write; and versions that cannot be put in place."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from guichet_local.machine.paths import REPOSITORY
from tests.install_server.commands import commands_of
from tests.install_server.machine import Machine
from tests.install_server.next_versions import NEXT, NOT_INSTALLED, NOT_MIGRATED, NOT_STARTED, NOT_TO_BE_HAD, THIS
from tests.install_server.observed import INBOX
from tests.install_server.report import say

UPGRADING: Final = (REPOSITORY / "docs" / "upgrading.md").read_text()
BACKUPS: Final = "/var/backups/guichet/data"
_BACKUP: Final = re.compile(rf"BACKUP|{BACKUPS}/data-\d+T\d+Z")  # as the document names it
STOPPED_FIRST: Final = "systemctl stop guichet.target && "  # the document says that whoever types these has done so
INSTEAD: Final = {
    "guichet upgrade --by-hand": f"{STOPPED_FIRST}guichet upgrade --by-hand && systemctl start guichet.target",
    "/opt/guichet/deploy/server/install.sh": f"{STOPPED_FIRST}/opt/guichet/deploy/server/install.sh",
}
PATIENCE_S: Final = 180
_REFERENCE: Final = re.compile(r"\b2\d{3}-[0-9A-Z]{4}-[0-9A-Z]{3}\b")
_OR_BACK: Final = re.compile(r"^Ou revenez à [^:]*: (?P<command>guichet upgrade .*|git .*)$", re.MULTILINE)


def lines_under(heading: str) -> list[str]:
    """Return what the document has one type under a heading."""
    return [each.line for each in commands_of(UPGRADING) if each.heading == heading]


def there_and_back(machine: Machine) -> dict[str, float]:
    """Upgrade by the document's commands, go back by them; return how long each took."""
    took = {}
    named: list[str] = []
    for heading, version, word in (("Upgrading", NEXT, "forth"), ("Going back", THIS, "back")):
        with citizens_writing(machine, word):
            for line in lines_under(heading):
                began = time.monotonic()
                machine.run(said(line, named))
                say(line[:100], time.monotonic() - began)
                if line.startswith("guichet upgrade") and "--to" in line and "--dry-run" not in line:
                    took[line] = time.monotonic() - began
                    named = named or [newest_backup(machine)]
                    runs(machine, version)
        everything_has_its_case(machine)
        if version == NEXT:
            a_backup_of_the_newer_is_refused(machine)
    return took


def said(line: str, named: list[str]) -> str:
    """Return a line of the document with the backup that the upgrade named; nobody is there to be asked."""
    line = INSTEAD.get(line, line)
    for backup in named:
        line = _BACKUP.sub(backup, line)
    return f"{line} --yes" if "--back" in line else line


def newest_backup(machine: Machine) -> str:
    """Return the newest that an upgrade began with."""
    return machine.says(f"ls -d {BACKUPS}/*/before-upgrade | tail -1").strip().removesuffix("/before-upgrade")


def a_backup_of_the_newer_is_refused(machine: Machine) -> None:
    """Of the second upgrade, `--by-hand`: the version of before could not put it back. Nothing is stopped."""
    newest = newest_backup(machine)
    done = machine.run(f"guichet upgrade --back {newest} --to {THIS} --yes", check=False)
    assert done.returncode == 1
    assert "Prenez la sauvegarde que la mise à niveau avait nommée" in done.stderr, done.stderr
    runs(machine, NEXT)


def what_cannot_be_put_in_place(machine: Machine) -> None:
    """Each says what is as it was, and what to type; that is typed, and the town has the version of before."""
    for version in ("v9", NOT_TO_BE_HAD):
        told = _refused(machine, version)
        assert "Rien n’a été arrêté ni changé" in told, told
        runs(machine, THIS)
    for version in (NOT_INSTALLED, NOT_MIGRATED, NOT_STARTED):
        with citizens_writing(machine, version.replace(".", "")):
            told = _refused(machine, version)
            found = _OR_BACK.search(told)
            assert found is not None, told
            command = found["command"]
            machine.run(f"{command} --yes" if "--back" in command else command)
            machine.run("guichet-server wait")
            runs(machine, THIS)
        everything_has_its_case(machine)


def _refused(machine: Machine, version: str) -> str:
    began = time.monotonic()
    done = machine.run(f"guichet upgrade --to {version}", check=False)
    assert done.returncode == 1, done.stdout[-2000:]
    say(f"{version}: {done.stderr.strip().splitlines()[-1][:160]}", time.monotonic() - began)
    return done.stderr


def runs(machine: Machine, version: str) -> None:
    """Code, units, store and processes are of this version, and every service is ready."""
    machine.run("guichet-server wait")
    assert machine.says("git -C /opt/guichet describe --tags").strip() == version
    unit = "guichet-case-router"
    identifier = machine.says(f"systemctl show -p SyslogIdentifier --value {unit}").strip()
    assert (identifier == "guichet-next") == (version == NEXT), identifier
    number = machine.says(
        "/opt/guichet/.venv/bin/python -c 'import importlib.metadata as m; print(m.version(\"guichet\"))'"
    )
    assert (number.strip() == "0.2.0") == (version == NEXT), number
    assert bool(cases(machine)["migrated"]) == (version == NEXT)
    pid = machine.says(f"systemctl show -p MainPID --value {unit}").strip()
    began = machine.says(f"stat -c %Y /proc/{pid}").strip()
    installed = machine.says("stat -c %Y /opt/guichet/.git/HEAD").strip()
    assert int(began) >= int(installed), "the code was changed after the router began"


@contextmanager
def citizens_writing(machine: Machine, word: str) -> Iterator[None]:
    """A citizen after the other writes to both mailboxes, before, meanwhile, and after."""
    machine.run(f"rm -f /root/stop; setsid python3 /root/writer.py {word} >/root/writer.log 2>&1 </dev/null &")
    time.sleep(6)
    yield
    time.sleep(4)
    machine.run("touch /root/stop; sleep 3")
    assert not machine.says("cat /root/writer.log").strip()


def everything_has_its_case(machine: Machine) -> None:
    """Each mail that Postfix took is one case, whose reference its citizen has, once."""
    machine.run("guichet-server wait && postqueue -f")  # by itself it tries again after five minutes
    addresses = machine.says("cat /root/written").split()
    deadline = time.monotonic() + PATIENCE_S
    while (wrong := _wrong(machine, addresses)) and time.monotonic() < deadline:
        time.sleep(2)
    assert not wrong, wrong
    say(f"{len(addresses)} mails, a case and a receipt each")


def _wrong(machine: Machine, addresses: list[str]) -> dict[str, Any]:
    """Return what does not hold (yet)."""
    mails = machine.says(f"grep -h -E '^(To|Subject): ' {INBOX}/* || true")
    held = Counter(re.findall(r"^To: .*?([a-z0-9-]+@courriel\.example)", mails, re.MULTILINE))
    there = cases(machine)
    missing = [each for each in addresses if held[each] == 0]
    twice = [each for each in addresses if held[each] > 1]
    unknown = {*_REFERENCE.findall(mails)} - {*there["references"]}
    wrong = {
        "missing": missing[:5],
        "twice": twice[:5],
        "leads nowhere": sorted(unknown)[:5],
        "unfiled": there["unfiled"],
    }
    counted = len(there["references"]) - there["messages"]
    return {name: each for name, each in (wrong | {"cases and messages differ": counted}).items() if each}


def cases(machine: Machine) -> dict[str, Any]:
    """Return what the store has."""
    return dict(json.loads(machine.run("/opt/guichet/.venv/bin/python /root/cases.py").stdout))
