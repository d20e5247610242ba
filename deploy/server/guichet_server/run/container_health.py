"""`python -m guichet_server.run.container_health PORT`: the health check of a container; ends with 1 unless it serves.

A module, so that no word of the check has a space: podman's Docker interface (4.3) splits such a word.
"""

import sys
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

PATIENCE_S = 5


def main(words: list[str]) -> int:
    """Return 0 if the service on this port of the container's own is ready."""
    try:
        with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{int(words[0])}/health/ready", timeout=PATIENCE_S):
            return 0
    except (URLError, OSError):
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
