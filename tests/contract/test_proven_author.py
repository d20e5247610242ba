"""Who vouches for the author of a message: the provider, DMARC, or nobody."""

import pytest

from guichet.contracts.authorship import proves_its_author
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet_testing.builders.channels import CHANNELS, FACTS
from guichet_testing.builders.inbound import mail_content, sms_content


@pytest.mark.parametrize(("authenticated", "proven"), [(True, True), (False, False), (None, False)])
def test_a_mail_proves_its_author_by_a_pass_alone(authenticated, proven):
    mail = mail_content("alice@courriel.example", message_id=None, authenticated=authenticated)
    assert proves_its_author(mail, FACTS["email"]) is proven


def of_kind(kind: str) -> InboundContent:
    content = sms_content("+33639980101")
    return content.model_copy(update={"sender": (Identifier(kind=kind, value=content.sender[0].value),)})


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_provider_vouches_for_its_numbers_and_accounts_and_a_form_for_nobody(channel):
    proven = {"sms", "whatsapp", "telegram", "app-webhook"}
    own = getattr(FACTS[channel].kind, "name", "phone")
    assert proves_its_author(of_kind(own), FACTS[channel]) is (channel in proven)


@pytest.mark.parametrize("channel", CHANNELS)
def test_no_provider_vouches_for_another_kind_of_address(channel):
    own = getattr(FACTS[channel].kind, "name", None)
    for kind in {"email", "phone", "telegram", "pigeon-ring"} - {own}:
        assert not proves_its_author(of_kind(kind), FACTS[channel])
