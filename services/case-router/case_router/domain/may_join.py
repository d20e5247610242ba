"""Which case a message may join. Pure.

A signed reply address or a quoted Message-ID leads to a case; it does not let anybody in. Who writes must have been
part of the thread: its sender or addressed in it, To or Cc. A stranger's message opens a case of its own, linked.
"""

from case_router.domain.arrival import Arrival
from case_router.domain.conversation import is_still_warm
from case_router.domain.participants import Participants
from guichet.case.lifecycle import OVER
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState
from guichet.contracts.inbound import Automatic
from guichet.store.threads.claim import Claim
from guichet.town.new_case_words import begins_anew
from guichet.town.town import Town


def may_join_by_mail(
    arrival: Arrival, case: CaseRecord, claim: Claim | None, town: Town, participants: Participants
) -> bool:
    """True when a mail that leads to this case belongs to it.

    claim: set when the case claims the mail's own Message-ID. Where it did so by quoting it before the mail itself
    came (a late root), the quoter must be among the mail's From, To and Cc; otherwise anyone could catch it.
    """
    if arrival.message.automatic is Automatic.DELIVERY_REPORT:  # comes back to the signed address we sent from
        return case.reference in arrival.marks.references and case.state not in OVER
    if arrival.message.unread:  # what it answers, and whether it is whose it says, a person must see
        return False
    if not arrival.marks.trusted or not takes_mail(case, arrival, town) or not _may_lead_there(case, arrival, town):
        return False
    if claim is not None and claim.quoted_by is not None:
        return claim.quoted_by in participants.tags(claim.case_id, arrival.marks.people)
    sender = arrival.marks.sender
    return sender is not None and participants.tag(case.case_id, sender) in case.participants


def may_join_conversation(arrival: Arrival, case: CaseRecord, town: Town) -> bool:
    """True when a message of a conversation continues this case, the conversation's present one."""
    policy = town.policy(arrival.message.channel)
    return (
        case.state is not CaseState.CLOSED
        and case.state not in OVER
        and not begins_anew(arrival.opened.content.text, policy.new_case_words)
        and is_still_warm(case, arrival.message.at, policy)
    )


def may_correct(arrival: Arrival, case: CaseRecord, participants: Participants) -> bool:
    """True when a corrected message can go where the original went: a closed conversation takes nothing more.

    Its host says which message that was, and could name anybody's: the case is of this channel and has this sender.
    """
    sender = arrival.marks.sender
    return (
        case.state is not CaseState.CLOSED
        and case.state not in OVER
        and case.channel == arrival.message.channel
        and sender is not None
        and participants.tag(case.case_id, sender) in case.participants
    )


def _may_lead_there(case: CaseRecord, arrival: Arrival, town: Town) -> bool:
    """A third party's host says what a mail quotes, and who wrote it: it leads to cases of its own account alone."""
    facts, channel = town.facts, arrival.message.channel
    return channel not in facts.of_other_packages or facts[case.channel].answered_on == facts[channel].answered_on


def takes_mail(case: CaseRecord, arrival: Arrival, town: Town) -> bool:
    """Open cases do; a closed one for as long as the town says (docs/decisions/0005)."""
    if case.state is not CaseState.CLOSED:
        return case.state not in OVER
    closed = case.closed_at or case.updated_at
    return arrival.message.at - closed <= town.reopen_within
