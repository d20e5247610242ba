import json
import logging
import traceback

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from guichet.runtime.telemetry.logging import RateLimit, configure_logging, redact


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
    assert redact("POST /question/Zm9v-YmFy_1") == "POST /question/[redacted]"
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


WORDS = "Jeanne Dupont, 12 rue des Tilleuls"


def fail_quoting_a_citizen():
    try:
        raise KeyError(WORDS)
    except KeyError as cause:
        raise ValueError(f"no such street: {WORDS}") from cause


def say_through_structlog():
    try:
        fail_quoting_a_citizen()
    except ValueError as error:
        structlog.get_logger().exception("a bug while sending", error=error, all=[error])


def say_through_a_library():
    try:
        fail_quoting_a_citizen()
    except ValueError as error:
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=error)


@pytest.mark.parametrize("say", [say_through_structlog, say_through_a_library])
def test_an_error_is_told_by_class_and_place_and_not_by_its_words(say, capsys, restored_logging):
    configure_logging("notifier")
    say()
    err = capsys.readouterr().err
    assert "Jeanne" not in err
    assert "no such street" not in err
    assert "raise ValueError" not in err, "a source line"
    told = json.loads(err)["exception"]
    assert [each["class"] for each in told] == ["ValueError", "KeyError"]
    assert any(frame.startswith("tests/runtime/test_logging.py:") for frame in told[0]["frames"])
    assert told[0]["frames"][-1].endswith(":fail_quoting_a_citizen")


@pytest.mark.parametrize(
    "say",
    [
        lambda log, error: log.error("request failed: %s", error),
        lambda log, error: log.error("Crashed reason=%r", error),
        lambda log, error: log.error("failed: %(why)s", {"why": error}),
        lambda log, error: log.error(error),
        lambda log, error: log.error("".join(traceback.format_exception(error))),
        lambda log, error: log.error(f"never retrieved\nfuture: <Task exception={error!r}>", exc_info=error),
    ],
)
def test_a_library_s_message_does_not_quote_an_error_either(say, capsys, restored_logging):
    configure_logging("notifier")
    try:
        fail_quoting_a_citizen()
    except ValueError as error:
        say(logging.getLogger("some.library"), error)
    err = capsys.readouterr().err
    assert "Jeanne" not in err
    assert "ValueError" in err or "fail_quoting_a_citizen" in err


def test_a_group_and_a_circle_of_errors_are_told_to_their_end(capsys, restored_logging):
    configure_logging("notifier")
    first, second = ValueError(WORDS), KeyError(WORDS)
    first.__cause__, second.__cause__ = second, first
    structlog.get_logger().error("several", exc_info=ExceptionGroup(WORDS, [first, OSError(WORDS)]))
    err = capsys.readouterr().err
    assert "Jeanne" not in err
    classes = [each["class"] for each in json.loads(err)["exception"]]
    assert classes == ["ExceptionGroup", "ValueError", "KeyError", "OSError"]


AIOKAFKA = (
    "client",
    "consumer.consumer",
    "admin.client",
    "producer.producer",
    "helpers",
    "consumer.subscription_state",
)


@pytest.mark.parametrize("name", AIOKAFKA)
def test_an_outage_of_the_broker_is_a_line_a_period_and_not_a_flood(name, capsys, restored_logging):
    configure_logging("notifier")
    for node in range(30):
        logging.getLogger(f"aiokafka.{name}").error("Unable connect to node with id %s", node)
        logging.getLogger(f"aiokafka.{name}").info("(Re-)joining group")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_nobody_else_s_lines_are_thinned(capsys, restored_logging):
    configure_logging("notifier")
    for name in ("aiokafkaesque", "guichet.kafka.consume.loop"):
        for _ in range(3):
            logging.getLogger(name).warning("retrying")
    assert len(capsys.readouterr().err.splitlines()) == 6


def test_after_a_while_a_line_comes_again():
    limit = RateLimit(period_s=0)
    record = logging.LogRecord("aiokafka.conn", logging.WARNING, __file__, 1, "Unable connect", (), None)
    assert [limit.filter(record) for _ in range(3)] == [True, True, True]


def test_twilio_s_own_client_says_nothing_of_what_it_sends(capsys, restored_logging):
    configure_logging("notifier")
    for name in ("twilio.http_client", "twilio.async_http_client"):
        logging.getLogger(name).info("Data Payload: %s", {"Body": "Bonjour Jeanne"})
    assert capsys.readouterr().err == ""
