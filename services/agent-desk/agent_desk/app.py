"""The composition root of the desk: every concrete class is chosen here; nothing connects before the app starts."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Final

import httpx

from agent_desk.domain.sign_in.openid.client import Client
from agent_desk.entry.provider_pages import WAY_BACK
from agent_desk.entry.site.answers import leaving_answers
from agent_desk.entry.site.bulk import bulk_giving
from agent_desk.entry.site.by_hand import letter_filing
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.entry.site.web import build_web
from agent_desk.handlers.bulk.give_in_bulk import EVERY
from agent_desk.handlers.cases.antivirus import antivirus_at
from agent_desk.handlers.composer import leave
from agent_desk.handlers.entered.take_down import nothing_is_unreadable
from agent_desk.handlers.letters import file_letter, watch_letters
from agent_desk.handlers.letters.read_scans import ScanProcesses
from agent_desk.handlers.letters.recognise_text import text_recognition
from agent_desk.handlers.letters.watch_letters import LetterWatch
from agent_desk.handlers.live.feed_live import feed_live_events
from agent_desk.handlers.live.live_feed import LiveFeed
from agent_desk.handlers.live.presence_board import LOOK_EVERY, PresenceBoard
from agent_desk.handlers.pictures.draw import DrawingProcesses
from agent_desk.handlers.sign_in.openid.ask import open_http
from agent_desk.handlers.sign_in.openid.provider_client import ProviderClient
from agent_desk.handlers.sign_in.openid.watch_provider import watch_provider
from agent_desk.handlers.staff.complete_rights import RightsCompletion
from agent_desk.settings import DeskSettings
from guichet.channel.edge import Edge
from guichet.clock import Clock
from guichet.documents.typeset import TypesettingProcesses
from guichet.errors import TransientError
from guichet.kafka.produce.publisher import KafkaPublisher, Publisher
from guichet.migrations.checks import require_ready_store
from guichet.mongo.client import Database, closing, connect
from guichet.privacy.signing.records import Signer
from guichet.runtime.background import in_background
from guichet.runtime.clock import clock_of
from guichet.runtime.health import Health
from guichet.runtime.prctl import hide_memory
from guichet.runtime.rounds import in_rounds
from guichet.runtime.server import serve
from guichet.runtime.telemetry.probing_alarm import Probing
from guichet.search_files.folder import SearchFolder
from guichet.search_files.readers import SearchFiles
from guichet.store.agents.absences import MongoAbsences
from guichet.store.agents.accounts import MongoAgentAccounts
from guichet.store.agents.news import MongoAgentNews
from guichet.store.agents.on_call import MongoOnCallRota
from guichet.store.agents.preferences import MongoPreferences
from guichet.store.agents.presence import MongoPresence
from guichet.store.agents.rights import MongoAgentRights
from guichet.store.agents.sessions import MongoSessions
from guichet.store.agents.sign_in_places import MongoSignInPlaces
from guichet.store.agents.sign_in_tries import MongoSignInTries
from guichet.store.agents.staff import MongoStaff
from guichet.store.agents.word_trials import MongoWordTrials
from guichet.store.audit.trail import MongoAuditTrail
from guichet.store.audit.watched import WatchedAudit
from guichet.store.bulk.acts import MongoBulkActs
from guichet.store.bulk.cases import MongoBulkCases
from guichet.store.cases.department_days import MongoDepartmentDays
from guichet.store.cases.history import MongoCaseHistory
from guichet.store.cases.reader import MongoCaseReader
from guichet.store.commands import MongoCommandStore
from guichet.store.drafts import MongoDrafts
from guichet.store.letters import MongoLetters
from guichet.store.messages.store import MongoMessageStore
from guichet.store.messages.suspended import MongoSuspendedMail
from guichet.store.notes import MongoNotes
from guichet.store.objects import ObstoreObjects
from guichet.store.read_marks import MongoReadMarks
from guichet.store.registry.reader import MongoCitizenReader
from guichet.store.saved_answers import MongoSavedAnswers
from guichet.store.saved_views import MongoSavedViews
from guichet.store.unseen_mail import MongoUnseenMails
from guichet.town.load import load_town
from guichet.town.town_map import load_town_map
from guichet.vault.mongo_vault import open_vault
from guichet.vault.ports import Vault

SERVICE: Final = "agent-desk"


async def run(settings: DeskSettings) -> None:
    """Serve the desk until SIGTERM. Raises SettingsError for a wrong town, root key or taken port,
    and for a store that is not migrated.
    """
    hide_memory()  # from the processes that read what strangers wrote, which are this user's own
    choices, feed, clock = choices_of(settings), LiveFeed(), clock_of(SERVICE)
    async with AsyncExitStack() as stack:
        database = stack.enter_context(closing(connect(settings.mongo)))
        await require_ready_store(database, settings.mongo, settings.vault)
        vault = open_vault(settings.vault, clock.now)
        signer = Signer(settings.signing_key.get_secret_value())
        publisher = await stack.enter_async_context(KafkaPublisher(settings.kafka, client_id=SERVICE, signer=signer))
        following = await stack.enter_async_context(
            in_background(feed_live_events(feed, settings.kafka), "live-events")
        )
        http = await stack.enter_async_context(open_http())
        ports = real_ports(settings, database, vault, publisher, feed, clock, http)
        completion = RightsCompletion(
            town=choices.town, entries=ports.staff, rights=ports.rights, clock=ports.clock, sleep=ports.sleep
        )
        completing = await stack.enter_async_context(in_background(completion.run(), "rights"))
        looking = in_rounds(ports.board.look, LOOK_EVERY, ports.sleep, "who has a case open is told later")
        board = await stack.enter_async_context(in_background(looking, "presence"))
        left_behind = letter_filing(choices, ports).go_on
        rounds = in_rounds(left_behind, file_letter.LOOK_EVERY, ports.sleep, "letters that were begun are filed later")
        filing = await stack.enter_async_context(in_background(rounds, "letters"))
        watch = LetterWatch(ports.letters, choices.town.departments, ports.clock)
        rounds = in_rounds(watch.look, watch_letters.LOOK_EVERY, ports.sleep, "looked for waiting letters later")
        await stack.enter_async_context(in_background(rounds, "waiting letters"))
        giving = in_rounds(bulk_giving(choices, ports).go_on, EVERY, ports.sleep, "bulk acts go on later")
        in_bulk = await stack.enter_async_context(in_background(giving, "bulk"))
        due = leaving_answers(choices, ports).go_on
        rounds = in_rounds(due, leave.LOOK_EVERY, ports.sleep, "answers that are due leave later")
        leaving = await stack.enter_async_context(in_background(rounds, "answers"))
        if ports.provider is not None:
            await stack.enter_async_context(in_background(watch_provider(ports.provider, ports.sleep), "provider"))
        web = build_web(choices, ports)
        health = Health()
        health.add("mongodb", lambda: _ping(database))
        health.add("vault", vault.check)
        health.add("live-events", lambda: _still_runs(following, "pages no longer update by themselves"))
        health.add(
            "rights", lambda: _still_runs(completing, "interrupted changes of the staff are completed no longer")
        )
        health.add("presence", lambda: _still_runs(board, "who has a case open is told no longer"))
        health.add("letters", lambda: _still_runs(filing, "letters that were begun are filed no longer"))
        health.add("bulk", lambda: _still_runs(in_bulk, "what was begun with many cases goes on no longer"))
        health.add("answers", lambda: _still_runs(leaving, "answers that are due leave no longer"))
        await serve(web, settings.http, health)


def choices_of(settings: DeskSettings) -> Choices:
    """Return what was chosen. Raises SettingsError for a wrong town or map."""
    return Choices(
        town=load_town(settings.town),
        session_key=settings.session_key.get_secret_value(),
        message_id_key=settings.edge.message_id_key.get_secret_value(),
        sector_key=settings.sector_key.get_secret_value(),
        secure=settings.desk_url.scheme == "https",
        second_factor_required=settings.desk_second_factor == "required",
        provider=client_of(settings),
        undo=timedelta(seconds=settings.desk_undo_seconds),
        portal_url=str(settings.portal_url or ""),
        town_map=load_town_map(settings.town),
    )


def client_of(settings: DeskSettings) -> Client | None:
    """Return the desk as a client of the town's identity provider; None where it has none."""
    desk = str(settings.desk_url).rstrip("/")
    if settings.desk_oidc_issuer is None:
        return None
    assert settings.desk_oidc_client_secret is not None  # the settings refuse an issuer without
    return Client(
        issuer=settings.desk_oidc_issuer,
        client_id=settings.desk_oidc_client_id or "",
        client_secret=settings.desk_oidc_client_secret.get_secret_value(),
        redirect_uri=f"{desk}{WAY_BACK}",
        after_sign_out=f"{desk}/connexion",
        label=settings.desk_oidc_label,
        scope=settings.desk_oidc_scope,
        help=settings.desk_oidc_help,
        strong=tuple(settings.desk_oidc_acr.split()),
        strong_required=settings.desk_second_factor == "required",
    )


def real_ports(
    settings: DeskSettings,
    database: Database,
    vault: Vault,
    publisher: Publisher,
    feed: LiveFeed,
    clock: Clock,
    http: httpx.AsyncClient,
) -> Ports:
    """Return the stores as MongoDB has them, and the rest of the world."""
    provider = client_of(settings)
    probing, objects = Probing(SERVICE, settings.probing, clock.now), ObstoreObjects(settings.objects_url)
    return Ports(
        cases=MongoCaseReader(database),
        history=MongoCaseHistory(database),
        messages=MongoMessageStore(database),
        notes=MongoNotes(database),
        drafts=MongoDrafts(database),
        bulk_acts=MongoBulkActs(database),
        bulk_cases=MongoBulkCases(database),
        saved_answers=MongoSavedAnswers(database),
        news=MongoAgentNews(database),
        read_marks=MongoReadMarks(database),
        saved_views=MongoSavedViews(database),
        letters=MongoLetters(database),
        scans=ScanProcesses(),
        drawing=DrawingProcesses(),
        typesetting=TypesettingProcesses(),
        recognise=text_recognition(settings.tesseract),
        suspended=MongoSuspendedMail(database),
        unseen=MongoUnseenMails(database),
        registry=MongoCitizenReader(database),
        commands=MongoCommandStore(database),
        days=MongoDepartmentDays(database),
        accounts=MongoAgentAccounts(database),
        sessions=MongoSessions(database),
        tries=MongoSignInTries(database),
        places=MongoSignInPlaces(database),
        audit=WatchedAudit(MongoAuditTrail(database), probing),
        vault=vault,
        objects=objects,
        antivirus=antivirus_at(settings.clamav_url),
        publisher=publisher,
        edge=Edge(
            keys=vault,
            objects=objects,
            publisher=publisher,
            dead_letter=nothing_is_unreadable,
            settings=settings.edge,
            now=clock.now,
        ),
        feed=feed,
        board=PresenceBoard(MongoPresence(database), clock.now),
        search_files=SearchFiles(SearchFolder(settings.search_files), vault),
        probing=probing,
        clock=clock.now,
        sleep=clock.sleep,
        staff=MongoStaff(database),
        rights=MongoAgentRights(database),
        absences=MongoAbsences(database),
        on_call=MongoOnCallRota(database),
        word_trials=MongoWordTrials(database),
        preferences=MongoPreferences(database),
        provider=ProviderClient(provider, http, clock.now) if provider is not None else None,
    )


async def _still_runs(task: asyncio.Task[None], otherwise: str) -> None:
    if task.done():
        raise TransientError(otherwise)


async def _ping(database: Database) -> None:
    await database.command("ping")
