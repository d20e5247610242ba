"""What the town's own mail system wrote of SPF, DKIM and DMARC is read as it stands, and told apart from others'."""

from guichet_mail.read.headers import Headers
from guichet_mail.read.own.each_method import Found, each_method
from guichet_mail.read.own.own_system import UNKNOWN, OwnSystem

OURS = OwnSystem(authserv_id="mx.mairie.example")
RESULTS = "authentication-results"
PASSES = (
    "mx.mairie.example; spf=pass (spf=fail of another) smtp.mailfrom=mairie.example;\n dkim=fail header.d=b.example;"
    ' dkim=pass header.d=mairie.example; dmarc=pass reason="dmarc=fail" header.from=mairie.example'
)
SIGNED = ("dkim-signature", "v=1; a=rsa-sha256; d=Mairie.example; s=k1; bh=d=no.example; b=x")


def found(*fields: tuple[str, str], system: OwnSystem = OURS) -> list[Found]:
    return [*each_method(Headers(fields), system)]


def test_the_best_result_of_each_counts_and_comments_and_quotes_do_not() -> None:
    assert found((RESULTS, PASSES), SIGNED) == [
        Found("spf", "pass", "", is_own=True),
        Found("dkim", "pass", "mairie.example", is_own=True),
        Found("dmarc", "pass", "", is_own=True),
    ]


def test_what_a_strangers_server_wrote_is_not_the_own_systems() -> None:
    stranger = PASSES.replace("mx.mairie.example", "mx.evil.example")
    assert {each.is_own for each in found((RESULTS, stranger))} == {False}
    assert {each.is_own for each in found((RESULTS, PASSES), system=UNKNOWN)} == {False}
    ours = found((RESULTS, stranger), (RESULTS, "mx.mairie.example; dmarc=fail header.from=mairie.example"))
    assert ours[2] == Found("dmarc", "fail", "", is_own=True)


def test_a_mail_that_nobody_judged_has_no_result() -> None:
    assert [(each.result, each.is_own) for each in found(SIGNED)] == [("", False)] * 3
