"""What the provider's answer says that a browser brings back: a code, or why there is none. Pure."""

from dataclasses import dataclass, field

from agent_desk.domain.sign_in.openid.errors import RefusedAnswerError
from agent_desk.domain.sign_in.openid.provider import Provider

LONGEST_CODE = 4_096  # characters


@dataclass(frozen=True)
class ProviderAnswer:
    """The parameters of the address that the browser was sent to; blank: not there. error: why there is no code."""

    state: str = field(repr=False)
    code: str = field(repr=False)
    issuer: str
    error: str


def code_of(answer: ProviderAnswer, provider: Provider) -> str:
    """Return the code, if it is this provider's (RFC 9207). Raises RefusedAnswerError."""
    if (answer.issuer or provider.names_itself) and answer.issuer != provider.issuer:
        raise RefusedAnswerError("wrong-issuer")
    if not answer.code or len(answer.code) > LONGEST_CODE:
        raise RefusedAnswerError("no-code")
    return answer.code
