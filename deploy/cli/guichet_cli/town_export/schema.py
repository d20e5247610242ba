"""The published JSON schema of each kind of line: generated from its model, and in every export. Pure."""

import json
from collections.abc import Iterator
from typing import Any

from guichet.contracts.base import Contract
from guichet_cli.town_export.kinds import KINDS
from guichet_cli.town_export.manifest import FORMAT, End, Manifest

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each."""
    yield "manifest", _text("What the export is.", Manifest)
    for kind in KINDS:
        yield kind.name, _text(kind.holds, kind.line)
    yield "end", _text("What the export holds.", End)


def _text(holds: str, model: type[Contract]) -> str:
    schema: dict[str, Any] = model.model_json_schema(mode="serialization")
    said = {"$schema": DIALECT, **schema, "title": model.__name__.strip("_"), "description": holds}
    return json.dumps({**said, "x-format": FORMAT}, indent=2, ensure_ascii=False) + "\n"
