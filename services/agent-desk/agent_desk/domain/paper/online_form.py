"""By what address, and what code to photograph, a printed letter's question is answered (docs/decisions/0108). Pure."""

import segno

from guichet.contracts.questions import Question
from guichet.documents.paper_letter import OnlineForm
from guichet.privacy.follow_link import QuestionLink
from guichet.town.receipts import question_url


def online_form(portal_url: str, question: Question) -> OnlineForm:
    """Return what a letter says of it. portal_url: as citizens' browsers see the portal; blank: it is not known."""
    if not portal_url:
        return OnlineForm("", question.until, ())
    address = question_url(portal_url, QuestionLink(question.secret).token)
    code = segno.make(address, error="m", boost_error=False, micro=False)
    return OnlineForm(address, question.until, tuple("".join(str(each) for each in row) for row in code.matrix))
