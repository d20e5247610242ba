"""The tile of a provider that posts JSON to the town and takes JSON from it."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from fastapi import HTTPException

from citizen_sandbox.play.bounded import Bounded
from citizen_sandbox.play.courier import TownAddress, Verdict
from citizen_sandbox.play.entry import Attachment, Direction, Entry, State
from citizen_sandbox.play.form import Form, Written
from citizen_sandbox.play.people import Citizen
from citizen_sandbox.play.tile import Kit, OpenTile, Sender, Tile
from citizen_sandbox.play.webhook.api import build_webhook_api
from citizen_sandbox.play.webhook.proofs import no_proof
from citizen_sandbox.play.webhook.provider import Answer, Said, SaidFile, WebhookProvider, WebhookSettings
from citizen_sandbox.play.webhook.troubles import Troubles

WEBHOOK_TIMEOUT = 15.0  # seconds
MOST_WRITERS = 10_000
TOWN = "mairie"


def webhook_tile(provider: WebhookProvider) -> Tile[WebhookSettings]:
    """Return the provider's tile."""
    return Tile(
        key=provider.key,
        title=provider.title,
        icon=provider.icon,
        settings=WebhookSettings,
        open=lambda settings, kit: WebhookTile(provider, settings, kit),
        channels={provider.channel_name: provider.title},
        troubles=Troubles(provider.key).words(provider.title.fr),
        provider_paths=(provider.api, f"/{provider.key}/"),
        letters=provider.api,
        refusals=tuple((each.status, each.body) for each in (provider.unreachable, provider.blocked)),
        variable=provider.variable,
        is_optional=True,
    )


class WebhookTile(OpenTile):
    """One conversation a citizen; who is in no file can be answered once they wrote."""

    def __init__(self, provider: WebhookProvider, settings: WebhookSettings, kit: Kit) -> None:
        super().__init__(kit)
        self.provider = provider
        self.can_edit = provider.edits
        self.list_id = provider.key
        self.form = Form(path=provider.key, ids=provider.key, fields=provider.fields)
        self.notice = _notice(provider, settings)
        self._secret = settings.secret
        self._door = kit.door(TownAddress(provider.webhook(settings), settings.public_url))
        self._troubles = Troubles(provider.key)
        self._writers: Bounded[str] = Bounded(len, max_items=MOST_WRITERS)
        self.routers = (build_webhook_api(provider, settings.token, kit, self.knows, self.deliver),)

    def address_of(self, citizen: Citizen) -> str:
        """Return what the provider was declared to call them."""
        return self.provider.address(citizen)

    def shown_address(self, citizen: Citizen) -> str:
        """Return the same, as people say it."""
        return (self.provider.shown or self.provider.address)(citizen)

    def knows(self, address: str) -> bool:
        """Say whether somebody can be reached there: a citizen, or who wrote."""
        citizens = self.kit.people.citizens
        return self._writers.find(address) is not None or any(self.address_of(one) == address for one in citizens)

    async def write(self, sender: Sender, written: Written) -> list[Entry]:
        """Post a message to the town."""
        if not (written.text.strip() or written.files):
            raise HTTPException(422, "write something, or join a file")
        if self._writers.find(sender.address) is None:
            self._writers.add(sender.address, sender.address)
        entry = self._entry(sender.address, written.text, f"{self.provider.key}-{uuid4().hex}", written.files)
        return [await self._carry(entry, sender)]

    async def edit(self, entry: Entry, text: str) -> Entry:
        """Post a correction."""
        if not self.can_edit:
            return await super().edit(entry, text)
        correction = self._entry(entry.address, text, entry.provider_id, [])
        correction.is_edit = True
        return await self._carry(correction, self._sender(entry.address))

    async def again(self, entry: Entry) -> str:
        """Post the same payload once more."""
        return (await self._post(entry, self._sender(entry.address))).answer

    async def deliver(self, answer: Answer) -> Entry:
        """Show a message of the town's, and report on it where the provider does."""
        message_id = f"{self.provider.key}-{uuid4().hex}"
        entry = self._entry(answer.address, answer.text, message_id, [], Direction.RECEIVED)
        await self.kit.journal.add(entry)
        if self.provider.delivered is not None:
            report = self.provider.delivered(message_id, answer.address)
            self.kit.courier.start(self._report(entry, report))
        return entry

    def forget(self) -> None:
        """Forget who wrote."""
        self._writers.clear()

    def _entry(
        self, address: str, text: str, message_id: str, files: list[Attachment], direction: Direction = Direction.SENT
    ) -> Entry:
        return Entry(
            channel=self.provider.channel_name,
            direction=direction,
            address=address,
            counterpart=TOWN,
            text=text,
            attachments=files,
            provider_id=message_id,
        )

    def _sender(self, address: str) -> Sender:
        citizen = next((one for one in self.kit.people.citizens if self.address_of(one) == address), None)
        return Sender(address, citizen.name if citizen else "", citizen)

    async def _carry(self, entry: Entry, sender: Sender) -> Entry:
        async def attempt() -> Verdict:
            verdict = await self._post(entry, sender)
            if self.kit.misbehaviour.strikes(self._troubles.doubled_webhook):
                await self._post(entry, sender)
            return verdict

        return await self.kit.courier.carry(entry, attempt)

    async def _post(self, entry: Entry, sender: Sender) -> Verdict:
        said = self._said(entry, sender)
        return await self._post_json(entry, self.provider.payload(said), said.message_id)

    async def _report(self, entry: Entry, report: Mapping[str, Any]) -> None:
        await self._post_json(entry, report, f"{entry.provider_id}-delivered")

    async def _post_json(self, entry: Entry, payload: Mapping[str, Any], message_id: str) -> Verdict:
        body = json.dumps(payload, ensure_ascii=False).encode()
        return await self._door.post(
            entry,
            self._door.town.public_webhook,
            otherwise=State.WAITING if self.provider.is_retried else State.REFUSED,
            timeout=WEBHOOK_TIMEOUT,
            content=body,
            headers={"Content-Type": "application/json"} | dict(self.provider.sign(self._secret, body, message_id)),
        )

    def _said(self, entry: Entry, sender: Sender) -> Said:
        address = f"{self.kit.own_url}/{self.provider.key}/files/{entry.id}"
        files = (
            SaidFile(file.name, file.media_type, file.content, f"{address}/{place}")
            for place, file in enumerate(entry.attachments)
        )
        return Said(
            sender=sender,
            text=entry.text,
            message_id=f"{entry.provider_id}-{entry.id}" if entry.is_edit else entry.provider_id,
            at=entry.at,
            files=tuple(files),
            edits=entry.provider_id if entry.is_edit else "",
        )


def _notice(provider: WebhookProvider, settings: WebhookSettings) -> str:
    if settings.secret or provider.sign is no_proof:
        return ""
    return f"{provider.variable('secret')} n’est pas réglé : la mairie refusera ce qui part d’ici."
