"""What a source delivers again of an erased message goes the next night, on real Kafka and MongoDB."""

from datetime import UTC, datetime

import pytest

from gdpr_worker.app import erasure_steps
from gdpr_worker.handlers.remove_late_copies import remove_late_copies
from gdpr_worker.settings import GdprWorkerSettings
from guichet.clock import SystemClock
from guichet.contracts.inbound import Attachment
from guichet.contracts.topics import INBOUND_SMS
from guichet.data_subject.authority import Authority
from guichet.kafka.produce.publisher import KafkaPublisher, Publication
from guichet.mongo.client import connect
from guichet.runtime.settings import read_settings
from guichet.store.objects import ObstoreObjects
from guichet.town.load import load_town
from guichet.vault.mongo_vault import open_vault
from guichet_testing.builders.inbound import sealed_message, sms_content
from guichet_testing.builders.signers import a_verifier

pytestmark = pytest.mark.real
NOW = datetime(2026, 6, 1, tzinfo=UTC)


async def test_a_copy_that_came_after_the_certificate_loses_its_key_and_its_files(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = read_settings(GdprWorkerSettings)
    database, vault, objects = (
        connect(settings.mongo),
        open_vault(settings.vault, clock=SystemClock().now),
        ObstoreObjects(settings.objects_url),
    )
    file = Attachment(attachment_id="file-again", content_type="text/plain", size_bytes=1)
    await objects.put("file-again", b"sealed")
    again = await sealed_message(vault, "erased", sms_content("+33639980199"), attachments=(file,))
    other = await sealed_message(vault, "other", sms_content("+33639980198"))
    await database["messages"].insert_one({"_id": again.message_id, "erased_at": NOW})
    async with KafkaPublisher(settings.kafka, client_id="tester") as publisher:
        for message in (again, other):
            await publisher.publish(Publication(INBOUND_SMS, message, key="sender"))
        town, authority = load_town(settings.town), Authority(a_verifier(), bytes(32))
        steps = erasure_steps(settings, town, authority, database, vault, publisher, lambda: NOW)
        for _ in range(2):
            await remove_late_copies(steps.logs, steps.removal, lambda: NOW)
    keys = await open_vault(settings.vault, clock=SystemClock().now).open_keys(
        [again.content.key_id, other.content.key_id]
    )
    assert set(keys) == {other.content.key_id}
    assert [each async for each in objects.all_keys()] == []
    database.client.close()
