"""A service for tests of the stack: ready at once, prints its variables, ends when asked. Copied, not imported."""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/exit/"):
            os._exit(int(self.path.rsplit("/", 1)[1]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ)).encode())

    def log_message(self, *_: object) -> None:
        pass


if os.environ.get("GUICHET_STAND_IN_FAILS"):
    sys.exit("GUICHET_STAND_IN_FAILS is set: unset it.")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("bonjour", flush=True)
HTTPServer(("127.0.0.1", int(os.environ["GUICHET_HEALTH_PORT"])), Pages).serve_forever()
