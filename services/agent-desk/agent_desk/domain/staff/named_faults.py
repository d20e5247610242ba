"""Who still has what an administrator would take away, as people call it: a key of ours says nothing. Pure."""

from dataclasses import replace

from guichet.ids import AgentId
from guichet.town.staff.faults import Fault, Wrong
from guichet.town.staff.overlay import mapping_key
from guichet.town.staff.staff import Staff


def named_for_people(fault: Fault, staff: Staff) -> Fault:
    """Return a fault that names an agent by their name, and a mapping by its claims."""
    if fault.what is not Wrong.USED:
        return fault
    mapping = next((each for each in staff.mappings if mapping_key(each) == fault.named), None)
    claims = () if mapping is None else (mapping.siret, mapping.organizational_unit, mapping.uid)
    called = " · ".join(each for each in claims if each) or staff.names.get(AgentId(fault.named), fault.named)
    return replace(fault, named=called)
