"""A program that reports what it was given, reads what it is told, and ends as it is told."""

import atexit
import ctypes
import json
import os
import signal
import sys

if __name__ == "__main__":
    dies_with_parent = ctypes.c_int()
    ctypes.CDLL(None).prctl(2, ctypes.byref(dies_with_parent))
    said = {
        "name": __name__,
        "argv": sys.argv[1:],
        "cwd": os.getcwd(),
        "environment": {name: value for name, value in os.environ.items() if name != "LC_CTYPE"},
        "handlers": {str(each): str(signal.getsignal(each)) for each in signal.valid_signals()},
        "open": sorted(os.listdir("/proc/self/fd"), key=int)[:4],
        "leads its session": os.getsid(0) == os.getpid(),
        "dies with its parent": dies_with_parent.value,
        "typed": sys.stdin.read(),
    }
    atexit.register(sys.stderr.write, "ended in order\n")
    sys.stdout.write(f"{json.dumps(said)}\n")
    sys.stdout.flush()
    match sys.argv[1]:
        case "waits":
            signal.pause()
        case status:
            sys.exit(int(status))
