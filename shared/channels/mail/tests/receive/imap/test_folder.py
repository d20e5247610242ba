"""What a server says of a folder."""

from guichet_mail.receive.imap.connection.folder import folder_of


def test_what_a_folder_lets_us_do_is_read() -> None:
    folder = folder_of({b"UIDVALIDITY": 7, b"READ-WRITE": True, b"PERMANENTFLAGS": (b"\\Seen", b"\\*")})
    assert (folder.keeps("\\Seen"), folder.keeps("\\Flagged"), folder.keeps("$Guichet")) == (True, False, True)
    assert not folder_of({b"UIDVALIDITY": 7, b"READ-ONLY": [b""], b"PERMANENTFLAGS": (b"\\Seen",)}).keeps("\\Seen")
