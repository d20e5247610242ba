"""How people write an e-mail address and a French telephone number in a text. Pure."""

import re
from typing import Final

MAIL: Final = re.compile(r"(?<![\w.+'-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
PHONE: Final = re.compile(r"(?<!\d)(?:\+33\s?|0)[1-9](?:[\s.-]?\d{2}){4}(?!\d)")
