"""Who tells of citizens, and where they are reached: for pages, and for answers that leave."""

from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.handlers.cases.find_ways import WayFinder
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.citizens.sector_index import SectorIndex


def citizens_of(choices: Choices, ports: Ports) -> CitizenDirectory:
    """Return who tells of a citizen what their sector may know."""
    reader, clock = ports.registry, ports.clock
    index = SectorIndex(reader=reader, sector_master_key=choices.sector_key, clock=clock)
    return CitizenDirectory(reader=reader, index=index, opener=ports.vault)


def way_finder(choices: Choices, citizens: CitizenDirectory) -> WayFinder:
    """Return who finds the other ways to a citizen. The sector key stays, while the session key may be given anew."""
    return WayFinder(citizens, choices.town, choices.sector_key)
