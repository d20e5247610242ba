"""How far the town's mailboxes have been read: what the host of mail lends its channel (Host.mailbox_places)."""

from guichet.store.mailbox_places import MailboxPlaces, Place

__all__ = ["MailboxPlaces", "Place"]
