"""`guichet-server apply|containers|second-disk|wait`, `python -m guichet_server run|await kafka|mongod`, `guichet`."""

import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from guichet.errors import GuichetError
from guichet_local.errors import LocalStackError
from guichet_server.apply.apply import apply
from guichet_server.apply.containers import containers
from guichet_server.apply.second_disk import ON_THIS_DISK, second_disk
from guichet_server.installation import read_installation
from guichet_server.run.command import become_guichet
from guichet_server.run.servers import become, wait_for
from guichet_server.run.wait import health_ports, wait

USAGE = """\
guichet-server apply: make this machine be as /etc/guichet says.
guichet-server containers: write what deploy/compose.yaml hands on and mounts.
guichet-server second-disk: begin what containers keep on the second disk; once, while it is mounted.
guichet-server wait: return once every service is ready, and say which is not."""
TOLD: Final[Mapping[str, Callable[[], Iterable[str]]]] = {
    "apply": apply,
    "containers": lambda: containers(read_installation()),
    "second-disk": second_disk,
    "wait": lambda: wait(health_ports(read_installation())),
}


def main(words: list[str]) -> int:
    """Do it, and return the exit status: 78 for what a setting or a file of the town has wrong."""
    try:
        match words:
            case [name] if name in TOLD:
                for line in TOLD[name]():
                    print(line, flush=True)
            case ["second-disk", word] if word == ON_THIS_DISK:
                print(*second_disk(on_this_disk=True), sep="\n", flush=True)
            case ["run", name]:
                become(name)
            case ["await", name]:
                wait_for(name)
            case ["guichet", *arguments]:
                become_guichet(arguments)
            case _:
                print(USAGE, file=sys.stderr)
                return 2
    except GuichetError as exc:
        print(exc, file=sys.stderr)
        return 78
    except (LocalStackError, OSError, subprocess.CalledProcessError) as exc:
        print(exc, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
