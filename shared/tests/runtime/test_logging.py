import json
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from guichet.runtime.logging import RateLimit, configure_logging, redact


@pytest.fixture
def restored_logging():
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "personal",
    ["jeanne.dupont@exemple.fr", "+33639981234", "+33 6 39 98 12 34", "06 39 98 12 34", "0639981234", "0033639981234"],
)
def test_what_looks_like_an_address_is_blanked(personal):
    assert personal not in redact(f"delivering to {personal} failed")


@pytest.mark.parametrize(
    "harmless", ["2026-11-24T17:59:22Z", "offset 1234567", "case 0b1c2d3e4f5061728394a5b6c7d8e9f0"]
)
def test_ids_times_and_offsets_stay_legible(harmless):
    assert redact(harmless) == harmless


def test_tokens_in_urls_are_blanked():
    assert redact("GET /suivi/Zm9v-YmFy_1") == "GET /suivi/[redacted]"
    assert "AAE" not in redact("POST https://api.telegram.org/bot123456:AAE-x/sendMessage")


@given(st.text())
def test_redaction_never_fails(text):
    assert isinstance(redact(text), str)


def test_a_line_is_one_json_object_with_the_service_and_nothing_personal(capsys, restored_logging):
    configure_logging("notifier")
    structlog.get_logger().warning("send failed", outbound_id="abc", error="550 <jeanne@exemple.fr> unknown")
    line = json.loads(capsys.readouterr().err)
    assert line["service"] == "notifier"
    assert line["outbound_id"] == "abc"
    assert "jeanne" not in json.dumps(line)


def test_the_libraries_lines_are_redacted_too(capsys, restored_logging):
    configure_logging("notifier")
    try:
        raise ValueError("jeanne@exemple.fr")
    except ValueError:
        logging.getLogger("some.library").exception("no route to %s", "jeanne@exemple.fr")
    err = capsys.readouterr().err
    assert "ValueError" in err
    assert "jeanne" not in err


def test_a_flood_is_thinned_to_one_line_a_period():
    limit = RateLimit(period_s=60)
    record = logging.LogRecord("aiokafka", logging.WARNING, __file__, 1, "Unable connect to node %s", ("1",), None)
    assert [limit.filter(record) for _ in range(3)] == [True, False, False]


def test_twilio_s_own_client_says_nothing_of_what_it_sends(capsys, restored_logging):
    configure_logging("notifier")
    for name in ("twilio.http_client", "twilio.async_http_client"):
        logging.getLogger(name).info("Data Payload: %s", {"Body": "Bonjour Jeanne"})
    assert capsys.readouterr().err == ""
