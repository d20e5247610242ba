"""A case with the link that the router would have made for it."""

import hashlib

from guichet.case.record import CaseRecord
from guichet.ids import CaseId
from guichet.privacy.follow_link import SECRET_BYTES, FollowLink
from guichet.vault.ports import KeySource
from guichet.vault.sealing import DataKey, Thing, seal


def a_link(case: CaseId) -> FollowLink:
    """Return a link that depends on the case's id alone."""
    return FollowLink(hashlib.sha256(f"test-link {case}".encode()).digest()[:SECRET_BYTES])


async def linked(case: CaseRecord, keys: KeySource) -> CaseRecord:
    """Return the case with `a_link` of its own, sealed under a new key."""
    [key] = await keys.new_keys(1)
    return linked_under(case, key)


def linked_under(case: CaseRecord, key: DataKey, link: FollowLink | None = None) -> CaseRecord:
    """Return the case with a link sealed under this key."""
    link = link or a_link(case.case_id)
    sealed = seal(key, Thing("case", case.case_id), "link", link.secret)
    return case.model_copy(update={"link": sealed, "follow": link.lookup})
