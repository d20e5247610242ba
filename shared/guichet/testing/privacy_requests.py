"""Twin of the privacy requests."""

from guichet.ids import EventId
from guichet.store.privacy_requests import PrivacyRequest


class InMemoryPrivacyRequestStore:
    """See guichet.store.privacy_requests.PrivacyRequestStore."""

    def __init__(self) -> None:
        self.requests: dict[EventId, PrivacyRequest] = {}

    async def add(self, request: PrivacyRequest) -> None:
        """See PrivacyRequestStore."""
        self.requests.setdefault(request.request_id, request)

    async def find(self, request_id: EventId) -> PrivacyRequest | None:
        """See PrivacyRequestStore."""
        return self.requests.get(request_id)
