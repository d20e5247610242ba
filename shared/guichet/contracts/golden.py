"""Golden JSON schemas: what each event looks like to whoever wrote a consumer last year.

A golden file changes only by `make contracts`, which refuses an incompatible change under the same version.
"""

import re
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter

from guichet.contracts.base import Event
from guichet.contracts.dead_letters import DEAD_LETTER_EVENTS
from guichet.contracts.topics import TOPICS, Topic

Schema = dict[str, Any]


def event_types(topic: Topic[Any]) -> tuple[type[Event], ...]:
    """Return the event classes that the topic carries."""
    return _members(topic.events)


def dead_letter_types() -> tuple[type[Event], ...]:
    """Return the event classes that every `-dlq` carries."""
    return _members(DEAD_LETTER_EVENTS)


def all_event_types() -> dict[str, type[Event]]:
    """Return every event class by its `type`."""
    carried = [event for topic in TOPICS for event in event_types(topic)]
    return {event.__name__: event for event in (*carried, *dead_letter_types())}


def _members(events: TypeAdapter[Any]) -> tuple[type[Event], ...]:
    annotation = events._type
    if isinstance(annotation, type):
        return (annotation,)
    union = get_args(annotation)[0]  # Annotated[A | B, discriminator]
    return tuple(get_args(union))


def version_of(event: type[BaseModel]) -> int:
    """Return the schema version that a class writes: the first it declares; older ones that it reads stand behind."""
    declared: int = get_args(event.model_fields["schema_version"].annotation)[0]
    return declared


def schema_of(event: type[BaseModel]) -> Schema:
    """Return the JSON schema of what a producer writes."""
    return TypeAdapter(event).json_schema(mode="serialization")


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Return, in words, what in `new` would break a consumer of `old` or the reading of an old record.

    A consumer breaks when a field is gone or changed its kind; an old record becomes unreadable when a field that
    must be there is added or an enum value vanishes. An enum may open into a pattern that all its values match.
    """
    before, after = _inlined(old), _inlined(new)
    found = _compare(before, after, "event")
    for name, definition in before.get("$defs", {}).items():
        if name not in after.get("$defs", {}):
            found.append(f"definition {name} is gone")
        else:
            found += _compare(definition, after["$defs"][name], name)
    return found


def _inlined(schema: Schema) -> Schema:
    """Return the schema with what is no object written where it is used, so that it is compared there."""
    definitions = schema.get("$defs", {})
    scalars = {f"#/$defs/{name}": each for name, each in definitions.items() if "properties" not in each}

    def inlined(part: Any) -> Any:
        if isinstance(part, list):
            return [inlined(each) for each in part]
        if not isinstance(part, dict):
            return part
        scalar = scalars.get(part.get("$ref", ""), {})
        return {name: inlined(each) for name, each in {**part, **scalar}.items() if name != "$ref" or not scalar}

    objects = {name: each for name, each in definitions.items() if "properties" in each}
    return {**inlined({**schema, "$defs": objects})}


def _compare(old: Schema, new: Schema, place: str) -> list[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    added, demanded = after.keys() - before.keys(), set(new.get("required", ()))
    found = [f"{place}.{name} is gone" for name in before.keys() - after.keys()]
    found += [f"{place}.{name} is new and has no default" for name in added & demanded]
    for name in before.keys() & after.keys():
        found += _narrowed(_kind(before[name]), _kind(after[name]), f"{place}.{name}")
    return sorted(found)


def _narrowed(before: Schema, after: Schema, place: str) -> list[str]:
    """Return what a field no longer says as it did."""
    if before == after:
        return []
    values, pattern = before.get("enum"), after.get("pattern")
    if values and pattern and all(re.fullmatch(pattern, each) for each in values):
        return []
    if values and "enum" in after and _without_values(before) == _without_values(after):
        return [f"{place} lost the value {value!r}" for value in values if value not in after["enum"]]
    if "anyOf" in before and "anyOf" in after and len(before["anyOf"]) == len(after["anyOf"]):
        pairs = zip(before["anyOf"], after["anyOf"], strict=True)
        return [each for one, other in pairs for each in _narrowed(_kind(one), _kind(other), place)]
    return [f"{place} changed its kind"]


def _without_values(field: Schema) -> Schema:
    return {name: value for name, value in field.items() if name != "enum"}


def _kind(field: Schema) -> Schema:
    """Return what matters of a field to its reader: not its title, text or default."""
    return {name: value for name, value in field.items() if name not in ("title", "description", "default")}
