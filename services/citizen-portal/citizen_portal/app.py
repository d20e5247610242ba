"""The composition root of the portal: every concrete class is chosen here; nothing connects before the app starts."""

from contextlib import AsyncExitStack
from typing import Final

from citizen_portal.entry.pages import FORMS_PER_ADDRESS, HERE, WINDOW, Portal, build_pages
from citizen_portal.entry.question_pages import QuestionPages, add_question_pages
from citizen_portal.handlers.answer_question import Questions
from citizen_portal.handlers.follow_case import FollowLinks
from citizen_portal.handlers.note_readings import FollowAudit
from citizen_portal.handlers.open_file import AnswerFiles
from citizen_portal.settings import PortalSettings
from guichet.channel.connect import connected_edge
from guichet.kafka.produce.publisher import KafkaPublisher
from guichet.migrations.checks import require_ready_store
from guichet.mongo.client import closing, connect
from guichet.runtime.clock import clock_of
from guichet.runtime.health import Health
from guichet.runtime.server import serve
from guichet.runtime.telemetry.probing_alarm import Probing
from guichet.store.audit.trail import MongoAuditTrail
from guichet.store.audit.watched import WatchedAudit
from guichet.store.follow_views.store import MongoFollowViews
from guichet.store.objects import ObstoreObjects
from guichet.town.load import load_town
from guichet.web.templates import Templates
from guichet.web.throttle import Throttle

SERVICE: Final = "citizen-portal"


async def run(settings: PortalSettings) -> None:
    """Serve the portal until SIGTERM. Raises SettingsError for a wrong town, a taken port, a store not migrated."""
    town, health = load_town(settings.town), Health()
    now = clock_of(SERVICE).now
    async with AsyncExitStack() as stack:
        edge = await stack.enter_async_context(connected_edge(SERVICE, settings, health, now))
        publisher = await stack.enter_async_context(KafkaPublisher(settings.kafka, client_id=SERVICE))
        database = stack.enter_context(closing(connect(settings.mongo)))
        await require_ready_store(database, settings.mongo, settings.vault)
        probing = Probing(SERVICE, settings.probing, now)
        portal = Portal(
            town=town,
            templates=Templates(HERE, town=town),
            edge=edge,
            follow_links=FollowLinks(MongoFollowViews(database), publisher, now),
            files=AnswerFiles(ObstoreObjects(settings.objects_url)),
            follow_audit=FollowAudit(WatchedAudit(MongoAuditTrail(database), probing), probing, now),
            probing=probing,
            throttle=Throttle(FORMS_PER_ADDRESS, WINDOW),
            key=settings.portal_form_key.get_secret_value(),
            message_id_key=settings.edge.message_id_key.get_secret_value(),
            clock=now,
        )
        questions = Questions(
            views=portal.follow_links.views,
            edge=edge,
            message_id_key=portal.message_id_key,
            account=town.main_mailbox,
            clock=now,
        )
        web = build_pages(portal)
        add_question_pages(web, QuestionPages(portal, questions))
        await serve(web, settings.http, health)
