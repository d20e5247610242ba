"""A file of an answer, for whoever holds the case's link: it is named on their page, with what opens it."""

from dataclasses import dataclass

from guichet.errors import PermanentError
from guichet.store.follow_views.document import FollowPage, ShownFile
from guichet.store.objects import ObjectStore


@dataclass(frozen=True)
class AnswerFiles:
    """Opens them."""

    objects: ObjectStore

    async def open(self, page: FollowPage, file_id: str) -> tuple[ShownFile, bytes] | None:
        """Return a file that the page names, and what it is; None where it names none such, or it was erased.

        Raises TransientError, TamperedError.
        """
        named = (each for answer in page.answers for each in answer.files)
        file = next((each for each in named if each.attachment_id == file_id), None)
        if file is None:
            return None
        try:
            box = await self.objects.get(file.attachment_id)
        except PermanentError:
            return None
        return file, file.open(box)
