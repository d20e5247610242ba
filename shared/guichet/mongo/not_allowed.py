"""MongoDB refuses us: which user lacks what, in a sentence. Pure: an exception in, an error or None out.

It says what it refused by quoting the whole command, values and all: of that only database, collection and verb are
taken. Its errors do not say whom it refused.
"""

import re
from collections.abc import Collection
from typing import Final

from pymongo.errors import OperationFailure, PyMongoError, ServerSelectionTimeoutError

from guichet.errors import NotAllowedError

_UNAUTHORIZED: Final = 13
_NOT_SIGNED_IN: Final = frozenset({18, 8000})  # AuthenticationFailed, AtlasError
_REFUSED: Final = re.compile(r'not authorized on (\w+) to execute command \{ (\w+): (?:"([\w.]+)")?')
_NO_SIGN_IN: Final = re.compile(r"command (\w+) requires authentication")
_SEE: Final = "(docs/operations.md, alarm not-allowed)"


def refusal_of(error: PyMongoError, users: Collection[str]) -> NotAllowedError | None:
    """Return what to raise where the server let us not in, or not do this. users: as whom this process signs in."""
    who = " or ".join(sorted(users)) or "somebody who does not sign in"
    if isinstance(error, ServerSelectionTimeoutError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return NotAllowedError(
            "MongoDB shows a certificate that nobody vouches for: does tlsCAFile in the URI name the authority of this"
            f" server, and is the host in the URI the one in its certificate? {_SEE}",
            cause=f"{who}:certificate",
        )
    if not isinstance(error, OperationFailure):
        return None
    if error.code in _NOT_SIGNED_IN:
        return NotAllowedError(
            f"MongoDB refuses the sign-in of {who}: is the password in GUICHET_MONGODB_URI the one that"
            f" `guichet store users` was given for this user? {_SEE}",
            cause=f"{who}:sign-in",
        )
    if error.code == _UNAUTHORIZED:
        what = _what(error)
        return NotAllowedError(
            f"MongoDB does not let {who} {what}: `guichet store users` gives each user what roles.json says, and takes"
            f" away the rest {_SEE}",
            cause=f"{who}:{what}",
        )
    return None


def _what(error: OperationFailure) -> str:
    words = str(error)
    if found := _REFUSED.search(words):
        database, verb, collection = found.groups()
        return f"{verb} in {database}.{collection}" if collection else f"{verb} in {database}"
    if found := _NO_SIGN_IN.search(words):
        return f"{found[1]} without a user"
    return "do this"
