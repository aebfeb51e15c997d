"""What is asked and what is answered, as values, and the headers that go with every answer. It opens no connection."""

from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

READ = ("GET", "HEAD")  # these change nothing (RFC 9110 §9.2.1)
PHRASES = {
    200: "OK",
    303: "See Other",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    421: "Misdirected Request",
    422: "Unprocessable Content",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}
Headers = tuple[tuple[str, str], ...]
ALWAYS: Headers = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),  # frame-ancestors, for those who do not know it
    ("X-Robots-Tag", "noindex, nofollow, noarchive"),
    ("Referrer-Policy", "no-referrer"),  # the address is the key
    ("Cache-Control", "no-store"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_POLICY = ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'")


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `path` is as it was written, without what follows a `?`; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str:
        """The header's value, empty when there is none."""
        return self.headers.get(name, "")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `headers` are its own, to which those that go with every answer are added."""

    status: int
    body: str = field(default="", repr=False)
    content_type: str = "text/plain; charset=utf-8"
    headers: Headers = ()


def plain(status: int, *headers: tuple[str, str]) -> Answer:
    """An answer that says no more than its status."""
    return Answer(status, f"{PHRASES[status]}\n", headers=headers)


def security_policy(*styles: str) -> tuple[str, str]:
    """The header that lets a page load nothing, run nothing and be framed by nobody; `styles` are hashes of its own."""
    allowed = " ".join(f"'{each}'" for each in styles)
    directives = (_POLICY[0], f"style-src {allowed}", *_POLICY[1:]) if styles else _POLICY
    return "Content-Security-Policy", "; ".join(directives)  # CSP3


def headers_of(answer: Answer, always: Headers, now: datetime) -> list[tuple[str, str]]:
    """All headers of an answer: no server, no version, no cookie."""
    octets = len(answer.body.encode())
    return [
        ("Date", format_datetime(now, usegmt=True)),
        ("Content-Type", answer.content_type),
        ("Content-Length", str(octets)),
        ("Connection", "close"),
        *always,
        *answer.headers,
    ]
