"""What each form of results is read as (RFC 8601 itself: test_authentication.py)."""

from time import process_time
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet_mail.read.headers import LONGEST_RESULTS, Headers
from guichet_mail.read.own.authentication import author_verdict, plain_author_domain
from guichet_mail.read.own.own_system import OwnSystem
from guichet_mail.read.own.verdicts.readers import READERS, VerdictForm

AR = "authentication-results"
STATUS = "X-Spam-Status"
SIGNED = "dkim=pass (signature was verified) header.d=exemple.test"
DMARC = "dmarc=pass action=none header.from=exemple.test"


def verdict(form: VerdictForm, *own: tuple[str, str], author: str = "a@exemple.test") -> bool | None:
    headers = Headers([*own, ("From", author)])
    results = READERS[form](Headers(own), "mx.mairie.example", plain_author_domain(headers))
    return author_verdict(results, headers)


def test_each_form_that_a_town_can_name_has_a_reader() -> None:
    assert set(READERS) == set(get_args(VerdictForm))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=x.test; {SIGNED};{DMARC};compauth=pass reason=100", True),
        (f"spf=pass smtp.mailfrom=x.test; mairie.example; {SIGNED};mairie.example; {DMARC};compauth=pass reason=100", True),
        (f"{DMARC.replace('exemple.test', 'Exemple.TEST')}", True),
        ("dmarc=pass action=none header.from=other.test;compauth=pass reason=100", None),
        ("dmarc=pass action=none;compauth=pass reason=100", None),
        ("spf=pass smtp.mailfrom=exemple.test; dkim=none (message not signed) header.d=none;dmarc=bestguesspass action=none"
         " header.from=exemple.test;compauth=pass reason=109", None),
        (f"{SIGNED};dmarc=bestguesspass action=none header.from=exemple.test", True),
        (f"{SIGNED};dmarc=none action=none header.from=exemple.test;compauth=pass reason=703", True),
        (f"{SIGNED.replace('exemple', 'other')};dmarc=none action=none header.from=exemple.test", None),
        ("dkim=pass (signature was verified) header.d=exemple.test.evil.example;dmarc=none header.from=exemple.test", None),
        ("dkim=pass header.d=exemple.test;dmarc=none action=none header.from=exemple.test", None),  # a HELO can say so
        (f"spf=none smtp.helo=x;{SIGNED}; dkim=none (message not signed) header.d=none;dmarc=none header.from=exemple.test", None),
        (f"spf=none smtp.helo=x;{DMARC};dmarc=none action=none header.from=exemple.test", None),
        (f"spf=none smtp.helo=x;{DMARC};dmarc=fail action=none header.from=exemple.test", False),
        ("dmarc=fail action=quarantine header.from=exemple.test;compauth=fail reason=000", False),
        ("dmarc=fail action=oreject header.from=exemple.test;compauth=softpass reason=202", False),
        ("dmarc=fail action=none header.from=exemple.test;compauth=pass reason=130", None),  # a sealer the town trusts
        ("dmarc=fail action=none header.from=exemple.test;compauth=pass reason=130;compauth=fail reason=000", False),
        ("dmarc=temperror action=none header.from=exemple.test;compauth=pass reason=111", None),
        ("spf=pass smtp.mailfrom=exemple.test;compauth=pass reason=102", None),
        ("compauth=pass reason=100", None),
        ("", None),
        (f'spf=none smtp.helo="x;{DMARC}"', None),
        (f"spf=none (x (y) ;{DMARC};", None),
        (f"spf=none smtp.helo={'x' * LONGEST_RESULTS};{DMARC}", None),
        (f"spf=none smtp.helo={'x' * LONGEST_RESULTS};dmarc=fail", False),
    ],
)  # fmt: skip
def test_exchange_online(value: str, expected: bool | None) -> None:
    assert verdict("exchange-online", (AR, value)) is expected


def test_of_exchange_online_the_topmost_alone_counts() -> None:
    assert verdict("exchange-online", (AR, "dmarc=none action=none header.from=exemple.test"), (AR, DMARC)) is None


def test_what_lies_in_no_zone_of_exchange_online_or_spamassassin_bears_nobody_s_name() -> None:
    headers = Headers([(AR, DMARC), (STATUS, "No, tests=DMARC_PASS"), ("From", "a@exemple.test")])
    for form in ("exchange-online", "spamassassin"):
        assert OwnSystem(verdicts=form, authserv_id="mx.mairie.example").author_verdict(headers) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "author", "expected"),
    [
        ("No, score=-2.1 required=6.6 tests=[BAYES_00=-1.9, DKIM_VALID_AU=-0.1] autolearn=ham", "a@exemple.test", True),
        (
            "No, score=-2.1 required=5.0 tests=BAYES_00,DKIM_SIGNED,DMARC_PASS,\tSPF_PASS autolearn=ham",
            "A <a@exemple.test>",
            True,
        ),
        ("No, tests=DKIM_VALID,DKIM_SIGNED,SPF_PASS", "a@exemple.test", None),
        ("Yes, tests=DMARC_REJECT,DKIM_VALID_AU", "a@exemple.test", False),
        ("No, tests=DMARC_NONE", "a@exemple.test", False),  # it failed, and the policy asks for nothing
        ("No, tests=DMARC_MISSING", "a@exemple.test", None),
        ("No, tests=DMARC_PASS", '"a@exemple.test" <b@evil.example>', None),
        ("No, tests=DMARC_PASS", "=?utf-8?q?a?= <a@exemple.test>", None),
        ("No, tests=DMARC_PASS", "a@exemple.test (b@evil.example)", None),
        ("No, tests=DMARC_PASS", "Zoé <a@exemple.test>", None),
        ("No, reason=tests", "a@exemple.test", None),
        ("", "a@exemple.test", None),
    ],
)
def test_spamassassin_proves_by_its_tests_a_plain_author_alone(status: str, author: str, expected: bool | None) -> None:
    assert verdict("spamassassin", (STATUS, status), author=author) is expected


def test_rspamd_proves_by_its_results_and_refuses_by_its_symbols() -> None:
    passed = (AR, "mx.mairie.example; dmarc=pass (policy=none) header.from=exemple.test")
    symbols = "default: False [5.20 / 15.00];\n\tDMARC_POLICY_{}(-0.50)[exemple.test,none];\n\tR_DKIM_ALLOW(-0.2)[exemple.test:s=a]"
    assert verdict("rspamd", passed) is True
    assert verdict("rspamd", ("X-Spamd-Result", symbols.format("ALLOW"))) is None
    for policy in ("REJECT", "QUARANTINE", "SOFTFAIL"):
        assert verdict("rspamd", ("X-Spamd-Result", symbols.format(policy))) is False


@given(st.sampled_from(get_args(VerdictForm)), st.text(max_size=300))
def test_whatever_stands_there_raises_nothing(form: VerdictForm, value: str) -> None:
    assert verdict(form, (AR, value), (STATUS, value), ("X-Spamd-Result", value)) in {True, False, None}


@pytest.mark.parametrize("form", get_args(VerdictForm))
@pytest.mark.parametrize(
    "piece", ["(", ";", "dkim=pass ", "header.d=a ", "tests=", ",A", "=", '"', "\\", "; DMARC_POLICY_"]
)
def test_reading_the_longest_takes_no_time(form: VerdictForm, piece: str) -> None:
    value = piece * (64 * 1024 // len(piece))
    started = process_time()
    verdict(form, (AR, f"mx.mairie.example; {value}"), (STATUS, value), ("X-Spamd-Result", value))
    verdict(form, (AR, f"mx.mairie.example; {value}"[:LONGEST_RESULTS]))
    assert process_time() - started < 0.5
