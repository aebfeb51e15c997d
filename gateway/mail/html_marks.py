"""How mail clients mark quotes and signatures in their HTML, as data: one line a client. Reads attributes, no text."""

import re
from functools import lru_cache

QUOTE = "quote"  # what is answered, the line that introduces it, or a box around both
ORIGINAL = "original"  # from here on everything is the earlier mail
SIGNATURE = "signature"
INDENT = "indent"  # a blockquote that only moves text to the right
KINDS = frozenset({QUOTE, ORIGINAL, SIGNATURE})

_CLASSES = {
    "gmail_quote": QUOTE,  # Gmail: the attribution line and the blockquote
    "gmail_quote_container": QUOTE,
    "gmail_attr": QUOTE,
    "gmail_extra": "",  # Gmail before 2018: also holds answers written below the signature
    "gmail_signature": SIGNATURE,
    "moz-cite-prefix": QUOTE,  # Thunderbird: the attribution line
    "moz-signature": SIGNATURE,
    "moz-forward-container": ORIGINAL,
    "yahoo_quoted": QUOTE,  # Yahoo
    "yahoo-quoted": QUOTE,
    "ymail_signature": SIGNATURE,
    "protonmail_quote": QUOTE,  # Proton
    "protonmail_signature_block": SIGNATURE,
    "tutanota_quote": QUOTE,
    "zmail_extra": QUOTE,  # Zoho
    "zmail_extra_hr": QUOTE,
    "ms-outlook-mobile-reference-message": ORIGINAL,
    "wordsection-reply": ORIGINAL,
    "hmmessage-quote": QUOTE,
    "gmx_quote": QUOTE,
    "cbafparagraph-quote": QUOTE,
    "qtdseparatebr": QUOTE,  # QQ Mail
    "netease_quote": QUOTE,
    "freebirdquoteanchorclass": QUOTE,
    "replycontainer": QUOTE,  # Spark and others
    "mail_quote": QUOTE,
    "mailru-blockquote": QUOTE,
    "sh-reply-container": QUOTE,
    "roundcube-quote": QUOTE,
    "airmail_signature": SIGNATURE,
    "bloop_sign": SIGNATURE,  # Airmail
    "bloop_original_html": ORIGINAL,
    "moz-email-headers-table": ORIGINAL,
    "outlookmessageheader": ORIGINAL,  # Outlook 2003 and Exchange's old web access
    "nylas-quote": QUOTE,  # Mailspring
    "missive_quote": QUOTE,
    "front-blockquote": QUOTE,
    "freshdesk_quote": QUOTE,
    "xm_mail_oringinal_describe": ORIGINAL,  # QQ Mail since 2023
    "xm_compose_origin_mail_container": ORIGINAL,
    "xm_write_history": ORIGINAL,
    "ntes-mailmaster-quote": QUOTE,  # NetEase's program for phones
    "ntes-pcmail-quote": QUOTE,
    "mail-quote-collapse": QUOTE,  # Mail.ru
    "emailquote": QUOTE,  # Exchange: plain text made HTML
    "sh-signature": SIGNATURE,  # Superhuman
    "xmail_signature": SIGNATURE,
    "gmail_signature_prefix": SIGNATURE,
    "protonmail_signature_block-user": SIGNATURE,
    "protonmail_signature_block-proton": SIGNATURE,
}
_IDS = {
    "olk_src_body_section": ORIGINAL,  # Outlook for Mac 2011 to 2019
    "divrplyfwdmsg": ORIGINAL,  # Outlook on the web: the header block; the rest follows it
    "appendonsend": ORIGINAL,  # Outlook mobile and web: an empty anchor
    "mail-editor-reference-message-container": ORIGINAL,  # new Outlook
    "reply-intro": QUOTE,
    "replybody1": QUOTE,
    "isforwardcontent": ORIGINAL,
    "isreplycontent": ORIGINAL,
    "zwchr": ORIGINAL,  # Zimbra
    "edo-original": ORIGINAL,  # Edison
    "ntes-pcmail-quote": QUOTE,
    "ntes-pcmac-quote": QUOTE,
    "composer_signature": SIGNATURE,  # Samsung
    "ymail_android_signature": SIGNATURE,
    "edo-signature": SIGNATURE,
    "_rc_sig": SIGNATURE,  # Roundcube
    "spneditorsign": SIGNATURE,  # NetEase
    "ntes-pcmail-signature": SIGNATURE,
    "protonmail_mobile_signature_block": SIGNATURE,
    "applemailsignature": SIGNATURE,
    "applelinebreakatbeginningofmessage": "",
    "applelinebreakatbeginningofsignature": "",
    "ms-outlook-mobile-signature": SIGNATURE,
    "signature": SIGNATURE,
    "x_signature": SIGNATURE,
    "outlookmobilesignature": SIGNATURE,
}
_NAMES = {
    "quote": QUOTE,  # GMX and Web.de
    "quoted-content": QUOTE,
    "messagereplysection": QUOTE,  # Spark
    "messageforwardsection": ORIGINAL,
    "messagesignaturesection": SIGNATURE,
}
_DATA_MARKERS = {"__divider__": ORIGINAL, "__quoted_text__": QUOTE, "__sig_post__": SIGNATURE}  # Zimbra
# Class names that clients put a number before (Yahoo) or after.
_ENDINGS = {"yahoo_quoted": QUOTE, "yahoo-signature": SIGNATURE, "ymail_signature": SIGNATURE}
# The same rule after Outlook on the web has rewritten it.
_OUTLOOK_LONG_RULE = re.compile(
    r"border-(?:width:1(?:\.0)?pt(?:medium|0px|0in|0cm|initial){1,3};border-style:solidnone|style:solidnonenone;border-width:1)"
)
_OUTLOOK_RULE = re.compile(r"border:none;border-top:solid#?[0-9a-z]{3,12}1(?:\.0)?pt;padding:3(?:\.0)?pt0")
_INDENTS = frozenset({"gmail_default", "webkit-indent-blockquote"})


def kind_of(tag: str, attributes: dict[str, str | None]) -> str:
    """What the client said the element is: one of the kinds above, or `""`."""
    kind = ""
    if "class" in attributes:
        kind = _kind_of_classes(attributes["class"] or "")
    if not kind and "id" in attributes:
        kind = _IDS.get((attributes["id"] or "").lower().removeprefix("x_"), "")
    if not kind and "name" in attributes:
        kind = _NAMES.get((attributes["name"] or "").lower(), "")
    if not kind and "data-marker" in attributes:
        kind = _DATA_MARKERS.get((attributes["data-marker"] or "").lower(), "")
    if kind:
        return kind
    if tag == "blockquote":
        return _kind_of_blockquote(attributes)
    return ORIGINAL if tag == "div" and _is_outlook_rule((attributes.get("style") or "")[:500]) else ""


def _kind_of_classes(names: str) -> str:
    for name in names.lower().split()[:20]:
        if kind := _CLASSES.get(name.removeprefix("x_")):
            return kind
        if name in _INDENTS:
            return INDENT
        if name.startswith("ydp") and name.endswith(tuple(_ENDINGS)):
            return next(kind for ending, kind in _ENDINGS.items() if name.endswith(ending))
    return ""


def _kind_of_blockquote(attributes: dict[str, str | None]) -> str:
    if (attributes.get("type") or "").lower() == "cite" or attributes.get("cite"):
        return QUOTE
    style = (attributes.get("style") or "").lower().replace(" ", "")
    # Apple and old Gmail indent with a borderless blockquote and a margin of exactly 40px.
    return INDENT if "border:none" in style and "margin:00040px" in style else ""


@lru_cache(maxsize=500)  # of the same styles mails are full
def _is_outlook_rule(style: str) -> bool:
    plain = style.lower().replace(" ", "").replace("windowtext", "#000000")
    return bool(_OUTLOOK_RULE.search(plain) or _OUTLOOK_LONG_RULE.search(plain))
