"""Where providers reach the adapters: under each adapter's public base URL. Pure."""


def webhook_url(public_url: object, path: str) -> str:
    """Return the address to register at a provider. public_url: base URL as the provider sees the adapter."""
    return str(public_url).rstrip("/") + path
