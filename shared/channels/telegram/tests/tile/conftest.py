"""The sandbox with every tile, and a town behind it."""

from guichet_testing.doors.sandbox_fixtures import citizens, sandbox, town, town_server  # noqa: F401
