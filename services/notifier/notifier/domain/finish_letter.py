"""The last step of writing: a letter in the form of its channel. Pure."""

from guichet.channel.outgoing.letter import Letter
from guichet.contracts.channels import Form
from notifier.domain.late_letter import LateLetter
from notifier.domain.mail_message import MailWriter
from notifier.domain.part_of_answer import PartOfAnswer
from notifier.domain.unfinished_letter import UnfinishedLetter


def finish(letter: UnfinishedLetter, mails: MailWriter) -> Letter:
    """Return the letter as it leaves. Raises PermanentError (invalid-address) where no mail can carry the recipient."""
    made = Letter(
        outbound_id=letter.outbound_id,
        channel=letter.channel,
        account=letter.account,
        recipient=letter.recipient,
        text=letter.text,
        mail=mails.finish(letter) if mails.town.facts[letter.channel].form is Form.MAIL else None,
        more=bool(letter.following),
        template=letter.template,
    )
    if letter.is_late:
        return LateLetter(**vars(made))
    return PartOfAnswer(**vars(made), following=letter.following) if letter.following else made
