"""AsyncAPI 3 of the whole pipeline, generated from the registry (https://www.asyncapi.com/docs/reference/specification/v3.0.0)."""

from typing import Any

from guichet.contracts.base import Event
from guichet.contracts.golden import all_event_types, dead_letter_types, event_types, schema_of
from guichet.contracts.topics import TOPICS, Topic

Document = dict[str, Any]


def asyncapi() -> Document:
    """Return the AsyncAPI document as plain values, ready for YAML."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Guichet",
            "version": "1",
            "description": "What crosses Guichet's topics. Generated from guichet.contracts: do not edit.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {
            **{topic.name: _channel(topic) for topic in TOPICS},
            **{topic.dead_letters: _dead_letters(topic) for topic in TOPICS},
        },
        "operations": {name: operation for topic in TOPICS for name, operation in _operations(topic)},
        "components": {"messages": {name: _message(event) for name, event in sorted(all_event_types().items())}},
    }


def _channel(topic: Topic[Any]) -> Document:
    kept = f"Owner: {topic.owner}. Kept for {topic.retention.days} days, and until every group has handled it."
    doors = "its channel's own host" if topic.signed_by_hosts else ", ".join(topic.signed_by)
    signed = f" Believed only with the signature of {doors}." if topic.is_signed else ""
    return {
        "address": topic.name,
        "description": kept + signed,
        "messages": _references(event_types(topic)),
        "bindings": {"kafka": {"topic": topic.name, "partitions": topic.partitions, "bindingVersion": "0.5.0"}},
    }


def _dead_letters(topic: Topic[Any]) -> Document:
    return {
        "address": topic.dead_letters,
        "description": f"What a group could not handle of {topic.name}, sealed, and what was decided about it.",
        "messages": _references(dead_letter_types()),
    }


def _references(events: tuple[type[Event], ...]) -> Document:
    return {event.__name__: {"$ref": f"#/components/messages/{event.__name__}"} for event in events}


def _operations(topic: Topic[Any]) -> list[tuple[str, Document]]:
    channel = {"$ref": f"#/channels/{topic.name}"}
    sends = [(f"{name}.sends.{topic.name}", {"action": "send", "channel": channel}) for name in topic.producers]
    receives = [
        (
            f"{consumer.service}.receives.{topic.name}",
            {"action": "receive", "channel": channel, "summary": consumer.mode},
        )
        for consumer in topic.consumers
    ]
    return sends + receives


def _message(event: type[Any]) -> Document:
    return {
        "name": event.__name__,
        "summary": (event.__doc__ or "").split("\n")[0],
        "payload": _self_contained(schema_of(event)),
    }


def _self_contained(schema: Document) -> Document:
    """AsyncAPI resolves $ref from the document's root, so inline the definitions (ours do not recurse)."""
    definitions = schema.pop("$defs", {})

    def resolve(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return resolve(definitions[node["$ref"].rsplit("/", 1)[-1]])
            return {name: resolve(value) for name, value in node.items() if name != "discriminator"}
        return [resolve(value) for value in node] if isinstance(node, list) else node

    resolved: Document = resolve(schema)
    return resolved
