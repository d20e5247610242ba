"""The form that Twilio posts. Pure."""

from urllib.parse import parse_qsl

from starlette.datastructures import ImmutableMultiDict

from guichet.channel.refusals import ForgedError

Form = ImmutableMultiDict[str, str]
MOST_FIELDS = 1000


def read_form(body: bytes) -> Form:
    """Return the fields of a urlencoded body, as the signature covers them. Raises ForgedError for endless ones."""
    try:
        fields = parse_qsl(body.decode("latin-1"), keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError as exc:
        raise ForgedError("more fields than Twilio sends") from exc
    return ImmutableMultiDict(fields)
