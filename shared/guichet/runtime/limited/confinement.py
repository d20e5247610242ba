"""What a process is left that reads what strangers wrote: so much memory and time, no file to write, and no child."""

import os
import resource
from collections.abc import Mapping
from typing import Final

_WRITES_NOTHING: Final = {resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_NPROC: 0}


def confine(memory_bytes: int, cpu_s: int) -> None:
    """Limit this process, which keeps its three standard streams.

    memory_bytes: of addresses, the libraries' own among them. A limit of 0 keeps even a number that is closed from
    being used again. RLIMIT_NPROC does not bind root.
    """
    os.closerange(3, 256)
    _limit({resource.RLIMIT_AS: memory_bytes, resource.RLIMIT_CPU: cpu_s, **_WRITES_NOTHING, resource.RLIMIT_NOFILE: 0})


def limit_program(memory_bytes: int, cpu_s: int, files: int) -> None:
    """Limit the program that this process becomes next (execve keeps limits): it may still open files, to read them.

    memory_bytes: as for `confine`. files: open at once, its three standard streams and libraries among them.
    """
    most = {resource.RLIMIT_AS: memory_bytes, resource.RLIMIT_CPU: cpu_s, resource.RLIMIT_NOFILE: files}
    _limit(most | _WRITES_NOTHING)


def _limit(limits: Mapping[int, int]) -> None:
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))
