"""Anchors in memory, claimed on the same conditions as the real ones."""

from collections.abc import Iterable, Sequence

from guichet.errors import TransientError
from guichet.ids import AnchorId
from guichet.store.threads import ClaimAddition, ThreadDocument


class InMemoryThreadStore:
    """Twin of MongoThreadStore. away: the store does not answer."""

    def __init__(self) -> None:
        self.threads: dict[AnchorId, ThreadDocument] = {}
        self.away = False

    async def find_many(self, anchors: Iterable[AnchorId]) -> dict[AnchorId, ThreadDocument]:
        """See ThreadStore."""
        self._answer()
        return {anchor: self.threads[anchor] for anchor in anchors if anchor in self.threads}

    async def insert_in_order(self, threads: Sequence[ThreadDocument]) -> bool:
        """See ThreadStore."""
        self._answer()
        for thread in threads:
            if thread.anchor in self.threads:
                return False
            self.threads[thread.anchor] = thread
        return True

    async def insert_missing(self, threads: Sequence[ThreadDocument]) -> None:
        """See ThreadStore."""
        self._answer()
        for thread in threads:
            self.threads.setdefault(thread.anchor, thread)

    async def add_claims(self, additions: Sequence[ClaimAddition]) -> bool:
        """See ThreadStore."""
        self._answer()
        added = [self._add(addition) for addition in additions]
        return all(added)

    def _add(self, addition: ClaimAddition) -> bool:
        thread = self.threads.get(addition.anchor)
        if thread is None or thread.version != addition.version:
            return False
        grown = {"claims": thread.claims + addition.claims, "version": thread.version + 1}
        self.threads[addition.anchor] = thread.model_copy(update=grown)
        return True

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the threads are away")
