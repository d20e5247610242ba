"""Is a service ready? Its own health page says so."""

import http.client

from guichet_local.machine.ports import HOST

READY_PAGE = "/health/ready"


def is_ready(port: int) -> bool:
    """True when GET /health/ready on this loopback port answers 200."""
    connection = http.client.HTTPConnection(HOST, port, timeout=3.0)
    try:
        connection.request("GET", READY_PAGE)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
