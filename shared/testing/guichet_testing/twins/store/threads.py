"""Anchors in memory, claimed on the same conditions as the real ones."""

from collections.abc import Iterable, Sequence

from guichet.errors import TransientError
from guichet.ids import AnchorId
from guichet.store.threads.store import CLAIMS_KEPT, ClaimAddition, ThreadDocument, ThreadStore


class InMemoryThreadStore(ThreadStore):
    """Twin of MongoThreadStore. away: the store does not answer."""

    def __init__(self) -> None:
        self.threads: dict[AnchorId, ThreadDocument] = {}
        self.away = False

    async def find_many(self, anchors: Iterable[AnchorId]) -> dict[AnchorId, ThreadDocument]:
        self._answer()
        return {anchor: self.threads[anchor] for anchor in anchors if anchor in self.threads}

    async def claim_in_order(self, additions: Sequence[ClaimAddition]) -> bool:
        self._answer()
        return all(map(self._claim, additions))

    async def insert_missing(self, threads: Sequence[ThreadDocument]) -> None:
        self._answer()
        for thread in threads:
            self.threads.setdefault(thread.anchor, thread)

    def _claim(self, addition: ClaimAddition) -> bool:
        thread = self.threads.get(addition.anchor)
        version, claims = (thread.version, thread.claims) if thread else (0, ())
        if version != addition.version:
            return False
        newest = (*claims, addition.claim)[-CLAIMS_KEPT:]
        grown = ThreadDocument(_id=addition.anchor, version=version + 1, claims=newest)
        self.threads[addition.anchor] = grown
        return True

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the threads are away")
