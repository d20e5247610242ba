"""The town's web address: as a provider knows it, and where it is reached from this machine."""

from urllib.parse import urlsplit


class TownAddress:
    """One adapter's webhook.

    webhook_url: where the sandbox delivers. public_url: the base under which the town registered
    itself with the provider; the provider signs for it, so the sandbox does too. Empty: no difference.
    """

    def __init__(self, webhook_url: str, public_url: str = "") -> None:
        parts = urlsplit(webhook_url)
        self.local_webhook = webhook_url
        self._local_base = f"{parts.scheme}://{parts.netloc}"
        self._public_base = public_url.rstrip("/") or self._local_base
        self.public_webhook = self._public_base + webhook_url.removeprefix(self._local_base)

    def local(self, url: str) -> str:
        """Return where an address that the town gave out is reached; a foreign one stays as it is."""
        path = url.removeprefix(self._public_base)
        return url if path == url else self._local_base + path
