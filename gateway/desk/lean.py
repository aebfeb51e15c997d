"""A Reading made short for its way between two processes, and put together again. Opens no pipe.

Left out is what is long and nobody asks for once the mail is read: HTML and the octets of files. A value goes as the
number of its class and its fields by position: to name each class and set each field would be most of the work.
"""

from collections.abc import Callable
from dataclasses import fields
from enum import Enum
from operator import attrgetter
from typing import Any

from gateway.mail.address import Mailbox
from gateway.mail.authentication import Authentication, Result
from gateway.mail.envelope import Envelope
from gateway.mail.message import Attachment, Mark, Message
from gateway.mail.reply_text import Fold, FoldKind, ReplyText
from gateway.tickets.classify import Classified, Kind
from gateway.tickets.evidence import Clue, Evidence, Strength
from gateway.tickets.model import ReplyTo
from gateway.tickets.reading import Reading
from gateway.tickets.routing import Routed

_LEFT_OUT = {(Message, "html"): "", (Attachment, "content"): b""}
# What nearly every Reading is made of; the rest goes as pickle has it.
_KINDS: tuple[type, ...] = (
    *(Reading, Message, Mailbox, Attachment, Mark, Envelope, ReplyText, Fold, FoldKind, Classified, Kind),
    *(Evidence, Clue, Strength, Routed, ReplyTo, Authentication, Result),
)
_Reduced = tuple[Callable[..., object], tuple[Any, ...]]


def put_together(number: int, *values: object) -> object:
    """The value of the class with this number."""
    return _KINDS[number](*values)


def _reducer(number: int, kind: Any) -> Callable[[Any], _Reduced]:
    if issubclass(kind, Enum):
        return lambda member: (put_together, (number, member.value))
    names = [field.name for field in fields(kind) if field.init]
    # `_size` knows nothing while the content is there; `size` does.
    values = attrgetter(*(name.lstrip("_") for name in names))
    left_out = [(at, _LEFT_OUT[kind, name]) for at, name in enumerate(names, 1) if (kind, name) in _LEFT_OUT]

    def reduce(value: Any) -> _Reduced:
        said = [number, *values(value)]
        for at, empty in left_out:
            said[at] = empty
        return put_together, tuple(said)

    return reduce


REDUCERS = {kind: _reducer(number, kind) for number, kind in enumerate(_KINDS)}  # as `pickle.Pickler.dispatch_table`
