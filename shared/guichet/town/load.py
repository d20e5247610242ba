"""Read a town's folder once, at start: what is wrong in it is an error now, never a blank to a citizen."""

from itertools import chain
from pathlib import Path

from guichet.errors import SettingsError
from guichet.town.authorities import FILE as AUTHORITIES
from guichet.town.authorities import AuthorityList
from guichet.town.channel_facts import known_channels
from guichet.town.checks import check_channels, check_organisation, check_rules, check_terms, check_town, check_units
from guichet.town.costs import FILE as COSTS
from guichet.town.costs import CostList, check_costs
from guichet.town.load_templates import load_texts
from guichet.town.migrations.run import require_form
from guichet.town.organisation import Organisation, RuleList
from guichet.town.policies import ChannelList
from guichet.town.privacy_notice import PrivacyNotice
from guichet.town.procedures import FILE as PROCEDURES
from guichet.town.procedures import ProcedureList, check_procedures, check_procedures_of_rules
from guichet.town.receipt_terms import check_remedies
from guichet.town.remedies import Remedies, court_of
from guichet.town.samples import samples
from guichet.town.staff.load import read_staff
from guichet.town.town import Town
from guichet.town.town_file import TownFile
from guichet.town.yaml_file import M, YamlFile, read_yaml


def load_town(folder: Path | str) -> Town:
    """Return the town described by a folder's YAML files and templates (see deploy/local/town/README.md).

    Raises SettingsError with one line per mistake: file, line, what is wrong and what to do.
    """
    folder = Path(folder)
    require_form(folder)
    town_file, town = _read(folder / "town.yaml", TownFile)
    organisation_file, organisation = _read(folder / "organisation.yaml", Organisation)
    procedures_file, procedures = _read_if_there(folder / PROCEDURES, ProcedureList)
    staff, staff_complaints = read_staff(folder, organisation, procedures.procedures, town.mailboxes)
    rules_file, rules = _read(folder / "rules.yaml", RuleList)
    channels_file, channels = _read(folder / "channels.yaml", ChannelList)
    facts = known_channels(folder)
    _, authorities = _read_if_there(folder / AUTHORITIES, AuthorityList)
    costs_file, costs = _read_if_there(folder / COSTS, CostList)
    complaints = chain(
        check_organisation(organisation_file, organisation),
        check_town(town_file, town, organisation),
        check_remedies(town_file, town, procedures),
        check_terms(town_file, town, channels, facts),
        check_units(organisation_file, organisation),
        staff_complaints,
        check_rules(rules_file, rules, town, organisation),
        check_procedures(procedures_file, procedures, organisation) if procedures_file is not None else (),
        check_procedures_of_rules(rules_file, rules, procedures.procedures),
        check_channels(channels_file, channels, town, facts),
        check_costs(costs_file, costs, channels, facts) if costs_file is not None else (),
    )
    if text := "\n".join(complaints):
        raise SettingsError(text)
    _, notice = _read(folder / "privacy.yaml", PrivacyNotice)
    return Town(
        name=town.name,
        main_mailbox=town.main_mailbox,
        mailboxes=town.mailboxes,
        sectors=organisation.sectors,
        departments=organisation.departments,
        fallback_department=town.fallback_department,
        staff=staff,
        procedures=procedures.procedures,
        rules=rules.rules,
        channels=channels.channels,
        facts=facts,
        texts=load_texts(
            folder / "templates",
            samples(town.name, organisation.departments[town.fallback_department]),
            facts,
            procedures.procedures,
        ),
        privacy_notice=notice,
        dpo=town.dpo,
        territory=town.lies_in,
        good_friday=town.good_friday,
        rights_roll=town.rights_roll,
        reopen_within=town.reopen_within,
        follow_links_last=town.follow_links_last,
        abuse_lasts=town.abuse_lasts,
        threats_kept=town.threats_kept,
        quiet_hours=town.quiet_hours,
        terms=town.terms,
        demonstration=town.demonstration,
        costs=costs.accounts,
        authorities=authorities.by_name,
        remedies=Remedies(court_of(town.court), town.remedies),
        telephone_relay=town.telephone_relay,
    )


def _read(path: Path, model: type[M]) -> tuple[YamlFile, M]:
    file = read_yaml(path)
    return file, file.parse(model)


def _read_if_there(path: Path, model: type[M]) -> tuple[YamlFile | None, M]:
    """A town that pays by the letter nowhere has no costs.yaml; nor need there be procedures.yaml, authorities.yaml."""
    return _read(path, model) if path.exists() else (None, model())
