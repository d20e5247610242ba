"""Everything a process says while it works: its log before and after redaction, its output."""

import io
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import structlog

from guichet.runtime.telemetry.logging import configure_logging


class Eavesdropper(logging.Handler):
    """Hears log records before the redaction filter: what it would blank is a fault all the same."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.output = io.StringIO()

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record down, with the traceback it carries."""
        self.output.write(f"{record.name} {record.msg} {record.args}\n")
        if record.exc_info and record.exc_info[1] is not None:
            self.output.write("".join(traceback.format_exception(record.exc_info[1])))

    def heard(self) -> str:
        """Return all that was said."""
        return self.output.getvalue()


@contextmanager
def eavesdropped() -> Iterator[Eavesdropper]:
    """Listen while the block runs, with the logs set up as in production but chattier; then put them back."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    ear = Eavesdropper()
    with redirect_stdout(ear.output), redirect_stderr(ear.output):
        configure_logging("conformance", "debug")
        root.addHandler(ear)
        try:
            yield ear
        finally:
            root.handlers, root.level = handlers, level
            structlog.configure(**before)
