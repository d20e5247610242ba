"""Why a mailbox cannot be read for now, in a sentence for an operator.

    TransientError
    └── MailboxError
        └── SignInRefusedError    a person must act: an alarm at once, and slower tries

What a server says is repeated where it can hold no citizen's words: at the sign-in, and of codes in brackets.
"""

import imaplib
import re
import socket
import ssl
from typing import Final

from imapclient.exceptions import LoginError

from guichet.errors import TransientError
from guichet_mail.receive.imap.connection.wire import TooMuchError

_CODE: Final = re.compile(r"\[([A-Z][A-Z0-9-]{1,40})[\]\s]")  # RFC 9051 7.1, RFC 5530
_WILL_PASS: Final = frozenset({"UNAVAILABLE", "LIMIT", "INUSE", "SERVERBUG"})


class MailboxError(TransientError):
    """A mailbox cannot be read for now. The text is a sentence without a citizen's words."""


class SignInRefusedError(MailboxError):
    """The mailbox, or who gives its tokens, does not let the town in."""


def of_connecting(error: Exception, host: str, port: int) -> MailboxError:
    """Say why no connection came about."""
    where = f"{host}:{port}"
    match error:
        case socket.gaierror():
            return MailboxError(f"the name {host} cannot be resolved: is it right, and does this machine's DNS work?")
        case ssl.SSLCertVerificationError():
            why = error.verify_message
            remedy = "If its authority is the town's own, name that in GUICHET_IMAP_CA_FILE."
            if "expired" in why or "not yet valid" in why:
                remedy = "Its administrator must renew it, unless the clock of this machine is wrong."
            return MailboxError(f"the certificate of {where} does not hold: {why}. {remedy}")
        case ssl.SSLError():
            return MailboxError(f"{where} speaks no TLS of ours ({error.reason or 'closed'}): see port and security.")
        case TimeoutError():
            return MailboxError(f"{where} does not answer: see host, port and security, or the firewall on the way.")
        case OSError():
            return MailboxError(f"{where} takes no connection ({error.strerror or type(error).__name__}).")
        case _:
            return MailboxError(f"{where} does not greet as a mailbox does ({type(error).__name__}).")


def of_signing_in(error: Exception, user: str, secrets: tuple[str, ...], told: str = "") -> MailboxError:
    """Say why nobody was let in. secrets: what was shown, which a server may repeat. told: what it said of a token."""
    if isinstance(error, MailboxError):
        return error
    if not isinstance(error, LoginError) or isinstance(error.__context__, imaplib.IMAP4.abort | OSError):
        return of_talking(error)
    said = str(error)
    code = code_in(said)
    if code in _WILL_PASS:
        return MailboxError(f"« {user} » is not let in for now ({code}).")
    is_repeated = any(each and each in f"{said} {told}" for each in secrets)
    words = (
        "" if is_repeated else " ".join(filter(None, (code and f"({code})", told and f"({told})"))) or _as_said(said)
    )
    return SignInRefusedError(f"« {user} » is not let in {words}".rstrip() + ": see user, password or token.")


def of_talking(error: Exception) -> MailboxError:
    """Say why a conversation ended. What the server said may quote a mail, and is left out."""
    match error:
        case MailboxError():
            return error
        case TooMuchError():
            return MailboxError("the server sends more than it was asked for: nothing of it is kept.")
        case TimeoutError():
            return MailboxError("the server stopped answering.")
        case OSError():
            return MailboxError(f"the connection broke ({error.strerror or type(error).__name__}).")
        case imaplib.IMAP4.abort() if "EOF" in str(error) or "BYE" in str(error):
            return MailboxError("the server closed the connection.")
        case imaplib.IMAP4.error():
            code = code_in(str(error))
            return MailboxError(f"the server refused a command{f' ({code})' if code else ''}.")
        case _:
            return MailboxError(f"the server's answer cannot be understood ({type(error).__name__}).")


def code_in(said: str) -> str:
    """Return the code in brackets, such as AUTHENTICATIONFAILED; blank where there is none."""
    found = _CODE.search(said)
    return found[1] if found else ""


def _as_said(said: str) -> str:
    words = re.sub(r"[^ -~]", " ", said)[:120].strip()
    return f"({words})" if words else ""
