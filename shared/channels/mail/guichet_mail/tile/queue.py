"""The citizens' outgoing mail server, which tries until mails are taken, and the town's, which judges their senders."""

from email.utils import format_datetime, getaddresses
from uuid import uuid4

from citizen_sandbox.play.clock import now
from citizen_sandbox.play.courier import Verdict
from citizen_sandbox.play.entry import Direction, Entry, State
from citizen_sandbox.play.misbehaviour import Misbehaviour
from citizen_sandbox.play.payloads import Payload
from citizen_sandbox.play.tile import Kit
from guichet_mail.tile.bounce import bounce_of
from guichet_mail.tile.letter import TypedMail, compose, read_mail
from guichet_mail.tile.lmtp import Answer, LmtpServer
from guichet_mail.tile.results import Proof, results_header
from guichet_mail.tile.troubles import Trouble


class MailQueue:
    """Postfix's part, small: 4xx or nobody there is tried again, 5xx is final, each recipient apart."""

    def __init__(self, town: LmtpServer, kit: Kit, authserv_id: str) -> None:
        self._town = town
        self._authserv_id = authserv_id
        self._kit = kit

    async def post(self, letter: TypedMail, proof: Proof = Proof.PASS) -> Entry:
        """Send what a citizen wrote. proof: what the town's mail server finds of them."""
        raw = compose(letter, now()).as_bytes()
        recipients = [address for _name, address in getaddresses([*letter.to, *letter.cc])]
        return await self.send_raw(raw, letter.sender, recipients, proof)

    def give_back(self, mail: bytes, sender: str, recipients: list[str], trouble: Trouble) -> None:
        """Have a report go to the town, in its time, that a mail of it which was taken came to nothing."""
        if sender:  # nobody reports to the null return path (RFC 5321, 6.1)
            report = bounce_of(mail, sender, recipients, trouble, now())
            self._kit.courier.start(self._send_report(report, sender))

    async def _send_report(self, report: bytes, recipient: str) -> None:
        await self.send_raw(report, "", [recipient])

    async def send_raw(self, raw: bytes, sender: str, recipients: list[str], proof: Proof = Proof.UNSAID) -> Entry:
        """Send any bytes as a mail. sender: the envelope's, empty for a bounce's null return path."""
        mail = read_mail(raw)
        entry = Entry(
            channel="mail",
            direction=Direction.SENT,
            address=sender.lower(),
            counterpart=", ".join(recipients),
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            headers=mail.headers,
            attachments=mail.attachments,
            provider_id=mail.message_id,
            raw=raw,
        )
        stamped = results_header(raw, self._authserv_id, proof) + raw
        delivery = _Delivery(self._town, stamped, sender, recipients, self._kit.misbehaviour)

        async def attempt() -> Verdict:
            target = f"lmtp://{self._town.host}:{self._town.port}"
            payload = self._kit.payloads.note(Payload.of(entry, target, "message/rfc822", stamped, {}))
            verdict = await delivery()
            payload.become(verdict.state, verdict.answer)
            return verdict

        return await self._kit.courier.carry(entry, attempt)


class _Delivery:
    """One mail on its way. Called once per attempt; remembers who has it already."""

    def __init__(
        self, town: LmtpServer, raw: bytes, sender: str, recipients: list[str], misbehaviour: Misbehaviour
    ) -> None:
        self._town = town
        self._raw = raw
        self._sender = sender
        self._open = list(recipients)
        self._answers: dict[str, Answer] = {}
        self._misbehaviour = misbehaviour

    async def __call__(self) -> Verdict:
        tried = list(self._open)
        self._answers |= await self._hand_over(tried)
        if self._misbehaviour.strikes(Trouble.MAIL_DOUBLED):
            await self._hand_over(tried)
        self._open = [address for address in tried if not self._answers[address].is_final]
        said = (f"{address}: {answer.code} {answer.text}" for address, answer in self._answers.items())
        return Verdict(self._state(), "; ".join(said))

    async def _hand_over(self, recipients: list[str]) -> dict[str, Answer]:
        return await self._town.deliver(_received_header() + self._raw, self._sender, recipients)

    def _state(self) -> State:
        if self._open:
            return State.WAITING
        everyone = all(answer.is_accepted for answer in self._answers.values())
        return State.ACCEPTED if everyone else State.REFUSED


def _received_header() -> bytes:
    """Return the trace that each handing-over adds, different each time (RFC 5321, 4.4)."""
    stamped = format_datetime(now())
    line = f"Received: from courriel.example by mx.mairie.example with LMTP\r\n id {uuid4().hex}; {stamped}\r\n"
    return line.encode()
