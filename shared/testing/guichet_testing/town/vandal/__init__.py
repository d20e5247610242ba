"""The package of a channel that means harm: what a town under test installs beside channels that do not."""
