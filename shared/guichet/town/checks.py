"""Checks across a town's files: whatever is named somewhere exists, and nothing stands twice."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from guichet.contracts.channels import KnownChannels
from guichet.contracts.inbound import ChannelName
from guichet.ids import DepartmentId
from guichet.law.territories import Territory
from guichet.town.organisation import Organisation, RuleList
from guichet.town.policies import ChannelList, ChannelPolicy, SveStatus
from guichet.town.third_parties import reason_against_provider, reason_against_topic, reason_against_voucher
from guichet.town.town_file import TownFile
from guichet.town.yaml_file import YamlFile

SAYS_WHERE_TO_SEIZE_SINCE: Final = 4
"""The version of a town's folder (guichet.town.migrations) from which its terms must name a way that seizes."""


def check_organisation(file: YamlFile, organisation: Organisation) -> Iterator[str]:
    """Yield a complaint for each department of an unknown sector."""
    for name, department in organisation.departments.items():
        if department.sector not in organisation.sectors:
            yield file.complaint(("departments", name, "sector"), f"there is no sector {department.sector!r}.")


def check_town(file: YamlFile, town: TownFile, organisation: Organisation) -> Iterator[str]:
    """Yield a complaint for each mailbox or department of town.yaml that does not exist, and for two places at once."""
    if town.alsace_moselle and town.lies_in is not Territory.ALSACE_MOSELLE:
        yield file.complaint(("territory",), f"a town in {town.lies_in} is not in Alsace-Moselle; say one of the two.")
    if town.main_mailbox not in town.mailboxes:
        yield file.complaint(("main_mailbox",), f"{town.main_mailbox} is not among the mailboxes.")
    if town.fallback_department not in organisation.departments:
        yield file.complaint(("fallback_department",), no_department(town.fallback_department))
    for address, entry in town.mailboxes.items():
        if entry.department is not None and entry.department not in organisation.departments:
            yield file.complaint(("mailboxes", address, "department"), no_department(entry.department))


def check_units(file: YamlFile, organisation: Organisation) -> Iterator[str]:
    """Yield a complaint for each department of a unit that does not exist."""
    for name, unit in organisation.units.items():
        for place, department in enumerate(unit.departments):
            if department not in organisation.departments:
                yield file.complaint(("units", name, "departments", place), no_department(department))


def check_rules(file: YamlFile, listed: RuleList, town: TownFile, organisation: Organisation) -> Iterator[str]:
    """Yield a complaint for each doubled rule id, and each department or mailbox that does not exist."""
    ids = Counter(rule.id for rule in listed.rules)
    for nth, rule in enumerate(listed.rules):
        if ids[rule.id] > 1:
            yield file.complaint(("rules", nth, "id"), f"two rules are called {rule.id!r}.")
        if rule.department not in organisation.departments:
            yield file.complaint(("rules", nth, "department"), no_department(rule.department))
        if rule.mailbox is not None and rule.mailbox not in town.mailboxes:
            yield file.complaint(("rules", nth, "mailbox"), f"{rule.mailbox} is not a mailbox of the town.")


def check_channels(file: YamlFile, listed: ChannelList, town: TownFile, known: KnownChannels) -> Iterator[str]:
    """Yield a complaint for each channel that nobody knows or whose messages come in on another's topic, and each
    electronic one that the town closes without published terms (docs/law.md 3).
    """
    for channel, policy in listed.channels.items():
        yield from _check_templates(file, channel, policy, known)
        if channel not in known:
            names = ", ".join(sorted(known))
            yield file.complaint(
                ("channels", channel),
                f"no channel is called {channel!r}; there are {names}. Another package's: guichet channels enable.",
            )
        for against in (reason_against_provider, reason_against_topic, reason_against_voucher):
            if reason := against(channel, known):
                yield file.complaint(("channels", channel), f"{reason} Enable a version of its package that says so.")
        closed = known[channel].is_electronic and policy.sve_status is SveStatus.CONTACT_ONLY
        if closed and town.terms is None:
            yield file.complaint(
                ("channels", channel, "sve_status"),
                "a channel can be contact_only only where the town published its terms (CRPA R112-9-2); "
                "give `terms` in town.yaml.",
            )


def _check_templates(
    file: YamlFile, channel: ChannelName, policy: ChannelPolicy, known: KnownChannels
) -> Iterator[str]:
    for kind, template in policy.templates:
        if template is None:
            continue
        if known[channel].templates is None:
            yield file.complaint(
                ("channels", channel, "templates"), f"{channel} sends no approved messages: take `templates` away."
            )
        elif not known[channel].names_template(template):
            place = ("channels", channel, "templates", kind)
            yield file.complaint(place, f"{template!r} is no id of an approved message of {channel}.")


def check_terms(file: YamlFile, town: TownFile, listed: ChannelList, known: KnownChannels) -> Iterator[str]:
    """Yield a complaint where a channel seizes nobody, and its receipts could not name a way that does.

    A folder of before `SAYS_WHERE_TO_SEIZE_SINCE` is read without: the page of the terms is named (docs/upgrading.md).
    """
    if town.terms is None:
        return
    contact_only = [
        name
        for name, each in listed.channels.items()
        if each.sve_status is SveStatus.CONTACT_ONLY and name in known and known[name].is_electronic
    ]
    way = town.terms.seize_at
    if way is None and contact_only and town.version >= SAYS_WHERE_TO_SEIZE_SINCE:
        yield file.complaint(
            ("terms",),
            f"{', '.join(contact_only)}: a receipt there names a way that does seize the town; give `seize_at`: a "
            "mailbox of the town, or the address of a page.",
        )
    if way is None or "://" in way:
        return
    if way not in town.mailboxes:
        yield file.complaint(("terms", "seize_at"), f"{way} is not a mailbox of the town.")
    if not any(_takes_mail_that_seizes(name, each, known) for name, each in listed.channels.items()):
        yield file.complaint(
            ("terms", "seize_at"),
            f"no mail to {way} seizes the town; say `saisine` of a channel of mailboxes, or name a page.",
        )


def _takes_mail_that_seizes(name: ChannelName, policy: ChannelPolicy, known: KnownChannels) -> bool:
    return name in known and known[name].has_mailboxes and policy.sve_status is SveStatus.SAISINE


def no_department(department: DepartmentId) -> str:
    """Return the complaint that a department does not exist."""
    return f"there is no department {department!r} in organisation.yaml."
