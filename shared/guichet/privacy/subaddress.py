"""A mail address with a tag: contact+tag@mairie.example arrives in contact@mairie.example (RFC 5233). Pure.

A local part is what stands before the @ of an address.
"""

from collections.abc import Container


def tagged(local: str, tag: str) -> str:
    """Return the local part with a tag behind it."""
    return f"{local}+{tag}"


def untagged(local: str) -> str:
    """Return the local part up to its first plus."""
    return local.partition("+")[0]


def tag_of(local: str) -> str:
    """Return what follows the last plus of a local part; the whole of it where there is none."""
    return local.rpartition("+")[2]


def mailbox_of(address: str, mailboxes: Container[str]) -> str | None:
    """Return the one of these mailboxes where such an address arrives, or None for a stranger's.

    mailboxes: in lower case. One of them may have a plus in its own name, and a tag behind that.
    """
    local, _, domain = address.strip().lower().rpartition("@")
    names = (local, local.rpartition("+")[0], untagged(local))
    return next((mailbox for name in names if (mailbox := f"{name}@{domain}") in mailboxes), None)
