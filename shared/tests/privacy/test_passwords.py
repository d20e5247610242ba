"""Passwords of local accounts."""

from argon2 import PasswordHasher

from guichet.privacy.passwords import NOBODY, hash_password, is_outdated, new_password, password_matches


def test_the_right_password_matches_and_no_other():
    kept = hash_password("juste")
    assert kept.startswith("$argon2id$")
    assert password_matches(kept, "juste")
    assert not password_matches(kept, "faux")
    assert not password_matches("no hash", "juste")


def test_an_account_that_does_not_exist_costs_as_much_and_never_opens(monkeypatch):
    checked: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str, password: str) -> bool:
            checked.append(hash)
            return super().verify(hash, password)

    monkeypatch.setattr("guichet.privacy.passwords._HASHER", Watched())
    assert not password_matches(None, "faux")
    assert [each.split("$")[3] for each in checked] == [hash_password("x").split("$")[3]], "the same parameters"


def test_weaker_hashes_are_told():
    assert not is_outdated(hash_password("juste"))
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("juste"))


def test_new_passwords_differ_and_can_be_read_aloud():
    made = {new_password() for _ in range(100)}
    assert len(made) == 100
    assert all(len(password) == 19 and not set(password) & set("01ilo") for password in made)


def test_nobody_s_hash_has_today_s_parameters():
    assert not is_outdated(NOBODY)
