"""Takes mail by SMTP and LMTP: refuses unknown recipients early, says 250 only after the commit. It relays nothing."""

from gateway.inbound.smtp.listener import Listener, start

__all__ = ["Listener", "start"]
