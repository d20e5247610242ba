"""The composition root of the portal: every concrete class is chosen here; nothing connects before the app starts."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime

from citizen_portal.following import Following
from citizen_portal.pages import FORMS_PER_ADDRESS, HERE, WINDOW, Portal, build_pages
from citizen_portal.settings import PortalSettings
from guichet.channel.connecting import connected_edge
from guichet.migrations.checking import require_migrated
from guichet.runtime.health import Health
from guichet.runtime.server import serve
from guichet.store.client import connect
from guichet.store.follow_views import MongoFollowViews
from guichet.town.loading import load_town
from guichet.web.templates import Templates
from guichet.web.throttle import Throttle


async def run(settings: PortalSettings) -> None:
    """Serve the portal until SIGTERM. Raises SettingsError for a wrong town, a taken port, a store not migrated."""
    town, health = load_town(settings.town), Health()
    async with AsyncExitStack() as stack:
        edge = await stack.enter_async_context(connected_edge("citizen-portal", settings, health))
        database = connect(settings)
        stack.callback(database.client.close)
        await require_migrated(database)
        portal = Portal(
            town=town,
            templates=Templates(HERE, town=town),
            edge=edge,
            following=Following(MongoFollowViews(database), _now),
            throttle=Throttle(FORMS_PER_ADDRESS, WINDOW),
            key=settings.portal_form_key.get_secret_value(),
            message_id_key=settings.message_id_key.get_secret_value(),
            clock=_now,
        )
        await serve(build_pages(portal), settings, health)


def _now() -> datetime:
    return datetime.now(UTC)
