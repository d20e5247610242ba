"""What a process is left that reads what strangers wrote: so much memory and time; no file, socket or child."""

import os
import resource


def confine(memory_bytes: int, cpu_s: int) -> None:
    """Limit this process, which keeps its three standard streams.

    memory_bytes: of addresses, the libraries' own among them. A limit of 0 keeps even a number that is closed from
    being used again. RLIMIT_NPROC does not bind root.
    """
    os.closerange(3, 256)
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(kind, (most, most))
