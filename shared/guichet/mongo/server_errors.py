"""What MongoDB's errors mean: an outage that may pass by itself, or a refusal, as a sentence on which user lacks what.

Pure: an exception in. A refusal quotes the whole command, values and all: of that only database, collection and verb
are taken. It does not say whom it refused.
"""

import re
from collections.abc import Collection
from typing import Final

from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
)

from guichet.errors import NotAllowedError

# What a server says about itself or the cluster, not about the document; names as in MongoDB's error_codes.yml.
_SERVER_STATE = frozenset(
    {
        6,  # HostUnreachable
        7,  # HostNotFound
        43,  # CursorNotFound
        50,  # MaxTimeMSExpired
        64,  # WriteConcernFailed
        89,  # NetworkTimeout
        91,  # ShutdownInProgress
        100,  # UnsatisfiableWriteConcern
        112,  # WriteConflict
        133,  # FailedToSatisfyReadPreference
        134,  # ReadConcernMajorityNotAvailableYet
        189,  # PrimarySteppedDown
        262,  # ExceededTimeLimit
        9001,  # SocketException
        10107,  # NotWritablePrimary
        11600,  # InterruptedAtShutdown
        11602,  # InterruptedDueToReplStateChange
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
        14031,  # OutOfDiskSpace
    }
)


def is_outage(error: PyMongoError) -> bool:
    """True when the same call may succeed later: server away, stepping down, too slow or full."""
    if isinstance(error, ConnectionFailure | WriteConcernError) or error.timeout:
        return True
    if isinstance(error, BulkWriteError):
        return _bulk_met_an_outage(error)
    return isinstance(error, OperationFailure) and _passes(error.code)


def _bulk_met_an_outage(error: BulkWriteError) -> bool:
    details = error.details or {}
    return bool(details.get("writeConcernErrors")) or any(_passes(each["code"]) for each in details["writeErrors"])


def _passes(code: int | None) -> bool:
    return code in _SERVER_STATE


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
