"""The clean process that reader processes are forked from. It knows no secret, and no socket but the one to its parent.

Started as `python -m guichet_mail.read.limited_readers.server SETUP` with a SEQPACKET socket as its standard input. A
packet with a socket attached asks for a reader that serves this socket; a process id, for the end of that reader.
Whoever dies or goes is seen by the end of their socket.
"""

import gc
import json
import os
import resource
import signal
import socket
import sys
from io import BufferedRWPair
from typing import Final

from guichet.channel.envelope import Envelope
from guichet.contracts.topics import MIB
from guichet.errors import PermanentError
from guichet.runtime.prctl import give_up_privileges, hide_memory
from guichet_mail.read.limited_readers.confinement import (
    confine,
    load_what_is_read_later,
)
from guichet_mail.read.limited_readers.wire import to_bytes
from guichet_mail.read.own.own_system import OwnSystem
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes

SIZE_BYTES: Final = 8
PID_BYTES: Final = 4
ROOM_BYTES: Final = 48 * MIB  # above idle, for a small mail
ROOM_PER_BYTE: Final = 16  # a mail is held as bytes, as text, in parts, decoded, and once more in the answer
CPU_S: Final = 1.0  # five times what the worst small mail takes
CPU_S_PER_BYTE: Final = 0.16 / MIB  # a full one has 5 s
DEADLINE_S: Final = 20.0  # by the clock: whoever waits for something else than the processor ends too

READ, FAILED = b"+", b"-"
LIMITS: Final = "limits"


def main() -> None:
    """Fork readers until the parent goes."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)  # sent to the whole group at a stop, while a mail may be in work
    setup = json.loads(sys.argv[1])
    own = {way: OwnSystem.from_dict(each) for way, each in setup["own"].items()}
    reader = MailReader(TownMailboxes(setup["mailboxes"], setup["main"]), b"", own)
    hide_memory()  # no reader looks into another one's mail
    give_up_privileges()
    load_what_is_read_later()
    control, children = socket.socket(fileno=0), set[int]()
    gc.freeze()  # a collection would write to pages that all readers share
    while True:
        packet, handed_over, _, _ = socket.recv_fds(control, PID_BYTES, 1)
        if not packet:
            return
        children -= {pid for pid in children if os.waitpid(pid, os.WNOHANG)[0]}  # those that ended
        if not handed_over:
            pid = int.from_bytes(packet)
            if pid in children:
                os.kill(pid, signal.SIGKILL)
            continue
        pid = os.fork()
        if not pid:
            control.detach()
            _serve(socket.socket(fileno=handed_over[0]), reader)
            os._exit(0)
        os.close(handed_over[0])
        children.add(pid)


def _serve(parent: socket.socket, reader: MailReader) -> None:
    """Read one mail within its limits, then leave: nobody else's may come to whom it has taken over."""
    status = os.open("/proc/self/status", os.O_RDONLY)
    confine(parent.fileno(), status)
    idle_bytes, stream = _data_bytes(status), parent.makefile("rwb")
    stream.write(os.getpid().to_bytes(PID_BYTES))
    stream.flush()
    if (mail := _mail(stream)) is None:
        return
    _limit(len(mail), idle_bytes)
    answer = _answer(mail, reader)
    for timer in (signal.ITIMER_REAL, signal.ITIMER_PROF):
        signal.setitimer(timer, 0)
    stream.write(len(answer).to_bytes(SIZE_BYTES) + answer)
    stream.flush()


def _mail(stream: BufferedRWPair) -> bytes | None:
    size = stream.read(SIZE_BYTES)
    return stream.read(int.from_bytes(size)) if len(size) == SIZE_BYTES else None


def _limit(mail_bytes: int, idle_bytes: int) -> None:
    """Limit what this one mail may take: past memory an error, past time the kernel ends the process.

    RLIMIT_CPU counts whole seconds and cannot be taken back; the timer of the processor's time is exact.
    """
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (idle_bytes + ROOM_BYTES + ROOM_PER_BYTE * mail_bytes, most))
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    cpu_s = CPU_S + CPU_S_PER_BYTE * mail_bytes
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + cpu_s) + 2, most))
    for ended_by, timer, seconds in (
        (signal.SIGALRM, signal.ITIMER_REAL, DEADLINE_S),
        (signal.SIGPROF, signal.ITIMER_PROF, cpu_s),
    ):
        signal.signal(ended_by, signal.SIG_DFL)
        signal.setitimer(timer, seconds)


def _answer(mail: bytes, reader: MailReader) -> bytes:
    try:
        return READ + to_bytes(reader.understand(Envelope.from_bytes(mail)))
    except PermanentError as error:
        return FAILED + error.reason.encode()
    except MemoryError:
        return FAILED + LIMITS.encode()
    except Exception as error:
        return FAILED + type(error).__name__.encode()


def _data_bytes(status: int) -> int:
    """Return what RLIMIT_DATA counts of this process (proc(5), VmData). status: its open file."""
    said = os.pread(status, 4096, 0).decode()
    return int(said.partition("VmData:")[2].split(maxsplit=1)[0]) * 1024


if __name__ == "__main__":
    main()
