"""One sender per provider account, each through the provider's official library."""
