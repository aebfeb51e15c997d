"""The enhanced status (RFC 3463) in a mail system's own words: given, or made of its reply code and what it says."""

import re

ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")  # RFC 3463 §2
_REPLY_CODE = re.compile(
    r"(?<![\d.:/\-])(4(?:2[12]|3[12]|4[1-9]|5[0-5]|7[01])|5(?:0[0-5]|1[0-7]|2[0-3]|3[0-5]|4[0-7]|5[0-9]|7[0-7]))"
    r"(?=[\s\-:;,#)\]'\"]|\Z)"
)
# RFC 5321 §4.2.3, where the words do not say more.
_OF_CODE = {"421": "4.3.2", "452": "4.2.2", "551": "5.1.6", "552": "5.2.2", "553": "5.1.3", "523": "5.3.4"}
_LONGEST = 4_000


def _said(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases))


# What systems say, case-folded, and the subject and detail of RFC 3463 that it means; the first that is found counts.
_REASONS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "2.2",
        _said(
            r"over ?quota|quota (?:exceeded|limit)|exceed\w* (?:\w+ ){0,3}quota|mailbox (?:is |size )?(?:full|exceed)",
            r"(?:mailbox|inbox|user|account|storage) (?:\w+ ){0,3}(?:is full|over (?:its )?quota|out of storage)",
            r"mailfolder is full|insufficient (?:\w+ ){0,2}(?:storage|space|disk)|disk full|exceeds? allowed size",
            r"not enough (?:storage|space)|has run out of|mailbox has exceeded|maildir (?:over|full)",
            r"postfach (?:\w+ ){0,3}(?:voll|überfüllt)|speicherplatz|boîte (?:\w+ ){0,4}pleine|quota dépassé",
            r"buzón (?:\w+ ){0,2}lleno|casella (?:\w+ ){0,3}piena|caixa (?:\w+ ){0,4}cheia|skrzynka (?:\w+ ){0,3}pełna",
            r"przepełnion|переполнен|превышена квота|邮箱(?:空间)?已?满|空间不足|容量(?:を超え|オーバー|不足)|いっぱいです",
            r"πλήρες|pilna",
        ),
    ),
    (
        "1.2",
        _said(
            r"host (?:or domain name )?not found|(?:host|domain) (?:unknown|not found|does not exist)|unknown (?:host|domain)",
            r"couldn't find any host|no such (?:host|domain)|domain (?:name )?(?:\S+ )?(?:could not be|couldn't be|wasn't) found",
            r"bad destination (?:host|system)|name service error|nxdomain|non-existent (?:host|domain)|invalid domain",
            r"all relevant mx records|domain has no mail|dns (?:lookup|query|error)|домен не (?:найден|существует)",
            r"域名(?:不存在|错误)|domain existiert nicht|dominio (?:\S+ )?(?:inesistente|no existe)",
        ),
    ),
    (
        "1.1",
        _said(
            r"(?:user|recipient|mailbox|address|account|adressee|addressee|receiver|local part|login) (?:\S+ ){0,4}"
            r"(?:is |was |are )?(?:unknown|not found|invalid|not known|unrecognized|not recognized|nonexistent)",
            r"(?:unknown|invalid|nonexistent|non-existent|no such|illegal|bad|not a valid|incorrect|unrecognized|not a known) "
            r"(?:\S+ ){0,2}(?:user|recipient|mailbox|address|account|addressee|person|name|alias|destination)",
            r"no (?:mailbox|account|user|recipient)(?: here)? (?:\S+ ){0,2}(?:by|with|named?|called)",
            r"(?:does not|doesn't|didn't|did not|do not|don't|no longer) (?:\S+ ){0,3}"
            r"(?:exist|have an? (?:\S+ ){0,2}account|have (?:such )?(?:an? )?mailbox|available|active|on server)",
            r"(?:wasn't|was not|couldn't be|could not be|cannot be|can't be) found|address not found|no existing mailbox",
            r"not listed in (?:the )?(?:public|domino|name)|no matches to nameserver|receiver not found|not our customer",
            r"mailbox (?:name )?(?:is |currently )?(?:unavailable|not available|not allowed|invalid)|recipient rejected",
            r"recipient address rejected|account (?:has been )?(?:deleted|closed|removed)|recipientnotfound|not_found|no valid recipients",
            r"unzustellbar an|unbekannt|existiert nicht|nicht (?:bekannt|gefunden|vorhanden|existent)|kein (?:solcher )?benutzer",
            r"inconnue?\b|n'existe pas|introuvable|aucun (?:utilisateur|compte)|destinataire (?:invalide|inexistant)",
            r"no existe|descon(?:oc|hec)id[oa]|inexistente|no (?:se )?(?:encontr|ha encontrad)\w*|usuario inválido|não existe",
            r"não (?:foi )?encontrad[oa]|inesistente|sconosciut[oa]|non esiste|non (?:è stat[oa] )?trovat[oa]",
            r"nie istnieje|nie (?:ma|znaleziono|odnaleziono|(?:został[ao]?|można) (?:znalezion|odnale|znale)\w*)|nieznany|nieprawidłowy adres|brak (?:konta|użytkownika|skrzynki)",
            r"нет такого|не существует|не найден|неизвестн|отсутствует|недействительн|неверный адрес|не знайдено",
            r"不存在|查无此人|無此|无此|找不到|未找到|無效|无效|见つかりません|見つかりません|見つからな|存在しな|宛先不明",
            r"ユーザー?不明|아닙니다|존재하지 않|없는 (?:사용자|계정)|δεν (?:βρέθηκε|υπάρχει)|άγνωστο|nav atrast|neeksistē|nepastāv",
            r"niet gevonden|bestaat niet|onbekend|okänd|ukendt|ukjent|finns inte|ei löydy|neexistuje|nem létezik|inexistent",
            r"neznám|bulunamadı|nu există|nerastas|ei leitud|ei ole olemas",
        ),
    ),
    (
        "2.1",
        _said(
            r"(?:mailbox|account|user|recipient|address) (?:\S+ ){0,3}(?:disabled|suspended|inactive|deactivated|blocked|locked)",
            r"(?:disabled|suspended|inactive|deactivated) (?:\S+ ){0,2}(?:mailbox|account|user|recipient)|gesperrt|заблокирован",
            r"禁用|停用|冻结|désactivé|deshabilitad|disattivat|desativad|zablokowan",
        ),
    ),
    (
        "3.4",
        _said(
            r"(?:message|mail|size) (?:\S+ ){0,4}(?:too (?:large|big|long)|exceeds?)|exceeds? (?:\S+ ){0,4}(?:size|limit)|too large",
            r"maximum (?:message )?size|zu groß|trop (?:volumineux|grand)|demasiado grande|troppo grande|muito grande",
            r"zbyt duż|слишком больш|过大|超过|サイズ",
        ),
    ),
    (
        "7.1",
        _said(
            r"spam|blocked|blacklist|block ?list|blocklisted|spamhaus|relay(?:ing)? (?:\S+ ){0,3}(?:denied|prohibited|not)",
            r"not (?:permitted|allowed|authori[sz]ed)|unable to relay|access denied|policy|prohibited|refused by|reputation",
            r"content (?:rejected|filter)|virus|abgelehnt|verweigert|rejeté|rechazad|rifiutat|rejeitad|odrzucon|отклонен|отказано",
            r"拒绝|拒絕|被退|垃圾邮件|拒否|not accepting mail|banned|denied by",
        ),
    ),
    (
        "4.7",
        _said(
            r"retry time(?:out)? exceeded|(?:been )?in (?:the )?queue too long|delivery time expired|message expired|too long",
            r"retry limit|maximum (?:\S+ ){0,3}(?:retr|attempts)|exceeded (?:\S+ ){0,4}(?:time|retries|attempts)|not delivered (?:with)?in",
            r"could not (?:be )?deliver\w* (?:\S+ ){0,4}(?:for|within|after) (?:\S+ )?\d+ (?:hour|day|minute)|giving up after",
        ),
    ),
    (
        "4.1",
        _said(
            r"connection (?:timed out|refused|reset|failed)|connect(?:ion)? (?:to \S+ )?(?:timed out|refused|failed)|timed? ?out",
            r"no route to host|network (?:is )?unreachable|not respond|did not respond|couldn't connect|could not connect",
            r"unable to connect|no answer from host|wasn't able to establish an smtp|не отвечает|連接|连接",
        ),
    ),
    ("4.6", _said(r"too many hops|mail (?:forwarding )?loop|routing loop|loops back to|hop count")),
)
_PASSING = frozenset({"4.1", "4.7"})  # what may work tomorrow unless a code says otherwise


def of(text: str, *, is_delayed: bool = False) -> str:
    """The status that `text` gives or means, such as `5.1.1`; `5.0.0` (`4.0.0` where delayed) where it says nothing."""
    text = text[:_LONGEST].replace("’", "'")
    if status := exact(text):
        return status
    given = [found[0] for found in ENHANCED.finditer(text) if found[1] != "2"]
    code = next((found[1] for found in _REPLY_CODE.finditer(text)), "")
    meant = _meant(text.lower())
    severity = given[0][0] if given else code[:1] or ("4" if is_delayed or meant in _PASSING else "5")
    if meant and not (meant == "1.1" and severity == "4"):
        return f"{severity}.{meant}"
    return _OF_CODE.get(code) or f"{severity}.0.0"


def exact(text: str) -> str:
    """The first enhanced status in `text` that says more than its class, or an empty string."""
    found = (match for match in ENHANCED.finditer(text[:20_000]) if match[1] != "2")
    return next((match[0] for match in found if not match[0].endswith(".0.0")), "")


def _meant(words: str) -> str:
    return next((detail for detail, pattern in _REASONS if pattern.search(words)), "")


def has_permanent_code(text: str) -> bool:
    """Whether the words contain a code that says that it is over."""
    return any(found[1] == "5" for found in ENHANCED.finditer(text)) or any(
        found[1].startswith("5") for found in _REPLY_CODE.finditer(text)
    )
