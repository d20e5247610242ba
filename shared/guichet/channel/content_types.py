"""What kind of file a citizen sent, in words that are not the citizen's: a content type travels in clear."""

import mimetypes

UNKNOWN = "application/octet-stream"

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_ALSO_MET = {
    "application/gpx+xml", "application/ics", "application/ms-tnef", "application/pgp-signature",
    "application/pkcs7-mime", "application/pkcs7-signature", "application/rtf", "application/vnd.rar",
    "application/x-7z-compressed", "application/x-pkcs7-signature",
    f"{_OFFICE}presentationml.presentation", f"{_OFFICE}spreadsheetml.sheet", f"{_OFFICE}wordprocessingml.document",
    f"{_OPEN}presentation", f"{_OPEN}spreadsheet", f"{_OPEN}text",
    "audio/3gpp", "audio/aac", "audio/amr", "audio/mp4", "audio/ogg", "audio/opus", "audio/wav", "audio/webm",
    "image/avif", "image/heic", "image/heif", "image/jpg", "image/webp",
    "message/delivery-status", "message/disposition-notification", "message/rfc822",
    "text/calendar", "text/markdown", "text/rfc822-headers", "text/vcard",
    "video/3gpp", "video/ogg",
}  # fmt: skip
_KNOWN = frozenset(_ALSO_MET.union(*(kinds.values() for kinds in mimetypes.MimeTypes().types_map)))


def known_content_type(claimed: str | None) -> str:
    """Return the content type that the sender claimed if it is a usual one, otherwise application/octet-stream.

    The claim is free text of the sender's: passed on as it is, `application/x-jean-dupont` would be a person in clear.
    """
    kind = (claimed or "").partition(";")[0].strip().lower()
    return kind if kind in _KNOWN else UNKNOWN


def content_type_of(name: str) -> str:
    """Return the usual content type of a file of that name."""
    return known_content_type(mimetypes.guess_type(name)[0])
