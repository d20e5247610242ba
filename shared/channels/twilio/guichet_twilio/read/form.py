"""The form that Twilio posts. Pure."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from guichet.channel.refusals import UnverifiedSourceError

MOST_FIELDS = 1000


class Form(dict[str, str]):
    """The last value of each field; `getall` gives every one, under the name by which Twilio's validator asks first.

    Asked by another name, it tries and fails once a field: 115 µs a signature instead of 50.
    """

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._every: dict[str, list[str]] = {}
        for name, value in fields:
            self[name] = value
            self._every.setdefault(name, []).append(value)

    def getall(self, name: str) -> list[str]:
        """Return every value of a field, in order."""
        return self._every[name]


def read_form(body: bytes) -> Form:
    """Return the fields of a urlencoded body, as the signature covers them.

    Raises UnverifiedSourceError for endless ones.
    """
    try:
        fields = parse_qsl(body.decode("latin-1"), keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError as exc:
        raise UnverifiedSourceError("more fields than Twilio sends") from exc
    return Form(fields)
