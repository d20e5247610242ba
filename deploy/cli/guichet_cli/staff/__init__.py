"""Agents, profiles, units and mappings as they hold, looked at and changed by command."""
