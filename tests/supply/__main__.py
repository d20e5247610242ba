"""`python -m tests.supply`: what `make supply` runs. Write what Guichet is made of, and ask whether it has known holes.

Exit status 0: no known hole, or nobody could be asked and the lock is young enough; 1: what is said must be mended.
The bill of materials (CycloneDX 1.5) goes to .local/sbom.cdx.json. A step that could not be done is said, not passed over.
"""

import json
import sys
from datetime import UTC, datetime
from typing import Final

from guichet_local.kafka.installation import VERSION
from guichet_local.machine.paths import CACHE, LOCAL, REPOSITORY
from tests.supply.bill import jar_components, mongod_component, npm_components, verapdf_component, with_components
from tests.supply.locked_packages import ask_for_known_holes, export_packages
from tests.supply.verdict import judge, newest_package

OPENID: Final = REPOSITORY / "shared" / "testing" / "guichet_testing" / "real" / "openid_provider"
BILL: Final = LOCAL / "sbom.cdx.json"


def main() -> int:
    """Return the exit status."""
    of_npm = npm_components((OPENID / "package-lock.json").read_text())
    others = [*jar_components(CACHE / f"kafka-{VERSION}"), mongod_component(), verapdf_component(), *of_npm]
    bill = with_components(export_packages(), others)
    BILL.parent.mkdir(exist_ok=True)
    BILL.write_text(json.dumps(bill, indent=1))
    sys.stdout.write(f"  {len(bill['components'])} components in {BILL.relative_to(REPOSITORY)}\n")
    newest = newest_package((REPOSITORY / "uv.lock").read_text())
    verdict = judge(ask_for_known_holes(), newest, datetime.now(UTC))
    (sys.stderr if verdict.fails else sys.stdout).writelines(f"  {line}\n" for line in verdict.lines)
    return int(verdict.fails)


if __name__ == "__main__":
    sys.exit(main())
