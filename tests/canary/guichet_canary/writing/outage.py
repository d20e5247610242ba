"""Broker and database go away while people write: what cannot be kept must not be logged either."""

import asyncio

from guichet_canary.writing import citizens_write as write
from guichet_canary.writing import mails
from guichet_canary.writing.cast import Person
from guichet_canary.writing.desk import Desk
from guichet_local.stack import LocalStack
from guichet_testing.town.sandbox_client import SandboxClient

_HELD_BACK = 503
_KEPT = 303  # an answer leaves once the broker is back, where the database is back already (docs/decisions/0074)


async def write_during_an_outage(stack: LocalStack, who: Person, sandbox: SandboxClient, desk: Desk, case: str) -> None:
    """Take broker and database away, write at every door and answer at the desk, then bring both back.

    The mail is tried again by its server until it is taken; what was refused is not.
    """
    form = await desk.hidden_fields(case)
    stack.stop("kafka")
    stack.kill("mongodb")  # back within a second or two, by the supervisor
    try:
        await asyncio.gather(
            write.by_mail(sandbox, who, mails.plain_letter(who)),
            write.by_sms(sandbox, who),
            write.by_telegram(sandbox, who),
            _refused_form(stack.addresses["citizen-portal"], who),
            _refused_answer(desk, case, form, who),
        )
    finally:
        await asyncio.to_thread(stack.start, "kafka")


async def _refused_form(portal: str, who: Person) -> None:
    assert await write.by_form(portal, who) == _HELD_BACK


async def _refused_answer(desk: Desk, case: str, form: dict[str, str], who: Person) -> None:
    """Answer, and hand over, while neither can be given."""
    for path, field, outcomes in (("reponse", "text", {_HELD_BACK, _KEPT}), ("transmission", "reason", {_HELD_BACK})):
        answer = await desk.post(f"{case}/{path}", form | {field: who.text.value, "department": "voirie"})
        assert answer.status_code in outcomes, (path, answer.status_code)
