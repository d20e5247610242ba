"""The process that has imported our code, and forks for each program that a test starts.

It is given one end of a pair of sockets (SOCK_SEQPACKET) as its standard input. Each packet is an order: JSON with
`module`, `arguments`, `environment` and `folder`, and four descriptors: standard input, output and errors of the
program, and a socket on which its pid is answered, then its status (as of `subprocess`: a signal's number negative).
It ends when the other end is closed.
"""

import gc
import importlib
import json
import os
import re
import selectors
import socket
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

from guichet_testing.builders.quick_passwords import hash_quickly
from guichet_testing.forks.become import become, import_ahead

LONGEST: Final = 200_000  # bytes of an order, which is an environment for the most part
STREAMS: Final = 3
_PROGRAM: Final = re.compile(r"^command=.* -m (\w+)$", re.MULTILINE)  # of supervisord's configuration


def main() -> None:
    """Serve orders until nobody can give any."""
    orders = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    with selectors.DefaultSelector() as ready:
        ready.register(orders, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is not orders:
                    _tell_end(ready, key)
                elif not _fork(orders, ready):
                    return


def _fork(orders: socket.socket, ready: selectors.BaseSelector) -> bool:
    """Carry out the next order. False: there will be none."""
    packet, descriptors, _, _ = socket.recv_fds(orders, LONGEST, STREAMS + 1)
    if not packet:
        return False
    order = json.loads(packet)
    _import(order["module"], order["arguments"])
    pid = os.fork()
    if not pid:
        _be(order, descriptors, [orders, *(key.data[1] for key in ready.get_map().values() if key.data)])
    for descriptor in descriptors[:STREAMS]:
        os.close(descriptor)
    answers = socket.socket(fileno=descriptors[STREAMS])
    answers.send(json.dumps(pid).encode())
    ready.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, answers))
    return True


def _import(module: str, arguments: list[str]) -> None:
    """Import what an order will run, unless an earlier one did."""
    match module, arguments:
        case ("guichet_cli", [command, *_]):
            _import_command(command)
        case ("guichet_testing.town.quick_starts", [_, configuration]):
            importlib.import_module("supervisor.supervisord")
            for each in _PROGRAM.findall(Path(configuration).read_text()):
                import_ahead(each)
        case ("guichet_testing.doors.quick_desk", _):
            import_ahead("agent_desk")
        case _:
            import_ahead(module)
    gc.freeze()  # else the first collection of each fork copies all of it


def _import_command(name: str) -> None:
    commands = importlib.import_module("guichet_cli.__main__").SUB_COMMANDS
    del sys.modules["guichet_cli.__main__"]  # each fork runs it
    if name in commands:
        importlib.import_module(commands[name].split(":")[0])


def _be(order: dict[str, Any], descriptors: list[int], ours: list[socket.socket]) -> NoReturn:
    """In the child: be what was ordered."""
    for each in ours:
        each.close()
    for number, descriptor in enumerate(descriptors[:STREAMS]):
        os.dup2(descriptor, number)
    for descriptor in descriptors:
        os.close(descriptor)
    os.setsid()
    os.chdir(order["folder"])
    if order["module"] == "guichet_cli":
        hash_quickly()  # the example town has a dozen agents, and each start of one gives each of them a password
    become(order["module"], order["environment"], order["arguments"])


def _tell_end(ready: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    pid, answers = key.data
    _, waited = os.waitpid(pid, 0)
    ready.unregister(key.fileobj)
    os.close(key.fd)
    with answers:
        try:
            answers.send(json.dumps(os.waitstatus_to_exitcode(waited)).encode())
        except OSError:
            return  # nobody asks any more


if __name__ == "__main__":
    main()
