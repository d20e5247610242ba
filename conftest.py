"""Give every test the real servers (fixtures kafka_server, mongo_server, mongo_database)."""

pytest_plugins = ["guichet_local.pytest_plugin"]
