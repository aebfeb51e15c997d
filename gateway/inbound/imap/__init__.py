"""Mail from IMAP: a mailbox keeps one folder read over one connection. The only place that knows imapclient."""

from gateway.inbound.imap.comparison import compare
from gateway.inbound.imap.connection import check
from gateway.inbound.imap.mailbox import Mailbox

__all__ = ["Mailbox", "check", "compare"]
