"""What ties a demonstration's messages into its cases, as the router would have noted it: who writes on joins. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from guichet.contracts.channels import ChannelFacts, Form
from guichet.contracts.delivery import mail_message_id
from guichet.contracts.inbound_content import MAIL_ADDRESS, InboundContent
from guichet.ids import AnchorId
from guichet.privacy.normal_form import comparable
from guichet.privacy.pseudonyms import conversation_anchor, mail_anchor, own_anchor
from guichet.store.messages.document import MessageDocument
from guichet.store.threads.claim import Claim
from guichet.town import Town
from guichet_cli.demo.story import Story


def threads_of(stories: Iterable[Story], town: Town, thread_key: bytes) -> Iterator[dict[str, Any]]:
    """Yield every anchor with the cases that it leads to. stories: oldest first; a conversation's last case counts."""
    claims: dict[AnchorId, tuple[Claim, ...]] = {}
    for story in stories:
        for anchor, claim in _claims(story, town, thread_key):
            claims[anchor] = (*claims.get(anchor, ()), claim)
    for anchor, found in claims.items():
        yield {"anchor": anchor, "version": len(found), "claims": found}


def is_still_told(story: Story, at: datetime, town: Town) -> bool:
    """Say whether what its citizen writes now on a channel of conversations would be part of it, and open no case."""
    record = story.case.record
    if record.closed_at is not None and record.closed_at < at:
        return False
    return at - (record.last_spoken_at or record.received_at) <= town.policy(record.channel).idle_window


def _claims(story: Story, town: Town, key: bytes) -> Iterator[tuple[AnchorId, Claim]]:
    record, facts = story.case.record, town.facts[story.case.record.channel]
    opening, said = story.received[0]
    of_opening = Claim(case_id=record.case_id, claimed_by=opening.message_id)
    if facts.is_conversation:
        where = f"{record.account} {said.conversation or ''}"
        yield conversation_anchor(key, record.channel, where, comparable(said.sender[0])), of_opening
    for message, content in story.received:
        claim = Claim(case_id=record.case_id, claimed_by=message.message_id)
        yield _own_anchor(message, content, facts, key), claim
    if said.sender[0].kind == MAIL_ADDRESS:
        for message, _ in story.sent:
            claim = Claim(case_id=record.case_id, claimed_by=message.message_id) if message.author else of_opening
            yield mail_anchor(key, mail_message_id(message.message_id, town.domain)), claim


def _own_anchor(message: MessageDocument, content: InboundContent, facts: ChannelFacts, key: bytes) -> AnchorId:
    thread = content.thread if facts.form is Form.MAIL and not facts.is_conversation else None
    if thread is not None and thread.message_id:
        return mail_anchor(key, thread.message_id)
    return own_anchor(key, message.message_id)
