"""Which files an agent should not open unasked: what runs, what holds macros, what is a page or opens as one. Pure.

Told by the name's last ending, which is what a desktop goes by, and by the type that the sender declared. A mark, no
refusal: citizens send spreadsheets with macros in good faith. A name that hides its ending is marked for that.
"""

from typing import Final

_PROGRAMS: Final = (
    "app apk appimage bat bin cmd com cpl deb dll dmg exe gadget hta inf ins iso img jar jnlp js jse lnk msc msi msp "
    "mst pif pkg ps1 ps1xml psc1 psm1 py pyw reg rpm run scf scr sct settingcontent-ms sh url vb vbe vbs vhd vhdx "
    "wsc wsf wsh xll"
)
_MACROS: Final = "accdb ade doc docm dot dotm mdb one ppam pps ppsm ppt pptm potm sldm xla xlam xls xlsb xlsm xlt xltm"
_PAGES: Final = "chm eml htm html mht mhtml shtml svg svgz xht xhtml xml xsl xslt"
ENDINGS: Final = frozenset(f"{_PROGRAMS} {_MACROS} {_PAGES}".split())
TYPES: Final = frozenset(
    {
        "application/java-archive",
        "application/javascript",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/x-csh",
        "application/x-msdownload",
        "application/x-python-code",
        "application/x-sh",
        "application/xhtml+xml",
        "application/xml",
        "image/svg+xml",
        "message/rfc822",
        "text/html",
        "text/javascript",
        "text/x-python",
        "text/xml",
    }
)
# They change the order in which a name is read: "facture<U+202E>fdp.exe" shows as "factureexe.pdf" (UAX #9).
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


def is_dangerous(name: str, content_type: str) -> bool:
    """Say whether a file of this name and declared type is marked for the agent."""
    ending = name.rstrip(". \t").rpartition(".")[2].lower()
    return ending in ENDINGS or content_type in TYPES or not _TURNING.isdisjoint(name)
