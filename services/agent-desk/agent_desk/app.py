"""The composition root of the desk: every concrete class is chosen here; nothing connects before the app starts."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Final

from fastapi import FastAPI

from agent_desk.entry.case_pages import CasePages, case_routes
from agent_desk.entry.code_pages import code_routes
from agent_desk.entry.decision_pages import CommandPages, command_routes
from agent_desk.entry.file_pages import file_routes
from agent_desk.entry.live_pages import live_routes
from agent_desk.entry.password_pages import password_routes
from agent_desk.entry.second_factor_pages import second_factor_routes
from agent_desk.entry.session_gate import Door
from agent_desk.entry.sign_in_pages import sign_in_routes
from agent_desk.entry.site import HERE, build_pages
from agent_desk.handlers.cases.antivirus import antivirus_at
from agent_desk.handlers.cases.await_outcome import Outcomes
from agent_desk.handlers.cases.decide import Desk
from agent_desk.handlers.cases.find_destination import Destinations
from agent_desk.handlers.cases.find_proof import Senders
from agent_desk.handlers.cases.read_cases import Reading
from agent_desk.handlers.cases.read_story import StoryPages
from agent_desk.handlers.citizens.citizen_directory import RegistryDirectory
from agent_desk.handlers.citizens.sector_index import SectorIndex
from agent_desk.handlers.live.feed_live import feed_live_events
from agent_desk.handlers.live.live_feed import LiveFeed
from agent_desk.handlers.sign_in.change_password import ChangingPassword
from agent_desk.handlers.sign_in.change_second_factor import Enrolling
from agent_desk.handlers.sign_in.check_code import CodeCheck
from agent_desk.handlers.sign_in.finish_sign_in import SecondStep
from agent_desk.handlers.sign_in.limit_tries import sign_in_limits
from agent_desk.handlers.sign_in.note_refused import RefusedSignIns
from agent_desk.handlers.sign_in.sign_in import SigningIn
from agent_desk.settings import DeskSettings
from guichet.errors import TransientError
from guichet.kafka.produce.publisher import KafkaPublisher
from guichet.migrations.checking import require_migrated
from guichet.mongo.client import Database, connect
from guichet.mongo.server_version import require_patched_servers
from guichet.privacy.signing import Signer
from guichet.runtime.background import in_background
from guichet.runtime.clock import clock_of
from guichet.runtime.health import Health
from guichet.runtime.probing import Probing
from guichet.runtime.server import serve
from guichet.store.agents.accounts import MongoAgentAccounts
from guichet.store.agents.sessions import MongoSessions
from guichet.store.agents.sign_in_places import MongoSignInPlaces
from guichet.store.agents.sign_in_tries import MongoSignInTries
from guichet.store.audit.trail import MongoAuditTrail
from guichet.store.audit.watched import WatchedAudit
from guichet.store.cases.history import MongoCaseHistory
from guichet.store.cases.reader import MongoCaseReader
from guichet.store.commands import MongoCommandStore
from guichet.store.messages.store import MongoMessageStore
from guichet.store.objects import ObstoreObjects
from guichet.store.registry.reader import CitizenReader, MongoCitizenReader
from guichet.town.loading import load_town
from guichet.town.town import Town
from guichet.vault.mongo_vault import open_vault
from guichet.vault.ports import Vault
from guichet.web.templates import Templates

SERVICE: Final = "agent-desk"


async def run(settings: DeskSettings) -> None:
    """Serve the desk until SIGTERM. Raises SettingsError for a wrong town, root key or taken port,
    and for a store that is not migrated.
    """
    town = load_town(settings.town)
    async with AsyncExitStack() as stack:
        database = connect(settings.mongo)
        stack.callback(database.client.close)
        await require_patched_servers(settings.mongo, settings.vault)
        await require_migrated(database)
        now = clock_of(SERVICE).now
        vault = open_vault(settings.vault, now)
        signer = Signer(settings.signing_key.get_secret_value())
        publisher = await stack.enter_async_context(KafkaPublisher(settings.kafka, client_id=SERVICE, signer=signer))
        feed = LiveFeed()
        following = await stack.enter_async_context(
            in_background(feed_live_events(feed, settings.kafka), "live-events")
        )
        web = build_web(settings, town, database, vault, publisher, feed, now)
        health = Health()
        health.add("mongodb", lambda: _ping(database))
        health.add("vault", vault.check)
        health.add("live-events", lambda: _still_runs(following))
        await serve(web, settings.http, health)


def build_web(
    settings: DeskSettings,
    town: Town,
    database: Database,
    vault: Vault,
    publisher: KafkaPublisher,
    feed: LiveFeed,
    clock: Callable[[], datetime],
) -> FastAPI:
    """Put the desk's pages together over the real stores."""
    key = settings.session_key.get_secret_value()
    probing = Probing(SERVICE, settings.probing, clock)
    audit, messages = WatchedAudit(MongoAuditTrail(database), probing), MongoMessageStore(database)
    accounts, sessions, tries = MongoAgentAccounts(database), MongoSessions(database), MongoSignInTries(database)
    places = MongoSignInPlaces(database)
    limits = sign_in_limits(tries=tries, places=places, key=key)
    signing_in = SigningIn(
        town=town,
        accounts=accounts,
        sessions=sessions,
        limits=limits,
        audit=audit,
        refused=RefusedSignIns(tries=tries, audit=audit, probing=probing, key=key),
        key=key,
        clock=clock,
    )
    check = CodeCheck(
        accounts=accounts,
        opener=vault,
        limits=limits.codes,
        queue=signing_in.check.known,
        audit=audit,
        probing=probing,
        clock=clock,
    )
    second_step = SecondStep(
        signing_in=signing_in, check=check, town=town, accounts=accounts, sessions=sessions, key=key, clock=clock
    )
    enrolling = Enrolling(
        signing_in=signing_in,
        check=check,
        accounts=accounts,
        sessions=sessions,
        keys=vault,
        audit=audit,
        clock=clock,
    )
    changing = ChangingPassword(signing_in=signing_in, accounts=accounts, sessions=sessions, audit=audit, clock=clock)
    citizens = _directory(MongoCitizenReader(database), vault, settings, clock)
    reading = Reading(
        cases=MongoCaseReader(database),
        story=StoryPages(messages, MongoCaseHistory(database)),
        citizens=citizens,
        opener=vault,
        objects=ObstoreObjects(settings.objects_url),
        antivirus=antivirus_at(settings.clamav_url),
        audit=audit,
        clock=clock,
    )
    desk = Desk(messages=messages, vault=vault, publisher=publisher, audit=audit, digest_key=key, clock=clock)
    door = Door(
        signing_in=signing_in,
        templates=Templates(HERE, town_name=town.name),
        probing=probing,
        key=key,
        secure=settings.desk_url.scheme == "https",
        second_factor_required=settings.desk_second_factor == "required",
        clock=clock,
    )
    outcomes = Outcomes(commands=MongoCommandStore(database), feed=feed)
    pages = CasePages(door=door, reading=reading, feed=feed, outcomes=outcomes, town=town)
    return build_pages(
        door,
        sign_in_routes(door, signing_in),
        code_routes(door, second_step),
        password_routes(door, changing),
        second_factor_routes(door, enrolling, town_name=town.name),
        live_routes(door=door, reading=reading, feed=feed),
        case_routes(pages),
        file_routes(door=door, reading=reading),
        command_routes(
            CommandPages(
                pages=pages,
                door=door,
                reading=reading,
                desk=desk,
                destinations=Destinations(messages=messages, citizens=citizens, opener=vault),
                senders=Senders(messages=messages, opener=vault),
                outcomes=outcomes,
                town=town,
            )
        ),
    )


def _directory(
    reader: CitizenReader, vault: Vault, settings: DeskSettings, clock: Callable[[], datetime]
) -> RegistryDirectory:
    index = SectorIndex(reader=reader, sector_master_key=settings.sector_key.get_secret_value(), clock=clock)
    return RegistryDirectory(reader=reader, index=index, opener=vault)


async def _still_runs(task: asyncio.Task[None]) -> None:
    if task.done():
        raise TransientError("pages no longer update by themselves")


async def _ping(database: Database) -> None:
    await database.command("ping")
