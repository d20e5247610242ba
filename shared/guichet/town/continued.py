"""What an answer says of the message that it follows, where it goes another way than that came. Pure."""

from guichet.contracts.channels import Form
from guichet.contracts.inbound import ChannelName
from guichet.town.town import Town

_BY_MAIL = (
    "Ce courriel fait suite à votre message ({channel}). "
    "Nous vous l’envoyons à une autre adresse que nous avons pour vous."
)


def continued(text: str, came_on: ChannelName, leaves_by: ChannelName, town: Town) -> str:
    """Return an answer's words; above them what it follows, where it is a mail and no mail would have answered.

    came_on: the channel of the message that it answers. A short message costs by its length, and says no more.
    """
    usual, answer = town.facts.reaching(came_on), town.facts[leaves_by]
    if answer.form is not Form.MAIL or usual.answered_on == answer.answered_on:
        return text
    return f"{_BY_MAIL.format(channel=town.facts[came_on].title.fr)}\n\n{text.strip()}"
