"""Whether a mail server took a mail for spam, header by header. Pure.

X-Spamd-Bar is not among them: it shows a score, and not from which score on the town's server calls a mail spam.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

_SFV: Final = re.compile(r"(?:^|;)\s*SFV:([A-Z]{3,4})\b")
# Spam by content, by the town's own rule, or by what a user blocked (learn.microsoft.com, Anti-spam message headers).
_SPAM: Final = frozenset({"SPM", "SKB", "SKS", "BLK"})
_SCL_OF_SPAM: Final = 5


def _yes_or_no(value: str) -> bool | None:
    return {"yes": True, "no": False}.get(re.split(r"[\s,;]", value.strip().lower(), maxsplit=1)[0])


def _rspamd_action(value: str) -> bool | None:
    said = value.strip().lower()
    return said in ("add header", "rewrite subject", "reject", "quarantine") if said else None


def _ovhcloud(value: str) -> bool | None:
    said = value.strip().upper()
    return said == "SPAM" if said else None


def _scl(value: str) -> bool | None:
    found = re.fullmatch(r"-?\d", value.strip())
    return None if found is None else int(found[0]) >= _SCL_OF_SPAM


def _forefront(value: str) -> bool | None:
    found = _SFV.search(value)
    return None if found is None else found[1] in _SPAM


SPAM_HEADERS: Final[Mapping[str, Callable[[str], bool | None]]] = {
    "x-spam-flag": _yes_or_no,  # SpamAssassin, amavis
    "x-spam-status": _yes_or_no,  # SpamAssassin, amavis, rspamd
    "x-spam": _yes_or_no,  # rspamd
    "x-rspamd-action": _rspamd_action,
    "x-ovh-spam-status": _ovhcloud,
    "x-vr-spamstate": _ovhcloud,
    "x-ms-exchange-organization-scl": _scl,
    "x-forefront-antispam-report": _forefront,
}
"""None: it says nothing."""
