"""The processes of a service: the first on the planned ports, further ones on free ports."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from guichet_local.machine.ports import free_ports
from guichet_local.plan.ports import PortPlan
from guichet_topology.environment import FOR_PYTHON, Environment, service_environment
from guichet_topology.ports import health_port_name
from guichet_topology.services import Service


@dataclass(frozen=True)
class ServiceProcess:
    """One process of a service, `case-router` or `case-router-2`; `ports` holds its own under their names."""

    name: str
    service: Service
    ports: PortPlan

    @property
    def health_port(self) -> int:
        """Where its health page is."""
        return self.ports[health_port_name(self.service.name)]

    @property
    def named_ports(self) -> PortPlan:
        """What it listens on, under names of its own also where it is the second: `case-router-2-health` …"""
        return {name.replace(self.service.name, self.name, 1): port for name, port in self.ports.items()}

    def environment(self, values: Mapping[str, str]) -> Environment:
        """Its own variables."""
        return service_environment(self.service, values, self.ports) | FOR_PYTHON

    def command(self) -> list[str]:
        """What starts it."""
        return [sys.executable, "-m", self.service.package]


def first_process(service: Service, plan: PortPlan) -> ServiceProcess:
    """The process on the planned ports."""
    return ServiceProcess(service.name, service, {name: plan[name] for name in service.ports.values()})


def further_process(service: Service, number: int) -> ServiceProcess:
    """The second, third … process, on free ports."""
    names = list(service.ports.values())
    return ServiceProcess(f"{service.name}-{number}", service, dict(zip(names, free_ports(len(names)), strict=True)))
