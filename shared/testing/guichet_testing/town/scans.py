"""Scans of letters, for tests on a whole Guichet. Pure."""


def scan_saying(words: str) -> bytes:
    """Return a PDF of one blank page, whose page object says the words, which every program that copies it keeps."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Said(" + words.encode() + b")>>",
    )
    written = b"".join(b"%d 0 obj%s endobj\n" % numbered for numbered in enumerate(objects, 1))
    return b"%PDF-1.4\n" + written + b"trailer<</Root 1 0 R/Size 4>>\n%%EOF\n"
