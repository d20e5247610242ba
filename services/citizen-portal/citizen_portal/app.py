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
from guichet.store.client import Database, connect
from guichet.store.followed_cases import MongoFollowedCases
from guichet.store.messages import MongoMessageStore
from guichet.store.vault import open_vault
from guichet.town.loading import load_town
from guichet.web.templates import Templates
from guichet.web.throttle import Throttle


async def run(settings: PortalSettings) -> None:
    """Serve the portal until SIGTERM. Raises SettingsError for a wrong town, root key or taken port,
    and for a store that is not migrated.
    """
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
            following=_following(settings, database),
            throttle=Throttle(FORMS_PER_ADDRESS, WINDOW),
            key=settings.session_key.get_secret_value(),
            message_id_key=settings.message_id_key.get_secret_value(),
            clock=lambda: datetime.now(UTC),
        )
        await serve(build_pages(portal), settings, health)


def _following(settings: PortalSettings, database: Database) -> Following:
    return Following(
        cases=MongoFollowedCases(database),
        messages=MongoMessageStore(database),
        opener=open_vault(settings),
        lookup_key=settings.follow_lookup_key.get_secret_value(),
    )
