"""Sign agents in and out, each try noted in the audit trail before it is answered; what is not heard is counted."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from agent_desk.domain.errors import BusyError
from agent_desk.domain.sign_in.sessions import (
    LONGEST,
    PENDING,
    form_token,
    is_over,
    is_worth_noting,
    new_token,
    pending_id,
    session_id,
)
from agent_desk.domain.sign_in.sign_in_refusal import SignInRefusal
from agent_desk.domain.sign_in.try_limits import Known, SignInPlace, Try
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.sign_in.check_password import HashingQueue, PasswordCheck
from agent_desk.handlers.sign_in.limit_tries import SignInLimits
from agent_desk.handlers.sign_in.note_refused import RefusedSignIns
from agent_desk.handlers.staff.staff_directory import StaffDirectory
from guichet.ids import AgentId
from guichet.law.calendar import paris_date
from guichet.rights.scope import Scope
from guichet.store.agents.accounts import AgentAccount, AgentAccounts, SecondFactor
from guichet.store.agents.sessions import Session, Sessions
from guichet.store.audit.trail import Act, AuditTrail, with_own_account
from guichet.town.staff.agents import Agent
from guichet.town.staff.staff import Staff

LONGEST_NAME = 200  # characters


@dataclass(frozen=True)
class SignedIn:
    """token: for the browser's cookie. place: where the agent is known from now on."""

    token: str = field(repr=False)
    place: SignInPlace = field(repr=False)


@dataclass(frozen=True)
class CodeDue:
    """The password was right, and the account has a second factor. token: for the cookie of the pending sign-in."""

    token: str = field(repr=False)


class SignIn:
    """Accounts, sessions and the limits on both."""

    def __init__(
        self,
        *,
        staff: StaffDirectory,
        accounts: AgentAccounts,
        sessions: Sessions,
        limits: SignInLimits,
        audit: AuditTrail,
        refused: RefusedSignIns,
        key: bytes,
        clock: Callable[[], datetime],
    ) -> None:
        self._staff = staff
        self._accounts = accounts
        self._sessions = sessions
        self._audit = audit
        self._refused = refused
        self._key = key
        self._clock = clock
        self._limits = limits.passwords
        self._unfinished = limits.unfinished
        self.check = PasswordCheck(accounts)

    async def by_password(self, name: str, password: str, place: SignInPlace) -> SignedIn | CodeDue | SignInRefusal:
        """Return what the browser is given, or why not. Raises TransientError."""
        name, now = name.strip().lower().replace("\0", "")[:LONGEST_NAME], self._clock()
        tried = await self._limits.look_at(name, place, now)
        queue = self.check.strangers if tried.known is Known.NOWHERE else self.check.known
        try:
            with queue.seat():
                return await self._try(tried, password, queue, now)
        except BusyError:
            self._refused.count()
            return SignInRefusal(busy=True)

    async def recognise(self, agent: Agent, password: str, place: SignInPlace) -> AgentAccount | SignInRefusal:
        """Ask who is signed in for their password once more, within the same limits. Raises TransientError."""
        now = self._clock()
        tried = await self._limits.look_at(agent.sign_in.lower(), place, now)
        try:
            with self.check.known.seat():
                return await self._account_of(agent, password, tried, self.check.known, now)
        except BusyError:
            return SignInRefusal(busy=True)

    async def _try(
        self, tried: Try, password: str, queue: HashingQueue, now: datetime
    ) -> SignedIn | CodeDue | SignInRefusal:
        agents = (each for each in (await self._staff.now()).agents if each.identity is None)
        agent = next((agent for agent in agents if agent.sign_in.lower() == tried.who), None)
        account = await self._account_of(agent, password, tried, queue, now)
        if isinstance(account, SignInRefusal):
            return account
        if account.second_factor is not None:
            return await self._ask_for_code(account, account.second_factor, tried.place, now)
        token = await self.begin(account)
        return SignInRefusal() if token is None else await self._let_in(token, account, tried, now)

    async def _ask_for_code(
        self, account: AgentAccount, factor: SecondFactor, place: SignInPlace, now: datetime
    ) -> CodeDue | SignInRefusal:
        """Begin a sign-in that lacks its code. Few do: whoever knows a password must not fill the trail with them."""
        unfinished = await self._unfinished.look_at(factor.secret.key_id, place, now)
        pause = await self._unfinished.count(unfinished, now)
        if pause is not None:
            self._refused.count()
            return SignInRefusal(pause)
        token = await self._begin(account, pending_id, PENDING)
        if token is None:
            return SignInRefusal()
        await self._note(Act.CODE_ASKED, account.agent_id, now)
        return CodeDue(token)

    async def finish(
        self, agent: Agent, account: AgentAccount, place: SignInPlace, pending: str
    ) -> SignedIn | SignInRefusal:
        """Let in who has shown the second factor, too. pending: the sign-in that lacked it. Raises TransientError.

        It must still be there once the session is: whoever resets an account changes it, then ends what it began, and
        so ends the one or the other.
        """
        now = self._clock()
        token = await self.begin(account)
        if token is None:
            return SignInRefusal()
        if not await self._sessions.end(pending):
            await self._sessions.end(session_id(self._key, token))
            return SignInRefusal()
        return await self._let_in(token, account, await self._limits.look_at(agent.sign_in.lower(), place, now), now)

    async def _let_in(self, token: str, account: AgentAccount, tried: Try, now: datetime) -> SignedIn:
        await self._note(Act.SIGNED_IN, account.agent_id, now)
        await self._accounts.note_sign_in(account.agent_id, now)
        # A browser that is new here gets a token of its own: the one that it brought may be somebody else's as well.
        place = tried.place if tried.known is Known.BROWSER else replace(tried.place, browser=new_token())
        await self._limits.remember(replace(tried, place=place), now)
        return SignedIn(token, place)

    async def _account_of(
        self, agent: Agent | None, password: str, tried: Try, queue: HashingQueue, now: datetime
    ) -> AgentAccount | SignInRefusal:
        pause = await self._limits.count(tried, now)
        if pause is not None:  # no entry: whoever goes on trying must not fill the trail
            self._refused.count()
            return SignInRefusal(pause)
        account = await self._opened(agent, password, tried, queue)
        if account is None:
            await self._refused.note(agent.agent_id if agent else None, now)
            return SignInRefusal()
        return account

    async def begin(self, account: AgentAccount) -> str | None:
        """Begin a session and return its token; None where the account was reset or disabled meanwhile.

        Whoever does that changes the account, then ends its sessions: one that was begun too late for them to end it
        finds the account changed, and ends itself. Raises TransientError.
        """
        return await self._begin(account, session_id, LONGEST)

    async def _begin(
        self, account: AgentAccount, name_of: Callable[[bytes, str], str], longest: timedelta
    ) -> str | None:
        token, now = new_token(), self._clock()
        session = Session(
            _id=name_of(self._key, token),
            agent_id=account.agent_id,
            started_at=now,
            seen_at=now,
            ends_at=now + longest,
            must_change=account.must_change,
            second_factor=account.second_factor is not None,
        )
        await self._sessions.insert(session)
        if account.opens_like(await self._accounts.find(account.agent_id)):
            return token
        await self._sessions.end(session.session_id)
        return None

    async def visitor(self, token: str, language: str) -> Visitor | None:
        """Return who asks for a page, and note that they are there. None: not signed in. Raises TransientError."""
        return await self._holder(token, language, self._note_presence)

    async def onlooker(self, token: str, language: str) -> Visitor | None:
        """Return whose open page asks by itself: that is no sign that somebody is there. Raises TransientError."""
        return await self._holder(token, language, _leave_as_it_is)

    async def _holder(self, token: str, language: str, note: Callable[[Session], Awaitable[None]]) -> Visitor | None:
        """Return who holds this token, if they are signed in.

        Who is assigned to nothing today has no scope. Who signs in by the provider is then nobody: it asks them there.
        """
        session = await self._sessions.find(session_id(self._key, token)) if token else None
        begun_there = session.started_at if session is not None and session.by_provider else None
        staff, day = await self._staff.now(since=begun_there), paris_date(self._clock())
        agent = self._agent_of(session, staff)
        if session is None or agent is None or (session.by_provider and not agent.works_on(day)):
            return None
        await note(session)
        return Visitor(
            agent=agent,
            scope=self._staff.scopes.of(agent, staff, day),
            session_id=session.session_id,
            form_token=form_token(self._key, token),
            language=language,
            colleagues=staff.names,
            capacities=staff.capacities,
            handles=staff.handles,
            is_assigned=agent.works_on(day),
            works_from=agent.works_from(day),
            administers=any(staff.administers(profile) for profile in agent.profiles_on(day)),
            administrators=tuple(each.name for each in staff.administrators(day) if each is not agent),
            must_change=session.must_change,
            second_factor=session.second_factor,
            reasons_for=session.reasons_for,
            by_provider=session.by_provider,
            callers_of=session.callers_of,
        )

    def _agent_of(self, session: Session | None, staff: Staff) -> Agent | None:
        """Return whose session it is, if it still stands and the town knows them."""
        return staff.by_id.get(session.agent_id) if session and not is_over(session, self._clock()) else None

    async def _note_presence(self, session: Session) -> None:
        now = self._clock()
        if is_worth_noting(session, now):
            await self._sessions.touch(session.session_id, now)

    async def scope_now(self, visitor: Visitor) -> Scope | None:
        """Return what a visitor may see by now; None: they are signed in no longer, or assigned to nothing.

        Asking prolongs no session. Raises TransientError.
        """
        session = await self._sessions.find(visitor.session_id)
        staff = await self._staff.now()
        agent, day = self._agent_of(session, staff), paris_date(self._clock())
        return self._staff.scopes.of(agent, staff, day) if agent is not None and agent.works_on(day) else None

    async def sign_out(self, visitor: Visitor) -> None:
        """End the session. Raises TransientError."""
        await self._sessions.end(visitor.session_id)
        await self._note(Act.SIGNED_OUT, visitor.agent.agent_id, self._clock())

    async def _opened(self, agent: Agent | None, password: str, tried: Try, queue: HashingQueue) -> AgentAccount | None:
        """Check a password. The try was counted before the check takes its time; only a wrong one stays counted."""
        wrong = False
        try:
            account = await self._accounts.find(agent.agent_id) if agent else None
            opened = await self.check.opened(account, password, queue)
            wrong = opened is None
        finally:
            if not wrong:  # right, or nobody knows
                await self._limits.take_back(tried)
        return opened

    async def _note(self, act: Act, agent: AgentId, now: datetime) -> None:
        await self._audit.record(with_own_account(act, agent, now))


async def _leave_as_it_is(_session: Session) -> None:
    """An idle session goes on ending."""
