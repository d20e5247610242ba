"""Send what the notifier hands over, for one account. Start it with: GUICHET_LANE=mail python -m notifier_sender"""

import os

from guichet.runtime.service import run_service
from notifier_sender.app import DISTRIBUTION, name_of, run
from notifier_sender.settings import SenderSettings

if __name__ == "__main__":
    run_service(name_of(os.environ.get("GUICHET_LANE", "of-no-lane")), SenderSettings, run, distribution=DISTRIBUTION)
