"""Search files: by which words the messages of a sector are found, encrypted, one SQLite file with FTS5 a sector.

No text lies in one, and no place for one is in a backup: it is made again from the store (docs/decisions/0065).
Nobody else imports apsw.
"""
