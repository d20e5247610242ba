"""Sessions of agents who are at work, put where a sign-in puts them: two hundred passwords would take a minute."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Final

from agent_desk.domain.sign_in.sessions import new_token, session_id
from guichet.ids import AgentId
from guichet.store.agents.accounts import AgentAccount, MongoAgentAccounts
from guichet.store.agents.sessions import MongoSessions, Session
from guichet_local.stack import LocalStack
from guichet_testing.town.store import database_of
from tests.scale.town import DESK, onlooker

NO_PASSWORD: Final = "-"  # is nobody's hash
_WORK: Final = timedelta(hours=2)


async def sign_in_onlookers(stack: LocalStack, count: int) -> list[str]:
    """Return a cookie for each agent whose list is open."""
    key = base64.b64decode(stack.environment_of(DESK)["GUICHET_SESSION_KEY"])
    database, now = database_of(stack), datetime.now(UTC)
    cookies = [new_token() for _ in range(count)]
    agents = [AgentId(onlooker(nth)) for nth in range(count)]
    accounts = [AgentAccount(_id=agent, password_hash=NO_PASSWORD, created_at=now) for agent in agents]
    await MongoAgentAccounts(database).insert_missing(accounts)
    for agent, cookie in zip(agents, cookies, strict=True):
        session = Session(_id=session_id(key, cookie), agent_id=agent, started_at=now, seen_at=now, ends_at=now + _WORK)
        await MongoSessions(database).insert(session)
    database.client.close()
    return cookies
