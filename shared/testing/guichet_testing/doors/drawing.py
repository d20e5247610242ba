"""What the desk has processes of its own do, done in the test's, hence without their limits."""

from agent_desk.domain.pictures.picture import Picture
from agent_desk.handlers.pictures.draw import DrawPictures
from agent_desk.handlers.pictures.drawing_process import drawn
from guichet.documents.typeset import Typescript, Typesetter


class DrawsHere(DrawPictures):
    """Draws files."""

    async def draw(self, file: bytes, page: int, box: tuple[int, int]) -> Picture:
        return drawn(file, page, box)


class WordsAlone(Typesetter):
    """Gives a document's words for its PDF. typeset: what it was given last."""

    last: Typescript | None = None

    async def typeset(self, typescript: Typescript) -> bytes:
        self.last = typescript
        blocks = typescript.said.get("blocks", ())  # a letter has none: `last` says what is in it
        return b"%PDF-\n" + "\n".join(f"{each['kind']}: {each['text']}" for each in blocks).encode()
