"""A line more in the registry is a right more on the broker: it must stand in the table that the attacks go by, too."""

from guichet.kafka.admin.rights import rights, users
from tests.attacks.bus.bus_table import WORKERS_AND_DOORS, expected


def test_the_registry_gives_what_the_table_says_and_no_more():
    given = {
        (each.user, each.operation, each.name if each.kind == "TOPIC" else f"group:{each.name}") for each in rights()
    }
    given |= {(user, "DESCRIBE", name) for user, _, name in given}  # implied by whatever else
    assert given == expected()


def test_there_is_one_user_a_service():
    assert set(users()) == set(WORKERS_AND_DOORS)


def test_nobody_may_create_configure_or_delete_a_topic_but_who_trims():
    assert {each.user for each in rights() if each.operation not in ("READ", "WRITE", "DESCRIBE")} == {"gdpr-worker"}
