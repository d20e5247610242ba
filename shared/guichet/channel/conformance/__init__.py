"""The conformance suite of adapters: see guichet.channel.conformance.suite."""
