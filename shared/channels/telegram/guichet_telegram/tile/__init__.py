"""Telegram, faked at the wire: its Bot API, its updates, the chats behind it."""
