"""By whom an answer is signed: given name, surname, capacity and administrative address (docs/law.md 58). Pure."""

from guichet.town.organisation import Department
from guichet.town.staff.agents import Agent

ORDINARY = "Agent"


def signature_of(agent: Agent, department: Department, frame: str, *, is_short: bool = False) -> str:
    """Return the lines below an answer. What an agent's profile is called is no capacity: it tells of rights.

    frame: what the town itself writes around the answer; the address that stands there is not said twice, nor, in a
    short message, the service.
    Whose anonymity the town protects (agents.yaml, for public security or people's) is named by their capacity alone.
    """
    called = agent.capacity or ORDINARY
    role = called if is_short and department.name in frame else f"{called}, {department.name}"
    name = None if agent.anonymous else agent.name
    address = None if department.postal_address in frame else department.postal_address
    return "\n".join(filter(None, (name, role, address)))


def signed(text: str, signature: str) -> str:
    """Return an answer with its signature below, once: what came back to be sent anew has it already."""
    words = text.strip()
    return words if words.endswith(signature) else f"{words}\n\n{signature}"


def unsigned(text: str, signature: str) -> str:
    """Return an answer without its signature, to be signed anew."""
    return text.removesuffix(f"\n\n{signature}")
