"""Where the town takes its mail, and where it hands its own over."""

from citizen_sandbox.play.settings import TileSettings


class MailSettings(TileSettings):
    """lmtp_authserv_id: the name under which the town's mail server, which the sandbox plays too, judges senders."""

    sandbox_smtp_port: int = 8025
    sandbox_lmtp_host: str = "127.0.0.1"
    sandbox_lmtp_port: int = 8024
    lmtp_authserv_id: str = "mx.mairie.example"
