"""What can go wrong between the desk and an identity provider. Messages are for operators: codes, nobody's claims."""

from guichet.errors import TransientError


class ProviderAwayError(TransientError):
    """The provider does not answer, or not with what one answers: nobody new signs in by it meanwhile."""


class RefusedAnswerError(Exception):
    """What was said in the provider's name does not hold. reason: a kebab-case code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownKeyError(RefusedAnswerError):
    """Signed by a key that the provider did not publish when it was last asked: it may have a new one."""

    def __init__(self) -> None:
        super().__init__("unknown-key")
