"""What tells mail of machines from mail of people, as data: each sign has a name for the trace, points and a kind.

A hundred points make a message automatic. Signs that people's mail may carry for innocent reasons stay below that and
count only together. Fields that ask *us* not to answer by machine are in `SUPPRESSIONS`; they prove nothing.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class AutomaticKind(StrEnum):
    """What an automatic message is."""

    AUTOMATIC = "automatic"
    OUT_OF_OFFICE = "out-of-office"
    DELIVERY_REPORT = "delivery-report"
    READ_RECEIPT = "read-receipt"
    CALENDAR_REPLY = "calendar-reply"
    LIST = "list"
    NEWSLETTER = "newsletter"
    ABUSE_REPORT = "abuse-report"


CERTAIN = 100


@dataclass(frozen=True, slots=True)
class Signal:
    """One piece of evidence that was found; what speaks against has points below zero."""

    name: str
    points: int
    kind: AutomaticKind


@dataclass(frozen=True, slots=True)
class HeaderSign:
    """A field whose value, case-folded, is found by `pattern`."""

    name: str
    header: str
    pattern: re.Pattern[str]
    points: int
    kind: AutomaticKind = AutomaticKind.AUTOMATIC


def _sign(
    name: str, header: str, pattern: str, points: int, kind: AutomaticKind = AutomaticKind.AUTOMATIC
) -> HeaderSign:
    return HeaderSign(name, header, re.compile(pattern), points, kind)


_ANY = r"\S"
_K = AutomaticKind
HEADER_SIGNS = (
    # RFC 3834 §5: the first word decides, `no` is a person's mail.
    _sign("auto-submitted", "auto-submitted", r"^\s*(?:\([^)]*\)\s*)?(?!(?:no|none|false)\b)[a-z]", CERTAIN),
    _sign(
        "auto-submitted vacation",
        "auto-submitted",
        r"vacation|owner-email|out.of.office|\bool?of\b",
        50,
        _K.OUT_OF_OFFICE,
    ),
    _sign("x-fc-machinegenerated", "x-fc-machinegenerated", r"true", CERTAIN),
    _sign("x-amazon-mail-relay-type", "x-amazon-mail-relay-type", r"notification", CERTAIN),
    _sign("x-precedence bulk", "x-precedence", r"^(?:bulk|junk)", 45),
    _sign("exchange made it", "x-ms-exchange-generated-message-source", r"agent", CERTAIN),
    _sign("x-list-administrivia", "x-list-administrivia", r"yes", CERTAIN),
    _sign("x-delivery-agent tmda", "x-delivery-agent", r"tmda", 60),
    _sign("x-tmda-challenge", "x-tmda-confirm", _ANY, CERTAIN),
    _sign("x-challenge", "x-challenge-response", _ANY, CERTAIN),
    _sign("x-boxbe", "x-boxbe-notice", _ANY, CERTAIN),
    _sign("x-servicenow-generated", "x-servicenow-generated", r"true|yes", CERTAIN),
    _sign("x-phabricator", "x-phabricator-sent-this-message", _ANY, CERTAIN),
    _sign("x-gerrit", "x-gerrit-messagetype", _ANY, CERTAIN),
    _sign("x-launchpad", "x-launchpad-message-rationale", _ANY, CERTAIN),
    _sign("x-redmine", "x-redmine-host", _ANY, CERTAIN),
    _sign("x-trac", "x-trac-project", _ANY, CERTAIN),
    _sign("x-github-sender", "x-github-sender", _ANY, CERTAIN),
    _sign("x-gitlab-project", "x-gitlab-project", _ANY, CERTAIN),
    _sign("x-jenkins", "x-jenkins-job", _ANY, CERTAIN),
    _sign("x-linkedin", "x-linkedin-class", _ANY, CERTAIN),
    _sign("x-facebook", "x-facebook-notify", _ANY, CERTAIN),
    _sign("x-notification", "x-notification-type", _ANY, 60),
    _sign("x-notifications", "x-notifications", _ANY, 60),
    _sign("x-aws-notification", "x-amz-sns-message-type", _ANY, 60),
    _sign("x-discourse", "x-discourse-post-id", _ANY, 60),
    _sign("x-rt-loop-prevention", "x-rt-loop-prevention", _ANY, 40),
    _sign("x-otrs-loop", "x-otrs-loop", r"yes|true", 60),
    _sign("x-znuny-loop", "x-znuny-loop", r"yes|true", 60),
    _sign("x-zendesk", "x-zendesk-from-account-id", _ANY, 40),
    _sign("x-freshdesk", "x-freshdesk-ticket-id", _ANY, 40),
    _sign("x-zammad", "x-zammad-system", _ANY, 40),
    _sign("x-osticket", "x-osticket-notice", _ANY, 60),
    _sign("autoresponder program", "x-mailer", r"auto-?(?:respon|repl)|nagios|zabbix|logwatch|cron", CERTAIN),
    _sign("x-cron-env", "x-cron-env", _ANY, CERTAIN),
    _sign("x-github-reason", "x-github-reason", _ANY, CERTAIN),
    _sign("x-gitlab-notification", "x-gitlab-notificationreason", _ANY, CERTAIN),
    _sign("x-jira-fingerprint", "x-jira-fingerprint", _ANY, CERTAIN),
    _sign("x-bugzilla-reason", "x-bugzilla-reason", _ANY, CERTAIN),
    _sign("x-nagios", "x-nagios-notification", _ANY, CERTAIN),
    _sign(
        "exchange mailbox rules", "x-ms-exchange-generated-message-source", r"mailbox rules agent", 60, _K.OUT_OF_OFFICE
    ),
    _sign("exchange inbox rules loop", "x-ms-exchange-inbox-rules-loop", _ANY, 60, _K.OUT_OF_OFFICE),
    _sign("vacation program, user agent", "user-agent", r"vacation", 60, _K.OUT_OF_OFFICE),
    _sign("x-sieve vacation", "x-sieve", r"vacation", 60, _K.OUT_OF_OFFICE),
    _sign("vacation program", "x-mailer", r"vacation", 60, _K.OUT_OF_OFFICE),
    _sign("x-vacation", "x-vacation", _ANY, 60, _K.OUT_OF_OFFICE),
    _sign("delivered to autoresponder", "delivered-to", r"^autoresponder", 60, _K.OUT_OF_OFFICE),
    _sign("precedence auto_reply", "precedence", r"^auto[_-]reply", CERTAIN),
    _sign("x-precedence auto_reply", "x-precedence", r"^auto[_-]reply", CERTAIN),
    _sign("precedence junk", "precedence", r"^junk", 50),
    _sign("precedence bulk", "precedence", r"^bulk", 45),
    _sign("precedence list", "precedence", r"^list", 50, _K.LIST),
    _sign("x-failed-recipients", "x-failed-recipients", r"@", CERTAIN, _K.DELIVERY_REPORT),
    _sign("exchange delivery report", "x-ms-exchange-message-is-ndr", r"^(?!false)", CERTAIN, _K.DELIVERY_REPORT),
    _sign("delivery status as a message", "content-type", r"^message/delivery-status", CERTAIN, _K.DELIVERY_REPORT),
    _sign("read receipt as a message", "content-type", r"^message/disposition-notification", CERTAIN, _K.READ_RECEIPT),
    _sign(
        "calendar reply as a message",
        "content-type",
        r"^text/calendar\b.*\bmethod=\"?(?:reply|counter)",
        CERTAIN,
        _K.CALENDAR_REPLY,
    ),
    _sign("abuse report", "x-arf", r"yes|plain", CERTAIN, _K.ABUSE_REPORT),
    _sign("feedback report", "feedback-type", _ANY, CERTAIN, _K.ABUSE_REPORT),
    _sign("complaint of a mail service", "x-hmxmroriginalrecipient", _ANY, 60, _K.ABUSE_REPORT),
    _sign("complaint of a mail service", "x-spamcop-sourceip", _ANY, CERTAIN, _K.ABUSE_REPORT),
    _sign("complaint of a mail service", "x-loop", r"^scomp", CERTAIN, _K.ABUSE_REPORT),
    _sign("list-id", "list-id", _ANY, CERTAIN, _K.LIST),
    _sign("list-post", "list-post", r"^(?!no\b)\S", 60, _K.LIST),
    _sign("list precedence", "precedence", r"^bulk", 40, _K.LIST),
    _sign("list's sender", "sender", r"(?:^|<)owner-|-(?:owner|bounces|request|admin)@", 60, _K.LIST),
    _sign("list's errors-to", "errors-to", r"(?:^|<)owner-|-(?:owner|bounces|request|admin)@", 40, _K.LIST),
    _sign("x-beenthere", "x-beenthere", _ANY, 60, _K.LIST),
    _sign("x-google-group-id", "x-google-group-id", _ANY, 60, _K.LIST),
    _sign("x-listserver", "x-listserver", _ANY, 60, _K.LIST),
    _sign("list-archive", "list-archive", _ANY, 60, _K.LIST),
    _sign("list-subscribe", "list-subscribe", _ANY, 40, _K.LIST),
    _sign("mailing-list", "mailing-list", _ANY, CERTAIN, _K.LIST),
    _sign("x-mailing-list", "x-mailing-list", _ANY, CERTAIN, _K.LIST),
    _sign("x-mailman-version", "x-mailman-version", _ANY, 60, _K.LIST),
    _sign("list-unsubscribe", "list-unsubscribe", _ANY, 55, _K.NEWSLETTER),
    _sign("list-unsubscribe-post", "list-unsubscribe-post", _ANY, 45, _K.NEWSLETTER),
    _sign("x-list-unsubscribe", "x-list-unsubscribe", _ANY, 50, _K.NEWSLETTER),
    _sign("feedback-id", "feedback-id", _ANY, 30, _K.NEWSLETTER),
    _sign("x-campaign", "x-campaign", _ANY, 60, _K.NEWSLETTER),
    _sign("x-campaignid", "x-campaignid", _ANY, 60, _K.NEWSLETTER),
    _sign("x-campaign-id", "x-campaign-id", _ANY, 60, _K.NEWSLETTER),
    _sign("x-mailchimp", "x-mc-user", _ANY, 60, _K.NEWSLETTER),
    *(
        _sign(name, name, _ANY, 60, _K.NEWSLETTER)
        for name in (
            *(
                "x-mailchimp-campaign",
                "x-mailer-lid",
                "x-mailer-recptid",
                "x-mailer-sid",
                "x-mailin-campaign",
                "x-mailjet-campaign",
            ),
            *(
                "x-mailjet-campaignid",
                "x-kmail-account",
                "x-marketoid",
                "x-mktarchive",
                "x-mkto-campaign",
                "x-sfmc-stack",
                "x-job",
            ),
            *(
                "x-rpcampaign",
                "x-rpcampaignid",
                "x-emarsys-identify",
                "x-emarsys-environment",
                "x-cmail-recipientid",
                "x-elqsiteid",
            ),
            *(
                "x-elqpod",
                "x-roving-id",
                "x-roving-campaignid",
                "x-ctct-id",
                "x-getresponse-campaign",
                "x-inxmail-id",
                "x-mailingid",
            ),
            *(
                "x-mailing-id",
                "x-newsletter",
                "x-newsletter-id",
                "x-newsletterid",
                "x-phplist-version",
                "x-messageid-campaign",
            ),
            *(
                "x-cleverreach-mailing",
                "x-hubspot-campaign",
                "x-hs-cid",
                "x-mj-campaign",
                "x-sendy",
                "x-acymailing",
                "x-bronto-mailing",
            ),
            *(
                "x-responsys",
                "x-ext-campaign",
                "x-maropost-campaign",
                "x-iterable-campaign",
                "x-klaviyo-campaign",
                "x-substack-post",
            ),
        )
    ),
    *(
        _sign(name, name, _ANY, 25, _K.NEWSLETTER)
        for name in (
            "x-report-abuse",
            "x-report-abuse-to",
            "x-abuse-reports-to",
            "x-mandrill-user",
            "x-sg-eid",
            "x-msys-api",
            "x-csa-complaints",
        )
    ),
    _sign(
        "newsletter program",
        "x-mailer",
        r"mailchimp|campaign monitor|createsend|constant contact|phplist|acymailing|mailman-news|inxmail|cleverreach|newsletter|sendinblue"
        r"|getresponse|mailpoet|aweber|sendy|emarsys|dotmailer|unisender|esputnik|freshmail|optivo|listserv lite",
        60,
        _K.NEWSLETTER,
    ),
    _sign("newsletter precedence", "precedence", r"^bulk", 45, _K.NEWSLETTER),
)
# Fields that answering programs make up names for; none but these write them.
AUTOMATIC_NAMES = re.compile(r"(?:\A|-)auto-?(?:repl(?:y|ied)|respon(?:d|der|se)|answer(?:er)?|generated)(?:\Z|-)")
NOT_AUTOMATIC_NAMES = re.compile(r"suppress")
DENIALS = re.compile(r"\s*(?:no|none|false|0|off)\b")
NO_REPLY_SENDERS = re.compile(
    r"(?:\A|[-_.+=])(?:(?:no|do[-_.]?not|dont|not|never|nie|nao|ne|non)[-_.]?"
    r"(?:reply|replies|respond|response|responder|responda|responde|rispondere|answer|odpowiadaj|odpisuj|otvechat|vastaa|svar)"
    r"|(?:nicht|keine)[-_.]?antwort(?:en)?|ne[-_.]?pas[-_.]?repondre|nepasrepondre|noreplay|neatbildet|unmonitored|donotemail)"
)
# Who answers for a house: a Reply-To like this beside a no-reply sender is no visitor of a web form.
ROLES = re.compile(
    r"(?:support|help|helpdesk|info|service|services|contact|reply|replies|sales|customer\w*|care|feedback|hello|team|news|marketing"
    r"|notifications?|billing|accounts?|admin|office|press|jobs|community)(?:[-_.+\d]|\Z)"
)
MACHINE_SENDERS = re.compile(
    r"(?:root|cron|daemon|nagios\d*|icinga2?|zabbix|monit|monitoring|apache|www-data|nobody|backups?|notif(?:y|ier|ications?)"
    r"|alerts?|alarm|auto[-_.]?(?:respond(?:er)?|reply|confirm|mail(?:er)?|notify|notification|generated)|automat(?:ed|ic|on)?|mailer|listserv"
    r"|majordomo|system|robot|bot|updates?|reminders?|jenkins|jira|gitlab|github|logwatch|logcheck|anacron|scanner|fax|voicemail)"
    r"(?:[-_.+=\d]\S*)?\Z"
)
NEWSLETTER_SENDERS = re.compile(
    r"(?:e?-?news(?:letters?)?|mailings?|marketing|offers?|promo(?:tions?)?|campaigns?|digest|deals|email|e-?mails?|specials|bulletin)"
    r"(?:[-_.+=\d]\S*)?\Z"
)
COMPLAINT_SENDERS = re.compile(
    r"(?:fbl|feedback-?loop|feedbackloop|scomp|jmrp|arf|abuse-?reports?|complaints?|spamreports?|spam-?reporter|staff\Z|abuse\Z|redirect\Z|\d{6,12}\Z)"
)
# Fields by which a message asks that no machine answers it: name of the reason, field, pattern.
SUPPRESSIONS = tuple(
    (name, header, re.compile(pattern))
    for name, header, pattern in (
        ("auto-submitted", "auto-submitted", r"^\s*(?!no\b)\S"),
        ("list-id", "list-id", _ANY),
        ("list-post", "list-post", _ANY),
        ("list-unsubscribe", "list-unsubscribe", _ANY),
        ("mailing-list", "mailing-list", _ANY),
        ("mailing-list", "x-mailing-list", _ANY),
        ("precedence", "precedence", r"^(?:bulk|junk|list|auto[_-]reply)"),
        ("precedence", "x-precedence", r"^(?:bulk|junk|list|auto[_-]reply)"),
        ("x-auto-response-suppress", "x-auto-response-suppress", r"(?:^|[,;\s])(?:all|autoreply)(?:$|[,;\s])"),
        *(
            ("ticket system", name, _ANY)
            for name in (
                *(
                    "x-rt-loop-prevention",
                    "x-otrs-loop",
                    "x-znuny-loop",
                    "x-zendesk-from-account-id",
                    "x-freshdesk-ticket-id",
                ),
                *(
                    "x-zammad-system",
                    "x-servicenow-generated",
                    "x-jira-fingerprint",
                    "x-osticket-notice",
                    "x-freescout-mail-type",
                ),
            )
        ),
        ("x-loop", "x-loop", _ANY),
        ("x-no-loop", "x-no-loop", _ANY),
    )
)
