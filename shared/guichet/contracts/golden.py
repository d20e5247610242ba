"""Golden JSON schemas: what each event looks like to whoever wrote a consumer last year.

A golden file changes only by `make contracts`, which refuses an incompatible change under the same version.
"""

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
    must be there is added or an enum value vanishes.
    """
    found = _compare(old, new, "event")
    for name, definition in old.get("$defs", {}).items():
        if name not in new.get("$defs", {}):
            found.append(f"definition {name} is gone")
        else:
            found += _compare(definition, new["$defs"][name], name)
    return found


def _compare(old: Schema, new: Schema, place: str) -> list[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    added, demanded = after.keys() - before.keys(), set(new.get("required", ()))
    found = [f"{place}.{name} is gone" for name in before.keys() - after.keys()]
    found += [f"{place}.{name} is new and has no default" for name in added & demanded]
    found += [f"{place}.{name} changed its kind" for name in before if _changed(before[name], after.get(name))]
    found += [f"{place} lost the value {value!r}" for value in old.get("enum", []) if value not in new.get("enum", [])]
    return sorted(found)


def _changed(before: Schema, after: Schema | None) -> bool:
    return after is not None and _kind(before) != _kind(after)


def _kind(field: Schema) -> Schema:
    """Return what matters of a field to its reader: not its title, text or default."""
    return {name: value for name, value in field.items() if name not in ("title", "description", "default")}
