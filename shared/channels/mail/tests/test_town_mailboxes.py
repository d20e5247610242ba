import pytest

from guichet_mail.town_mailboxes import TownMailboxes

TOWN = TownMailboxes(["contact@mairie.example", "petite+enfance@mairie.example"], "contact@mairie.example")


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("contact@mairie.example", "contact@mairie.example"),
        (" Contact@MAIRIE.example ", "contact@mairie.example"),
        ("contact+2026-7F3K-29Q.abcdefghijklmnop@mairie.example", "contact@mairie.example"),
        ("petite+enfance@mairie.example", "petite+enfance@mairie.example"),
        ("petite+enfance+2026-7F3K-29Q.abcdefghijklmnop@mairie.example", "petite+enfance@mairie.example"),
        ("contact@mairie.example.evil.test", None),
        ("inconnu@mairie.example", None),
        ("contact", None),
        ("", None),
    ],
)
def test_an_address_stands_for_a_mailbox_or_for_none(address: str, mailbox: str | None) -> None:
    assert TOWN.find(address) == mailbox
