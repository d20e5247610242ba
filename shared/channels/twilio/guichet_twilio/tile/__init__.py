"""Twilio, faked at the wire: its REST API, its webhooks, the telephones behind it."""
