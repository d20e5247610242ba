"""What `guichet restore` says. Pure."""

from typing import Final

from guichet_cli.backup.restore import Restored

REPLACES_DATA: Final = (
    "Everything in the database is lost, and what was there at {taken_at:%Y-%m-%d %H:%M:%S} UTC comes in its place"
    " (audit entries stay). Go on?"
)
REPLACES_VAULT: Final = (
    "Every key made since {taken_at:%Y-%m-%d %H:%M:%S} UTC is lost, and with it what was sealed since. Go on?"
)


def data_summary(restored: Restored) -> str:
    """Say what was restored, and what that means."""
    manifest, resumption = restored.manifest, restored.resumption
    lines = [
        f"Restored to {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC: {manifest.documents} documents"
        + (f", {manifest.objects} files." if manifest.objects is not None else "; files were not in this backup."),
        f"{restored.erased} erasure(s) applied again: nothing of theirs is left.",
        f"{resumption.again} record(s) that came since are filed again once the services run; receipts and replies "
        "that left since then leave once more, unless the sending journal (GUICHET_NOTIFIER_JOURNAL) knows of them.",
    ]
    if resumption.trimmed:
        lines.append(
            f"{resumption.trimmed} record(s) of since then were trimmed from their topics meanwhile: what they told "
            "is lost. Take backups more often than the shortest retention."
        )
    if resumption.ahead:
        lines.append(f"{resumption.ahead} partition(s) are of another broker: all that they hold is handled.")
    return "\n".join([*lines, "Start the services. The vault is rotated tonight, or now by `guichet vault turn`."])


def vault_summary(keys: int) -> str:
    """Say what was restored of the vault."""
    return (
        f"The vault is back with {keys} keys of then. Rotate its keys (`guichet vault turn`), then start the services."
    )
