"""Who writes in the mail itself what only the town's own mail system may say: who its author is, when it came, what it is.

For each mail system that has a preset, on mails as it hands them over.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.contracts.inbound import DateSource, Suspicion
from tests.attacks.mail.own_mails import ARRIVED_AT, FOLDER, OwnMail, outcome, own_mail

MAILS = {path.stem: own_mail(path.stem) for path in sorted(FOLDER.glob("*.eml"))}
TREATED = {
    name: mail for name, mail in MAILS.items() if name != "postfix-rspamd.left-alone"
}  # which nothing was said of
PASSES = {name: mail for name, mail in MAILS.items() if name.endswith(("pass", "dkim", "imap"))}
# Presets whose filters write right beneath their server's Received: that they always do is theirs to keep.
BENEATH = {"google-workspace", "ovhcloud", "postfix-rspamd"}

OURS = ("mx.mairie.example", "mail.mairie.example", "mx.google.com", "mx.mail.ovh.net")
EXCHANGE = (
    "Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=courriel.example; dkim=pass (signature was"
    " verified) header.d=courriel.example;dmarc=pass action=none header.from=courriel.example;compauth=pass reason=100\n"
)


def results(said: str) -> str:
    return "".join(f"Authentication-Results: {ours}{said}\n" for ours in OURS)


PASS = "; dmarc=pass header.from=courriel.example; dkim=pass header.d=courriel.example"
FORGED = {
    "results": results(PASS) + EXCHANGE,
    "in capitals": results(PASS).upper() + EXCHANGE.upper(),
    "in small letters": results(PASS).lower() + EXCHANGE.lower(),
    "folded": results(PASS.replace(" ", "\n\t")) + EXCHANGE.replace(" ", "\n "),
    "folded by blanks": results(PASS.replace(" ", "\n \t \n  ")),
    "twice": results(PASS) * 2 + EXCHANGE * 2,
    "a fail": results("; dmarc=fail header.from=courriel.example") + EXCHANGE.replace("dmarc=pass", "dmarc=fail"),
    "with comments": results(f" (c) 1 (;){PASS.replace('=', '(x)=(y)')}"),
    "in encoded words": results(" =?utf-8?q?=3B_dmarc=3Dpass_header=2Efrom=3Dcourriel=2Eexample?="),
    "with NUL": results(f"\x00{PASS}"),
    "with 8 bits": results(f"é{PASS}") + results(f"; spf=pass smtp.mailfrom=é{PASS}"),
    "very long": results(f"; spf=pass smtp.mailfrom={'x' * 20_000}{PASS}"),
    "very many": results(PASS) * 500,
    "ARC": "".join(f"ARC-Authentication-Results: i=1; {ours}{PASS}\n" for ours in OURS),
    "rspamd's symbols": "X-Spamd-Result: default: False [1 / 15];\n\tDMARC_POLICY_ALLOW(-0.50)[courriel.example,none];\n"
    "\tDMARC_POLICY_REJECT(1)[courriel.example,reject]\n",
    "SpamAssassin's tests": "X-Spam-Status: No, score=-9 required=5 tests=DKIM_VALID_AU,DMARC_PASS\n",
    "spam": "X-Spam-Flag: YES\nX-Spam-Status: Yes, score=99\nX-Spam: Yes\nX-Rspamd-Action: reject\nX-VR-SPAMSTATE: SPAM\n"
    "X-Ovh-Spam-Status: SPAM\nX-MS-Exchange-Organization-SCL: 9\nX-Forefront-Antispam-Report: SCL:9;SFV:SPM;\n",
    "no spam": "X-Spam-Flag: NO\nX-Spam-Status: No, score=-99\nX-Spam: No\nX-Rspamd-Action: no action\nX-VR-SPAMSTATE: OK\n"
    "X-Ovh-Spam-Status: OK\nX-MS-Exchange-Organization-SCL: -1\nX-Forefront-Antispam-Report: SCL:-1;SFV:NSPM;\n",
}  # fmt: skip
RECEIVED = {
    **{
        f"{by} from {client}": f"Received: from {client} by {by} (Postfix) with ESMTP id A; Wed, 1 Jan 2020 00:00:00 +0000\n"
        for by in (
            "mx.mairie.example", "mail.mairie.example", "localhost", "mx.google.com", "2002:a05:1::", "in1.mail.ovh.net",
            "vr1.mail.ovh.net", "X.prod.outlook.com", "X.mail.protection.outlook.com", "X.outlook.office365.com",
        )
        for client in ("a.example (a.example [192.0.2.1])", "localhost (localhost [127.0.0.1])")
    },
    "LMTP": "Received: from a (LHLO a) by mail.mairie.example with LMTP; Wed, 1 Jan 2020 00:00:00 +0000\n",
    "crooked": "Received: by by by ((((; Wed\n",
    "endless": f"Received: from a by mx.mairie.example {'(x) ' * 20_000}; Wed, 1 Jan 2020 00:00:00 +0000\n",
}  # fmt: skip


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("name", TREATED)
def test_what_a_stranger_writes_below_our_servers_changes_nothing(name: str, forged: str) -> None:
    mail = TREATED[name]
    assert outcome(mail.preset, mail.with_forged(FORGED[forged])) == outcome(mail.preset, mail.with_forged(""))


@pytest.mark.parametrize(
    "line", ["\x00", "no header", ":", "Authentication-Results : mx.mairie.example; dmarc=pass", "\r"]
)
@pytest.mark.parametrize("name", TREATED)
def test_a_line_that_is_no_header_proves_nothing_and_dates_nothing(name: str, line: str) -> None:
    """It ends the headers for some who read mail, and what stands below is nobody's for them."""
    mail = TREATED[name]
    plain, broken = (outcome(mail.preset, mail.with_forged(each)) for each in ("", f"{line}\n{FORGED['results']}"))
    assert broken.authenticated in ((False,) if plain.authenticated is False else (plain.authenticated, None))
    assert broken.received_at == plain.received_at


@pytest.mark.parametrize("received", RECEIVED)
@pytest.mark.parametrize("name", MAILS)
def test_a_forged_hop_below_changes_nothing(name: str, received: str) -> None:
    mail = MAILS[name]
    plain = outcome(mail.preset, mail.with_forged(""))
    hop = RECEIVED[received]
    assert outcome(mail.preset, mail.with_forged(hop)) == plain
    if name in TREATED:
        assert outcome(mail.preset, mail.with_forged(f"{FORGED['results']}{FORGED['spam']}{hop}")) == plain
        assert outcome(mail.preset, mail.with_forged(f"{hop}{FORGED['results']}{FORGED['spam']}")) == plain


@pytest.mark.parametrize("name", MAILS)
def test_the_whole_way_of_a_proven_mail_forged_once_more_below_changes_nothing(name: str) -> None:
    mail = MAILS[name]
    for other in PASSES.values():
        if name in TREATED or other.preset != mail.preset:
            assert outcome(mail.preset, mail.with_forged(other.top)) == outcome(mail.preset, mail.with_forged(""))


@pytest.mark.parametrize("name", PASSES)
def test_a_proven_mail_is_proven_or_this_proves_nothing(name: str) -> None:
    found = outcome(PASSES[name].preset, PASSES[name].with_forged(""))
    assert found.authenticated
    assert found.dated_by is DateSource.RELAY


def test_spam_waits_for_a_person_or_this_proves_nothing() -> None:
    found = {name: outcome(mail.preset, mail.with_forged("")).suspended for name, mail in MAILS.items()}
    assert {name: each for name, each in found.items() if each} == {
        "microsoft-365.spam": Suspicion.SPAM_AND_REFUSED,
        "ovhcloud.mx-plan-spam": Suspicion.SPAM,
        "postfix-rspamd.refused-spam": Suspicion.SPAM_AND_REFUSED,
        "zimbra.spam": Suspicion.SPAM,
    }


SPAM_LINES = [f"{each.partition(':')[0]}:" for each in FORGED["no spam"].splitlines()]


def without(headers: str, names: list[str]) -> str:
    fields = headers.replace("\n ", "\x00").replace("\n\t", "\x01").splitlines()
    kept = "".join(f"{each}\n" for each in fields if not each.startswith(tuple(names)))
    return kept.replace("\x00", "\n ").replace("\x01", "\n\t")


def without_results(mail: OwnMail) -> OwnMail:
    """Return the mail as if the mail system had written no results at all."""
    fields = mail.top.replace("\n ", "\x00").replace("\n\t", "\x01").splitlines()
    kept = [each for each in fields if not each.lower().startswith(("authentication-results", "received-spf"))]
    top = "".join(f"{each}\n" for each in kept).replace("\x00", "\n ").replace("\x01", "\n\t")
    return OwnMail(mail.preset, top, mail.middle, mail.end)


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("name", [name for name, mail in PASSES.items() if mail.preset not in BENEATH])
def test_where_our_server_wrote_no_results_a_stranger_s_on_top_of_theirs_are_none(name: str, forged: str) -> None:
    silent = without_results(PASSES[name])
    assert outcome(silent.preset, silent.with_forged(FORGED[forged])).authenticated is None


@pytest.mark.parametrize(
    "client",
    [
        "intranet (intranet [192.168.1.7])\n\tby mx.mairie.example (Postfix) with ESMTP",
        "a (a.example [192.0.2.7])\n\tby mx.mairie.example (Postfix) with ESMTPSA",
        "a ([IPv6:fd00::7])\n\tby mx.mairie.example (Postfix) with ESMTPS",
    ],
)
def test_whom_a_filter_leaves_alone_proves_nobody_by_what_stands_where_it_would_write(client: str) -> None:
    top = f"Received: from {client} id A\n\tfor <contact@mairie.example>; Tue,  1 Dec 2026 03:48:24 +0000 (UTC)\n"
    mail = OwnMail("postfix-rspamd", top, MAILS["postfix-rspamd.left-alone"].middle, "")
    found = outcome(mail.preset, mail.with_forged(FORGED["results"] + FORGED["spam"]))
    assert (found.authenticated, found.suspended) == (None, None)


OUTSIDE = "(mail.evil.example [192.0.2.66])"
BYPASS = "Received: from {helo} {outside}\n\tby mail.mairie.example (Postfix) with ESMTPS id A; Tue, 1 Dec 2026 08:39:33 +0100\n"


@pytest.mark.parametrize(
    "helo",
    [
        "mail.evil.example",
        "[127.0.0.1]",
        "x by localhost (y [127.0.0.1])",
        "x by localhost with LMTP (",
        "x) by localhost (y",
        "x by localhost; (",
        "x (by localhost",
        "(a) by (b) localhost",
    ],
)
def test_a_mail_past_the_filter_does_not_pass_for_one_that_it_saw(helo: str) -> None:
    """amavis was left out: what is missing of the way stands in the mail itself, and the client calls itself anything."""
    zimbra = MAILS["zimbra.dkim"]
    lmtp = zimbra.top.partition("Received: from localhost")[0]
    amavis = "Authentication-Results: mail.mairie.example (amavisd-new)" + zimbra.top.partition("(amavisd-new)")[2]
    mail = OwnMail("zimbra", f"{lmtp}{BYPASS.format(helo=helo, outside=OUTSIDE)}", zimbra.middle, "")
    found = outcome("zimbra", mail.with_forged(amavis.replace("08:39:33", "01:00:00")))
    assert found.authenticated is None
    assert found.received_at.hour != 0, "the date is the forger's"


HELOS = (
    "[127.0.0.1]", "x by 2002:a05:1::", "x by X.prod.outlook.com", "x by vr1.mail.ovh.net (a [10.1.1.1])",
    "x by localhost (y [127.0.0.1])", "x by mail.mairie.example with LMTP (", "x ) by (", "by", "x; Wed, 1 Jan 2020 00:00:00 +0000",
)  # fmt: skip


@pytest.mark.parametrize("helo", HELOS)
@pytest.mark.parametrize("name", TREATED)
def test_who_calls_himself_like_a_server_of_ours_moves_no_border(name: str, helo: str) -> None:
    """What the client said of itself stands in our own server's Received, before the server's name."""
    mail = TREATED[name]
    above, received, below = mail.top.rpartition("Received: from ")
    named = OwnMail(mail.preset, f"{above}{received}{helo} {below.partition(' ')[2]}", mail.middle, mail.end)
    plain = outcome(mail.preset, mail.with_forged(""))
    for forged in (*(each.top for each in PASSES.values()), *RECEIVED.values()):
        found = outcome(mail.preset, named.with_forged(f"{forged}{FORGED['results']}"))
        assert found.authenticated in (plain.authenticated, None)
        assert (found.received_at, found.dated_by) in (
            (plain.received_at, plain.dated_by),
            (ARRIVED_AT, DateSource.EDGE),
        )


@pytest.mark.parametrize("helo", [*HELOS, "x" * 1200])
@pytest.mark.parametrize("name", [name for name in TREATED if "refused" in name or "spam" in name])
def test_who_calls_himself_so_that_our_hop_cannot_be_read_loses_no_refusal_and_no_suspicion(
    name: str, helo: str
) -> None:
    """As SMTP's HELO lets them: our server wrote its results all the same."""
    mail = TREATED[name]
    above, received, below = mail.top.rpartition("Received: from ")
    named = OwnMail(mail.preset, f"{above}{received}{helo} {below.partition(' ')[2]}", mail.middle, mail.end)
    plain = outcome(mail.preset, mail.with_forged(""))
    found = outcome(mail.preset, named.with_forged(""))
    assert (found.authenticated is False) is (plain.authenticated is False)
    assert found.suspended is plain.suspended


@pytest.mark.parametrize("name", [name for name in TREATED if "spam" in name])
def test_nothing_that_a_stranger_writes_takes_a_suspicion_away(name: str) -> None:
    """Also where the filter writes one of its headers alone, and theirs are of other names."""
    mail = TREATED[name]
    told = [each for each in SPAM_LINES if f"\n{each}" in f"\n{mail.top}{mail.end}"]
    for kept in told:
        top, end = (without(part, [each for each in told if each != kept]) for part in (mail.top, mail.end))
        alone = OwnMail(mail.preset, top, mail.middle, end)
        if outcome(mail.preset, alone.with_forged("")).suspended is not None:
            assert outcome(mail.preset, alone.with_forged(FORGED["no spam"])).suspended is not None


@pytest.mark.parametrize("name", PASSES)
def test_a_mail_that_did_not_come_in_where_strangers_mail_does_is_believed_nothing(name: str) -> None:
    """The server that judges who wrote is not on its way: what the others passed on may be anybody's."""
    mail = PASSES[name]
    above, _, below = mail.top.rpartition("Received: from ")
    if not above.startswith(("Received:", "Delivered-To:", "Return-Path:")):
        return  # one server does it all
    results = below.partition("\nAuthentication-Results")
    found = outcome(
        mail.preset,
        OwnMail(mail.preset, f"{above}{''.join(results[1:]).lstrip()}", mail.middle, mail.end).with_forged(""),
    )
    assert (found.authenticated, found.dated_by) == (None, DateSource.EDGE)


@pytest.mark.parametrize("name", PASSES)
@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("alice@courriel.example>", "alice@evil.example>"),
        ("From: ", "From: evil@evil.example, "),
        ("From: ", "From: evil@evil.example\nFrom: "),
        ("From: ", "Sender: "),
    ],
)
def test_a_pass_of_one_domain_vouches_for_no_other_author(name: str, written: str, instead: str) -> None:
    mail = PASSES[name]
    middle = mail.middle.replace("From: alice@courriel.example", "From: Alice <alice@courriel.example>")
    forged = OwnMail(mail.preset, mail.top, middle.replace(written, instead), mail.end)
    assert not outcome(mail.preset, forged.with_forged("")).authenticated


_HEADER_NAMES = st.sampled_from(
    ["Received", "RECEIVED", "Authentication-Results", "X-Spam-Flag", "X-Spam-Status", "X-Ovh-Spam-Status", "Received-SPF",
     "X-MS-Exchange-Organization-SCL", "ARC-Authentication-Results", "X-Rspamd-Action", "Return-Path", "X-Spamd-Result"]
)  # fmt: skip
_VALUES = st.lists(
    st.sampled_from(
        ["from ", "by ", "with LMTP ", "with ESMTP ", "(", ")", '"', ";", "\n ", "\n\t", " ", "=", "dmarc=pass", "dkim=pass ",
         "header.d=courriel.example", "header.from=courriel.example", "[127.0.0.1]", "localhost ", "(a [192.0.2.1])",
         "Wed, 1 Jan 2020 00:00:00 +0000", "YES", "SPAM", "9", "add header", "\x00", "é", "\\", *(f"{each} " for each in OURS),
         "x.prod.outlook.com ", "x.mail.protection.outlook.com ", "in1.mail.ovh.net ", "vr1.mail.ovh.net "]
    ),
    max_size=12,
).map("".join)  # fmt: skip


@settings(deadline=None)
@given(
    st.sampled_from(sorted(TREATED)),
    st.lists(st.tuples(_HEADER_NAMES, _VALUES), min_size=1, max_size=6),
)
def test_whatever_headers_are_added_below_what_is_read_of_our_servers_is_the_same(
    name: str, forged: list[tuple[str, str]]
) -> None:
    mail = TREATED[name]
    headers = "".join(f"{name}: {' '.join(value.split(chr(10)))}\n" for name, value in forged)
    assert outcome(mail.preset, mail.with_forged(headers)) == outcome(mail.preset, mail.with_forged(""))
