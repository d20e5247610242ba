"""The stores that the town of the year works on: MongoDB for the long form, their twins in memory for the short one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from case_router.app import mongo_stores
from case_router.domain.keys import RouterKeys
from case_router.entry.parts import Stores
from guichet.mongo.client import Database
from guichet.store.cases.followed import FollowedCases, MongoFollowedCases
from guichet.store.deliveries.decisions import DeliveryDecisions, MongoDeliveryDecisions
from guichet.store.deliveries.receipt_counts import MongoReceiptCounts, ReceiptCounts
from guichet.store.deliveries.store import Deliveries, MongoDeliveries
from guichet.store.deliveries.watched import MongoWatchedDeliveries, WatchedDeliveries
from guichet.store.follow_views.store import FollowViews, MongoFollowViews
from guichet.town import Town
from guichet_testing.twins.store.abuse_declarations import InMemoryAbuseDeclarations
from guichet_testing.twins.store.agents.absences import InMemoryAbsences
from guichet_testing.twins.store.agents.news import InMemoryAgentNews
from guichet_testing.twins.store.agents.on_call import InMemoryOnCallRota
from guichet_testing.twins.store.agents.rights import rights_in
from guichet_testing.twins.store.cases.followed import InMemoryFollowedCases
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.commands import InMemoryCommandStore
from guichet_testing.twins.store.deliveries.receipt_counts import InMemoryReceiptCounts
from guichet_testing.twins.store.deliveries.store import InMemoryDeliveries
from guichet_testing.twins.store.deliveries.watched import InMemoryDeliveryDecisions, InMemoryWatchedDeliveries
from guichet_testing.twins.store.messages import InMemoryMessageStore
from guichet_testing.twins.store.notes import InMemoryNotes
from guichet_testing.twins.store.registry.citizens import InMemoryCitizenStore
from guichet_testing.twins.store.registry.identifiers import InMemoryIdentifierStore
from guichet_testing.twins.store.suspended_mail import InMemorySuspendedMail, InMemoryUnseenMails
from guichet_testing.twins.store.threads import InMemoryThreadStore
from tests.year.messages import AGENT


@dataclass(frozen=True)
class Faces:
    """router: what the router writes. The others are the notifier's."""

    router: Stores
    deliveries: Deliveries
    decisions: DeliveryDecisions
    watched: WatchedDeliveries
    counts: ReceiptCounts
    views: FollowViews
    followed: FollowedCases


def in_mongo(database: Database, town: Town, keys: RouterKeys) -> Faces:
    """Return faces on a prepared store. Rights stay in memory: the desk's agents are one."""
    return Faces(
        router=replace(mongo_stores(database, keys), rights=rights_in(town.departments, AGENT)),
        deliveries=MongoDeliveries(database),
        decisions=MongoDeliveryDecisions(database),
        watched=MongoWatchedDeliveries(database),
        counts=MongoReceiptCounts(database),
        views=MongoFollowViews(database),
        followed=MongoFollowedCases(database),
    )


def in_memory(town: Town, clock: Callable[[], datetime]) -> Faces:
    """Return faces without a server."""
    cases, messages, deliveries = InMemoryCaseStore(), InMemoryMessageStore(), InMemoryDeliveries()
    deliveries.store_clock = clock
    return Faces(
        router=Stores(
            cases=cases,
            history=cases.history,
            messages=messages,
            suspended=InMemorySuspendedMail(messages),
            unseen=InMemoryUnseenMails(),
            commands=InMemoryCommandStore(),
            abuse=InMemoryAbuseDeclarations(),
            rights=rights_in(town.departments, AGENT),
            news=InMemoryAgentNews(),
            on_call=InMemoryOnCallRota(),
            absences=InMemoryAbsences(),
            notes=InMemoryNotes(),
            threads=InMemoryThreadStore(),
            identifiers=InMemoryIdentifierStore(),
            citizens=InMemoryCitizenStore(),
        ),
        deliveries=deliveries,
        decisions=InMemoryDeliveryDecisions(deliveries),
        watched=InMemoryWatchedDeliveries(deliveries),
        counts=InMemoryReceiptCounts(),
        views=cases.views,
        followed=InMemoryFollowedCases(cases),
    )
