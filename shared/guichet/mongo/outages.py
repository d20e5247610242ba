"""Which of MongoDB's errors may pass by themselves. Pure: an exception in, yes or no out."""

from pymongo.errors import BulkWriteError, ConnectionFailure, OperationFailure, PyMongoError, WriteConcernError

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
