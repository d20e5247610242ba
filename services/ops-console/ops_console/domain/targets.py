"""Which services the console looks at. Pure."""

from urllib.parse import urlsplit

EXAMPLE = "case-router=http://127.0.0.1:9021,notifier=http://127.0.0.1:9022"


def parse_targets(value: object) -> object:
    """Read `service=base URL` pairs, comma-separated, into a mapping. Raises ValueError saying which is wrong and why.

    A further process of a service has a name of its own: case-router-2=http://….
    """
    if not isinstance(value, str):
        return value
    targets: dict[str, str] = {}
    for pair in filter(None, (each.strip() for each in value.split(","))):
        service, _, url = (each.strip() for each in pair.partition("="))
        address = urlsplit(url)
        if not service or address.scheme not in {"http", "https"} or not address.netloc:
            raise ValueError(f"{pair!r} is not service=URL; write for example {EXAMPLE}")
        if service in targets:
            raise ValueError(f"{service} stands there twice; a further process needs a name of its own: {service}-2")
        targets[service] = url.rstrip("/")
    return targets
