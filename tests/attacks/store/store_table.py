"""Who may do what in the store, written out by hand: roles.json must say the same, and mongod must do the same.

f find · i insert · u update · r remove · - nothing. A line is a user, a column a collection.
"""

from typing import Final

DATA: Final = """
                   agent_rights agents audit cases citizens commands deliveries follow_views identifiers
ingest-email       -            -      -     -     -        -        -          -            -
ingest-sms         -            -      -     -     -        -        -          -            -
ingest-social      -            -      -     -     -        -        -          -            -
case-router        f            -      -     fiu   fiu      fiu      -          -            fiu
notifier           -            -      -     f     -        -        fiu        iur          -
gdpr-worker        f            r      i     fu    fur      fr       fur        fur          fur
search-indexer     -            -      -     f     -        -        -          -            -
agent-desk         fiu          fiu    i     f     f        f        -          -            f
citizen-portal     -            -      i     -     -        -        -          f            -
guichet-cli        fiu          fiu    i     f     fiu      f        f          f            fiu
guichet-deployment fiu          -      fu    fu    fiur     -        -          iur          fu
guichet-backup     f            f      f     f     f        f        f          f            f
guichet-restore    fiu          fi     fiu   fiu   fiur     fir      fiur       fiur         fiur
guichet-export     f            -      fi    f     f        f        f          f            f
guichet-import     -            -      fi    fi    fi       fi       fi         fi           fi
"""

MORE_DATA: Final = """
                   abuse_declarations case_history messages migrations receipt_counts sessions sign_in_places sign_in_tries threads unseen_mail  spending
ingest-email       -                  -            -        -          -              -        -              -             -       -            -
ingest-sms         -                  -            -        -          -              -        -              -             -       -            -
ingest-social      -                  -            -        -          -              -        -              -             -       -            -
case-router        fiu                fir          fiu      f          -              -        -              -             fiu     fir          -
notifier           -                  f            fi       f          fiu            -        -              -             -       -            fiu
gdpr-worker        fr                 fr           fiur     f          r              r        r              r             fur     fr           r
search-indexer     -                  -            f        f          -              -        -              -             -       -           -
agent-desk         -                  f            fi       f          -              fiur     fiu            fiu           -       fr           -
citizen-portal     -                  -            -        f          -              -        -              -             -       -            -
guichet-cli        f                  f            f        -          -              r        -              -             f       f            -
guichet-deployment -                  fiu          fu       fiu        -              -        -              -             fiur    -            -
guichet-backup     f                  f            f        f          -              -        -              -             f       f            f
guichet-restore    fir                fiur         fiu      fiu        -              -        -              -             fiur    fir          fir
guichet-export     f                  f            f        f          -              -        -              -             f       f            -
guichet-import     fi                 fi           fi       f          -              -        -              -             fi      fi           fiu
"""

ADAPTERS: Final = """
                   catch_ups mailbox_places messages_sent messages_taken_in  verified_backups  staff  notes  drafts  absences  saved_answers  letters  preferences  read_marks  saved_views  presence  agent_news
ingest-email       -         fiu            -             -                  -                 -      -      -       -         -              -        -            -           -            -         -
ingest-sms         fiu       -              f             f                  -                 -      -      -       -         -              -        -            -           -            -         -
ingest-social      -         -              -             -                  -                 -      -      -       -         -              -        -            -           -            -         -
case-router        -         -              -             -                  -                 -      f      -       f         -              -        -            -           -            -         ir
notifier           -         -              -             -                  -                 f      -      -       -         -              -        fu           -           -            -         fu
gdpr-worker        -         -              -             -                  fi                f      fr     fr      r         fur            fr       fr           fr          fur          r         fr
agent-desk         -         -              -             -                  -                 fiur   fi     fiu     fir       fiur           fiur     fiu          fiu         fiur         fiur         fu
citizen-portal     -         -              -             -                  -                 -      -      -       -         -              -        -            -           -            -         -
guichet-cli        -         -              -             -                  -                 fiur   f      f       -         f              f        -            f           f            -         f
guichet-deployment -         -              -             -                  -                 f      -      -       -         -              -        -            -           -            -         -
guichet-backup     f         f              -             -                  iu                f      f      f       f         f              f        f            f           f            -         f
guichet-restore    fi        fi             -             -                  -                 fi     fir    fir     fi        fir            fir      fi           fir         fir          -         fir
guichet-export     -         -              -             -                  -                 f      f      f       f         f              -        -            -           f            -         -
guichet-import     -         -              -             -                  -                 fi     fi     fi      fi        fi             -        -            -           fi           -         -
"""

BULK: Final = """
                   bulk_acts bulk_cases department_days  agent_mails agents_disabled on_call  agents_second_factors
ingest-email       -         -          -                -           -               -        -
ingest-sms         -         -          -                -           -               -        -
ingest-social      -         -          -                -           -               -        -
case-router        -         -          fiu              -           -               f        -
notifier           -         -          -                fiu         f               -        -
gdpr-worker        r         fr         r                r           -               r        f
search-indexer     -         -          -                -           -               -        -
agent-desk         fiu       fiu        f                i           -               fir      -
citizen-portal     -         -          -                -           -               -        -
guichet-cli        -         f          -                -           -               -        -
guichet-deployment -         -          -                -           -               -        -
guichet-backup     f         f          f                -           -               f        -
guichet-restore    fir       fir        fir              -           -               fi       -
guichet-export     -         -          -                -           -               f        -
guichet-import     -         -          -                -           -               fi       -
"""

VAULT: Final = """
                   erasures turns keys bucket_keys opening_keys sealing_keys  copies  former_search_keys
ingest-email       -        -     i    -           -            f             f       -
ingest-sms         -        -     i    -           -            f             f       -
ingest-social      -        -     i    -           -            f             f       -
case-router        -        -     fi   f           f            f             f       -
notifier           -        -     fi   f           f            f             f       -
gdpr-worker        fiu      fiu   fiur fiur        fiur         fir           fiu     fr
search-indexer     -        f     fi   f           f            f             f       i
agent-desk         -        -     fi   f           f            f             f       -
citizen-portal     -        -     i    -           -            f             f       -
guichet-cli        f        fiu   fiur fiur        fiur         fir           fu      f
guichet-deployment fu       fiu   fiu  fi          fi           fi            fiu     -
guichet-backup     f        fiu   f    f           f            f             -       f
guichet-restore    fiu      fiu   fiur fiur        fir          fir           fiu     fir
guichet-export     f        -     f    f           f            f             -       -
guichet-import     -        -     fi   f           f            f             f       -
"""

TABLES: Final = (
    ("guichet", DATA),
    ("guichet", MORE_DATA),
    ("guichet", ADAPTERS),
    ("guichet", BULK),
    ("guichet_vault", VAULT),
)
VERBS: Final = {"f": "find", "i": "insert", "u": "update", "r": "remove"}

Rights = frozenset[tuple[str, str]]
"""Pairs of "database.collection" and verb."""


def may() -> dict[str, Rights]:
    """Return what each user may do."""
    found: dict[str, set[tuple[str, str]]] = {}
    for database, table in TABLES:
        heading, *lines = table.strip("\n").splitlines()
        collections = heading.split()
        for line in lines:
            user, *cells = line.split()
            assert len(cells) == len(collections), line
            found.setdefault(user, set()).update(
                (f"{database}.{collection}", VERBS[letter])
                for collection, cell in zip(collections, cells, strict=True)
                for letter in cell.strip("-")
            )
    return {user: frozenset(pairs) for user, pairs in found.items()}


def collections() -> list[str]:
    """Return every collection of the tables, as "database.collection"."""
    return [f"{database}.{name}" for database, table in TABLES for name in table.split("\n")[1].split()]
