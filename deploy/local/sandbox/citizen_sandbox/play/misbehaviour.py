"""Trouble on demand: the next N times, a provider behaves as providers sometimes do."""

from dataclasses import dataclass
from enum import StrEnum


class Trouble(StrEnum):
    """What can go wrong, named place-what. Each strikes the next N sends of its place."""

    TWILIO_THROTTLED = "twilio-throttled"
    TWILIO_ERROR = "twilio-error"
    TWILIO_ANSWER_LOST = "twilio-answer-lost"
    TWILIO_UNSUBSCRIBED = "twilio-unsubscribed"
    TWILIO_UNDELIVERED = "twilio-undelivered"
    TWILIO_DOUBLED_WEBHOOK = "twilio-doubled-webhook"
    TWILIO_LOST_WEBHOOK = "twilio-lost-webhook"
    TWILIO_MEDIA_REFUSED = "twilio-media-refused"
    TWILIO_LOST_STATUS = "twilio-lost-status"
    TWILIO_DOUBLED_STATUS = "twilio-doubled-status"
    TWILIO_REORDERED_STATUS = "twilio-reordered-status"
    TELEGRAM_THROTTLED = "telegram-throttled"
    TELEGRAM_ERROR = "telegram-error"
    TELEGRAM_ANSWER_LOST = "telegram-answer-lost"
    TELEGRAM_BLOCKED = "telegram-blocked"
    TELEGRAM_DOUBLED_WEBHOOK = "telegram-doubled-webhook"
    TELEGRAM_FILE_ERROR = "telegram-file-error"
    SMTP_DEFERRED = "smtp-deferred"
    SMTP_REFUSED = "smtp-refused"
    SMTP_ANSWER_LOST = "smtp-answer-lost"
    SMTP_SLOW_ANSWER = "smtp-slow-answer"  # takes the mail at once, says so after `retry_after` seconds
    MAIL_DOUBLED = "mail-doubled"


@dataclass(frozen=True)
class Order:
    """How often a trouble still strikes. retry_after: seconds, for the throttled ones and the slow answer."""

    count: int
    retry_after: int = 1


class Misbehaviour:
    """The troubles ordered so far. Every strike uses one up."""

    def __init__(self) -> None:
        self._orders: dict[Trouble, Order] = {}

    def ask(self, trouble: Trouble, order: Order) -> None:
        """Let `trouble` strike `order.count` times from now on; 0 takes the order back."""
        self._orders[trouble] = order

    def strike(self, trouble: Trouble) -> Order | None:
        """Use one strike up and return its order; None when that trouble is not due."""
        order = self._orders.get(trouble)
        if order is None or order.count < 1:
            return None
        self._orders[trouble] = Order(order.count - 1, order.retry_after)
        return order

    def strikes(self, trouble: Trouble) -> bool:
        """Use one strike up and say whether the trouble strikes now."""
        return self.strike(trouble) is not None

    def remaining(self) -> dict[Trouble, Order]:
        """Return what is still to strike."""
        return {trouble: order for trouble, order in self._orders.items() if order.count > 0}

    def clear(self) -> None:
        """Behave well again."""
        self._orders.clear()
