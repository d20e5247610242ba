"""Who asks for a town's export and who approves it: two operators, two people, in time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guichet.errors import PermanentError
from guichet.ids import AgentId
from guichet.privacy.signing.public_keys import PublicKeyFolder
from guichet.privacy.signing.records import Signer, Verifier
from guichet_cli.town_export.order import Approved, OrderFile, approve, ask, sign, verified
from guichet_testing.builders.signers import a_seed, public_keys_folder

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
A_DAY = timedelta(days=1)
LEA, KARIM = AgentId("lea"), AgentId("karim")
FIRST, SECOND = AgentId("uid-1001"), AgentId("uid-1002")
SIGNER = Signer(a_seed("guichet-cli"))


@pytest.fixture
def verifier(tmp_path: Path) -> Verifier:
    return Verifier(PublicKeyFolder(Path(public_keys_folder(tmp_path / "keys")["GUICHET_PUBLIC_KEYS"])))


def asked(at: datetime = NOW) -> OrderFile:
    return ask(LEA, "age1", by=FIRST, at=at, signer=SIGNER)[1]


def approved(file: OrderFile, verifier: Verifier, at: datetime = NOW) -> OrderFile:
    return approve(file, KARIM, by=SECOND, at=at, signer=SIGNER, verifier=verifier)[1]


def test_it_holds_for_seven_days(verifier: Verifier) -> None:
    file = approved(asked(), verifier)
    assert verified(file, at=NOW + 7 * A_DAY, verifier=verifier).approved.person == KARIM
    with pytest.raises(PermanentError, match="older than 7 days"):
        verified(file, at=NOW + 8 * A_DAY, verifier=verifier)


def test_one_that_is_asked_for_in_the_future_would_hold_for_longer(verifier: Verifier) -> None:
    late = asked(NOW + 300 * A_DAY)
    with pytest.raises(PermanentError, match="still to come"):
        approved(late, verifier)
    with pytest.raises(PermanentError, match="still to come"):
        verified(approved(late, verifier, NOW + 300 * A_DAY), at=NOW, verifier=verifier)


@pytest.mark.parametrize(("person", "operator"), [(LEA, SECOND), (KARIM, FIRST)])
def test_who_asked_or_takes_it_has_not_approved_it_whatever_was_signed(
    verifier: Verifier, person: AgentId, operator: AgentId
) -> None:
    file = asked()
    by_one = Approved(person=person, approved_by=operator, approved_at=NOW, signature=file.asked.signature)
    forged = file.model_copy(update={"approved": sign(by_one, SIGNER)})
    with pytest.raises(PermanentError, match="approve"):
        verified(forged, at=NOW, verifier=verifier)
