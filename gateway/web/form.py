"""What a form brings, and whether it comes from our own page. Pure; who may answer at all, the link's token says."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from gateway.mail import tokens
from gateway.mail.tokens import Keyring, Purpose, Token
from gateway.tickets import survey_page
from gateway.tickets.survey import RATINGS
from gateway.web.exchange import Request

_TYPE = "application/x-www-form-urlencoded"
_MOST_FIELDS = 10
_RATING = re.compile(f"[{RATINGS[0]}-{RATINGS[-1]}]")


@dataclass(frozen=True, slots=True)
class Form:
    """`rating` is None where none was chosen; `key` is what the page put in to know its own form again."""

    rating: int | None
    comment: str
    key: str

    @property
    def is_too_long(self) -> bool:
        """Whether it says more than we keep."""
        return len(self.comment) > survey_page.LONGEST_COMMENT


def read(request: Request) -> Form | None:
    """The form in a request's body; None where there is none, or one that our page cannot have sent."""
    if request.header("content-type").partition(";")[0].strip().lower() != _TYPE:
        return None
    try:
        fields = dict(parse_qsl(request.body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS))
    except ValueError:
        return None
    chosen = fields.get("rating", "")
    return Form(
        rating=int(chosen) if _RATING.fullmatch(chosen) else None,
        comment=survey_page.comment_of(fields.get("comment", "")),
        key=fields.get("form", ""),
    )


def key_for(ring: Keyring, link: Token, written: str) -> str:
    """What marks the form of the page that this link opens: nobody can make it, and it fits no other link."""
    return tokens.sign(ring, Token(Purpose.FORM, link.code), bearer=written)


def is_ours(request: Request, form: Form, ring: Keyring, written: str, origin: str) -> bool:
    """Whether the form was sent by our own page, opened by the link as `written`. It needs no cookie.

    A page without referrer sends `Origin: null` with its form (Fetch §3.2); browsers since 2023 then still say whose
    page it was (Sec-Fetch-Site), and to all others what counts is the form's key, which only our page can show.
    """
    said = request.header("origin")
    if said not in {"", "null", origin} or request.header("sec-fetch-site") not in {"", "same-origin"}:
        return False
    key = tokens.verify(ring, form.key, bearer=written)
    return key is not None and key.purpose is Purpose.FORM
