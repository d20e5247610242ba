"""`python -m tests.every_test WORDS`: what `make test` runs once all is found, fetched and compiled. WORDS: for pytest.

Exit status: pytest's. A few tests that failed among all others are run once more, alone (docs/decisions/0083).
"""

import subprocess
import sys

import pytest

from tests.every_test.second_try import Failures, said_of, worth_a_second_try


def main(words: list[str]) -> int:
    """Run every test, and the failed again where they are few. Return the exit status."""
    failures = Failures()
    status = pytest.main(words, plugins=[failures])
    failed = sorted(failures.tests)
    if not worth_a_second_try(status, failed):
        return int(status)
    sys.stdout.write(f"\n{len(failed)} failed among all the others. Once more, alone and on new servers:\n")
    sys.stdout.flush()
    # A process of its own: nothing of the first try is left in it. One worker, so that groups and ports are as before.
    again = subprocess.run([sys.executable, "-m", "pytest", "-q", "-n1", "--dist=loadgroup", *failed], check=False)
    if not again.returncode:
        sys.stdout.writelines(f"{line}\n" for line in said_of(failed))
    return again.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
