"""What the data protection officer is told: in French that no line breaks before a colon, with a command to be copied."""

from datetime import UTC, datetime

from gdpr_worker.domain.dpo_notice import notice_of
from guichet.ids import AgentId
from guichet.vault.erasure_ledger.entry import ErasureEntry

NOON = datetime(2026, 5, 5, 10, tzinfo=UTC)


def test_its_french_does_not_break_before_a_colon_and_its_command_is_as_it_is_typed():
    asked = {"decision": "DPO-1", "requested_by": AgentId("dpo"), "requested_at": NOON, "citizen": "amina"}
    notice = notice_of(ErasureEntry(_id="DPO : 1", **asked), NOON, "Ville")
    assert notice.subject == "Effacement DPO : 1\xa0: il commence le 05/05/2026 à 12:00"
    assert "arrêter avant cette heure\xa0:\n" in notice.text
    assert "guichet erase --cancel 'DPO : 1'" in notice.text
