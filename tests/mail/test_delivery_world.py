# ruff: noqa: E501 what systems write stands as they write it
"""Delivery reports as the world's mail systems write them, most without a machine-readable part; and people's mail."""

import pytest

from gateway.mail import delivery_report
from gateway.mail.parse import parse

BOB = "bob@there.example"
RETURNED = """\
Received: from desk.example (desk.example [203.0.113.5])
\tby mx.example with ESMTP id 1; Tue, 3 Jun 2025 10:00:00 +0000
From: Desk <desk@desk.example>
To: Bob <bob@there.example>
Cc: jane@customer.example
Subject: [SUP-1] Your printer
Message-ID: <ours@desk.example>
Date: Tue, 3 Jun 2025 10:00:00 +0000

Hello Bob, write to other@elsewhere.example if it burns.
"""


def _mail(sender, subject, body, head=""):
    fields = f"From: {sender}\nTo: desk@desk.example\nSubject: {subject}\nDate: Tue, 3 Jun 2025 10:00:05 +0000\n{head}"
    if "Content-Type:" not in head:
        fields += "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
    return parse(f"{fields}\n{body}".encode())


def _returning(text, returned=RETURNED, kind="message/rfc822", subtype="mixed"):
    """The body of a multipart message that says `text` and returns the original."""
    return (
        f"--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--b\nContent-Type: {kind}\n\n{returned}\n--b--\n",
        f'MIME-Version: 1.0\nContent-Type: multipart/{subtype}; boundary="b"\n',
    )


DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.example>"

# name: (From, Subject, text, failed address, status, is permanent, does it return the original's Message-ID)
KNOWN = {
    "sendmail 8": (
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.example>",
        "Returned mail: see transcript for details",
        """\
The original message was received at Tue, 3 Jun 2025 10:00:00 GMT
from desk.example [203.0.113.5]

   ----- The following addresses had permanent fatal errors -----
<bob@there.example>
    (reason: 550 5.1.1 <bob@there.example>... User unknown)

   ----- Transcript of session follows -----
... while talking to mx.there.example.:
>>> DATA
<<< 550 5.1.1 <bob@there.example>... User unknown
550 5.1.1 <bob@there.example>... User unknown
""",
        BOB, "5.1.1", True,
    ),
    "sendmail 5": (
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.example>",
        "Returned mail: User unknown",
        f"""\
   ----- Transcript of session follows -----
550 bob@there.example... User unknown

   ----- Unsent message follows -----
{RETURNED}""",
        BOB, "5.1.1", True,
    ),
    "sendmail, still trying": (
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.example>",
        "Warning: could not send message for past 4 hours",
        """\
    **********************************************
    **      THIS IS A WARNING MESSAGE ONLY      **
    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **
    **********************************************

The original message was received at Tue, 3 Jun 2025 10:00:00 GMT
from desk.example [203.0.113.5]

   ----- The following addresses had transient non-fatal errors -----
<bob@there.example>

   ----- Transcript of session follows -----
<bob@there.example>... Deferred: Connection timed out with mx.there.example.
Warning: message still undelivered after 4 hours
Will keep trying until message is 5 days old
""",
        "", "", False,
    ),
    "postfix, full mailbox": (
        DAEMON,
        "Undelivered Mail Returned to Sender",
        """\
This is the mail system at host mx.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to postmaster.

                   The mail system

<bob@there.example> (expanded from <info@there.example>): host mx.there.example[203.0.113.9]
    said: 452 4.2.2 Mailbox full (in reply to RCPT TO command)
""",
        BOB, "4.2.2", False,
    ),
    "exim, smtp error": (
        "Mail Delivery System <Mailer-Daemon@mx.example>",
        "Mail delivery failed: returning message to sender",
        f"""\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  bob@there.example
    SMTP error from remote mail server after RCPT TO:<bob@there.example>:
    host mx.there.example [203.0.113.9]: 550 5.7.1 Relaying denied

------ This is a copy of the message, including all the headers. ------

{RETURNED}""",
        BOB, "5.7.1", True,
    ),
    "exim, delay": (
        "Mail Delivery System <Mailer-Daemon@mx.example>",
        "Warning: message 1abc-000 delayed 24 hours",
        """\
This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.example.

The message identifier is:     1abc-000
The subject of the message is: Your printer

The address to which the message has not yet been delivered is:

  bob@there.example
    host mx.there.example [203.0.113.9]
    Delay reason: Connection timed out

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated at intervals.
""",
        "", "", False,
    ),
    "qmail": (
        "MAILER-DAEMON@mx.example",
        "failure notice",
        f"""\
Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<bob@there.example>:
203.0.113.9 does not like recipient.
Remote host said: 550 no such user
Giving up on 203.0.113.9.

--- Below this line is a copy of the message.

{RETURNED}""",
        BOB, "5.1.1", True,
    ),
    "qmail, host not found": (
        "MAILER-DAEMON@mx.example",
        "failure notice",
        f"""\
Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<bob@there.example>:
Sorry, I couldn't find any host named there.example. (#5.1.2)

--- Below this line is a copy of the message.

{RETURNED}""",
        BOB, "5.1.2", True,
    ),
    "exchange 2003": (
        "System Administrator <postmaster@there.example>",
        "Undeliverable: Your printer",
        """\
Your message

  To:      Bob
  Subject: Your printer
  Sent:    Tue, 3 Jun 2025 12:00:00 +0200

did not reach the following recipient(s):

bob@there.example on Tue, 3 Jun 2025 12:00:03 +0200
    The recipient name is not recognized
	The MTS-ID of the original message is: c=US;a= ;p=There
    MSEXCH:IMS:There:Site:MAIL 0 (000C05A6) Unknown Recipient
""",
        BOB, "5.1.1", True,
    ),
    "exchange 2000": (
        "postmaster@there.example",
        "Delivery Status Notification (Failure)",
        """\
This is an automatically generated Delivery Status Notification.

Delivery to the following recipients failed.

       bob@there.example
""",
        BOB, "5.0.0", True,
    ),
    "exchange online": (
        "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@there.example>",
        "Undeliverable: [SUP-1] Your printer",
        """\
Your message to bob@there.example couldn't be delivered.

bob wasn't found at there.example.

desk    Office 365    bob
Action Required        Recipient
Unknown To address

How to Fix It
The address may be misspelled or may not exist. Try one or more of the following:

Original Message Details
Created Date:    6/3/2025 10:00:00 AM
Sender Address:    desk@desk.example
Recipient Address:    bob@there.example
Subject:    [SUP-1] Your printer

Error Details
Reported error:    550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
DSN generated by:    DB6.eurprd01.prod.exchangelabs.com
""",
        BOB, "5.1.10", True,
    ),
    "gmail": (
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Delivery Status Notification (Failure)",
        """\
** Message blocked **

Your message to bob@there.example has been blocked. See technical details below for more information.

Learn more here: https://support.google.com/mail/?p=x

The response was:

552 5.7.0 This message was blocked because its content presents a potential security issue.
""",
        BOB, "5.7.0", True,
    ),
    "gmail, incomplete": (
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Delivery Status Notification (Delay)",
        """\
** Delivery incomplete **

There was a temporary problem delivering your message to bob@there.example. Gmail will retry for 46 more hours. You'll be notified if the delivery fails permanently.

The response was:

The recipient server did not accept our requests to connect.
""",
        "", "", False,
    ),
    "yahoo": (
        "MAILER-DAEMON@yahoo.com",
        "Failure Notice",
        f"""\
Message from  yahoo.com.
Unable to deliver message to the following address(es).

<bob@there.example>:
This user doesn't have a there.example account (bob@there.example) [-9] - mta1.mail.there.example

--- Original message follows.

{RETURNED}""",
        BOB, "5.1.1", True,
    ),
    "domino": (
        "Postmaster@there.example",
        "DELIVERY FAILURE: User bob (bob@there.example) not listed in Domino Directory",
        """\
Your message

  Subject: Your printer

was not delivered to:

  bob@there.example

because:

  User bob (bob@there.example) not listed in Domino Directory
""",
        BOB, "5.1.1", True,
    ),
    "groupwise": (
        "Mailer-Daemon@there.example",
        "Message status - undeliverable",
        """\
The message that you sent was undeliverable to the following:
	bob@there.example (user not found)

Possibly truncated original message follows:

Subject: Your printer
""",
        BOB, "5.1.1", True,
    ),
    "mailenable": (
        "POSTMASTER@there.example",
        "Message Delivery Failure",
        """\
MailEnable: Message delivery to the following recipient(s) failed.

Your message could not be delivered to the following recipient(s):

Message Recipient(s):
	[SMTP:bob@there.example]

Reason: The recipient address was rejected by the remote server (550 Requested action not taken: mailbox unavailable)
""",
        BOB, "5.1.1", True,
    ),
    "hmailserver": (
        "mailer-daemon@mx.example",
        "Message undeliverable: Your printer",
        """\
Your message did not reach some or all of the intended recipients.

   Sent: Tue, 3 Jun 2025 10:00:00 +0000
   Subject: Your printer

The following recipient(s) could not be reached:

bob@there.example
   Error Type: SMTP
   Remote server (203.0.113.9) issued an error.
   hMailServer sent: RCPT TO:<bob@there.example>
   Remote server replied: 550 No such user here

hMailServer
""",
        BOB, "5.1.1", True,
    ),
    "courier": (
        '"Courier mail server at mx.example" <@>',
        "NOTICE: mail delivery status.",
        """\
This is a delivery status notification from mx.example,
running the Courier mail server, version 0.65.

The original message was received on Tue, 03 Jun 2025 10:00:00 +0000
from desk.example ([203.0.113.5])

---------------------------------------------------------------------------

                           UNDELIVERABLE MAIL

Your message to the following recipients cannot be delivered:

<bob@there.example>:
    mx.there.example [203.0.113.9]:
<<< 550 User unknown.

---------------------------------------------------------------------------
""",
        BOB, "5.1.1", True,
    ),
    "iplanet": (
        "Internet Mail Delivery <postmaster@mx.example>",
        "Delivery Notification: Delivery has failed",
        """\
This report relates to a message you sent with the following header fields:

  Message-id: <ours@desk.example>
  Date: Tue, 03 Jun 2025 10:00:00 +0000
  From: Desk <desk@desk.example>
  To: Bob <bob@there.example>
  Subject: Your printer

Your message cannot be delivered to the following recipients:

  Recipient address: bob@there.example
  Reason: Remote SMTP server has rejected address
  Diagnostic code: smtp;550 5.1.1 <bob@there.example> is not a valid mailbox
""",
        BOB, "5.1.1", True,
    ),
    "docomo": (
        "mailer-daemon@docomo.example",
        "Undelivered Mail Returned to Sender",
        """\
Your message was not delivered to the following recipient.

Message could not be delivered to docomo user
Unknown User:<bob@there.example>
""",
        BOB, "5.1.1", True,
    ),
    "au": (
        "Post_Master@ezweb.example",
        "Mail System Error - Returned Mail",
        """\
The user(s) account is disabled.

<bob@there.example>: 550 user unknown
""",
        BOB, "5.1.1", True,
    ),
    "softbank": (
        "Mail System <MAILER-DAEMON@softbank.example>",
        "Undelivered Mail Returned to Sender",
        """\
以下のメールアドレスへの送信に失敗しました。

<bob@there.example>: 送信先メールアドレスが見つかりません
""",
        BOB, "5.1.1", True,
    ),
    "qq": (
        "Mail Delivery System <PostMaster@qq.example>",
        "系统退信/Systems bounce",
        """\
很抱歉，您发送的邮件被退回，以下是该邮件的相关信息：
Sorry to have to inform you that the message returned, the following is the mail-related information:
被退回邮件
Subject：Your printer
收信人
Recipient：bob@there.example
退信原因
收件人邮箱不存在，邮件无法投递到收件人。
host mx.there.example said: 550 Mailbox not found (in reply to RCPT TO command)
""",
        BOB, "5.1.1", True,
    ),
    "163": (
        "Postmaster@163.example",
        "系统退信",
        """\
抱歉，您的邮件被退回来了……
原邮件信息：
时 间： 2025-06-03 18:00:00
主 题： Your printer
收件人： bob@there.example

退信原因： 收件人不存在
英文说明： RP:RCP bob@there.example: 550 User not found
""",
        BOB, "5.1.1", True,
    ),
    "mail.ru": (
        "mailer-daemon@corp.mail.example",
        "Mail failure.",
        """\
Это письмо создано автоматически
сервером Mail.Ru, отвечать на него не
нужно.

К сожалению, Ваше письмо не может
быть доставлено одному или нескольким
получателям:

**********************

bob@there.example
SMTP error from remote mail server after RCPT TO:<bob@there.example>:
host mx.there.example [203.0.113.9]: 550 Message was not accepted -- invalid mailbox.
Local mailbox bob@there.example is unavailable: user not found
""",
        BOB, "5.1.1", True,
    ),
    "yandex": (
        "mailer-daemon@yandex.example",
        "Недоставленное сообщение",
        """\
Это письмо отправлено почтовым сервером yandex.example.

К сожалению, мы вынуждены сообщить Вам о том, что Ваше письмо не может
быть отправлено одному или нескольким адресатам. Технические подробности можно
найти ниже.

<bob@there.example>: host mx.there.example[203.0.113.9] said: 550 5.7.1 No such user! (in reply to RCPT TO command)
""",
        BOB, "5.7.1", True,
    ),
    "gmx": (
        "GMX Mailer Daemon <mailer-daemon@gmx.example>",
        "Mail delivery failed: returning message to sender",
        f"""\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to
one or more of its recipients. This is a permanent error.
The following address(es) failed:

bob@there.example:
SMTP error from remote server for RCPT TO command, host: mx.there.example (203.0.113.9) reason: 550 Requested action not taken: mailbox unavailable

--- The header of the original message is following. ---

{RETURNED}""",
        BOB, "5.1.1", True,
    ),
    "t-online": (
        "Mail Delivery System <mailer-daemon@t-online.example>",
        "Nicht zustellbar: Ihr Drucker",
        """\
|------------------------- Message log follows: -------------------------|
 no valid recipients were found for this message
|------------------------- Failed addresses follow: ---------------------|
 <bob@there.example> ... transport smtp: 550 5.2.1 mailbox disabled
|------------------------- Message text follows: ------------------------|
""",
        BOB, "5.2.1", True,
    ),
    "laposte": (
        "mailer-daemon@laposte.example",
        "Echec de distribution",
        """\
Bonjour,

Votre message n'a pas pu être remis au destinataire suivant :

<bob@there.example>: adresse inconnue. 550 5.5.0 Service refuse.

Ceci est un message automatique.
""",
        BOB, "5.5.0", True,
    ),
    "onet": (
        "Mailer-Daemon@poczta.example",
        "Niedostarczona wiadomość",
        """\
Przepraszamy, ale Twoja wiadomość nie mogła zostać dostarczona do:

<bob@there.example>: nie ma takiego użytkownika
550 Brak konta
""",
        BOB, "5.1.1", True,
    ),
    "libero": (
        "postmaster@libero.example",
        "Mancata consegna",
        """\
Il messaggio non è stato recapitato al seguente destinatario:

bob@there.example

Motivo: casella di posta inesistente
""",
        BOB, "5.1.1", True,
    ),
    "terra": (
        "Mail Delivery System <MAILER-DAEMON@terra.example>",
        "Correo no entregado",
        """\
Lo sentimos, su mensaje no ha podido ser entregado a los siguientes destinatarios:

<bob@there.example>: El usuario no existe
""",
        BOB, "5.1.1", True,
    ),
    "uol": (
        "mailer-daemon@uol.example",
        "Mensagem não entregue",
        """\
Sua mensagem não pôde ser entregue para o(s) destinatário(s):

bob@there.example
usuário desconhecido
""",
        BOB, "5.1.1", True,
    ),
    "mimecast": (
        "postmaster@mimecast.example",
        "[Postmaster] Email Delivery Failure",
        """\
Email Delivery Failure

This is a notice that your email could not be delivered to the following recipients:

bob@there.example

Error: 550 Invalid Recipient - https://community.mimecast.example/docs/DOC-1369#550
""",
        BOB, "5.1.1", True,
    ),
    "barracuda": (
        "Barracuda Spam Firewall <postmaster@barracuda.example>",
        "**Message you sent blocked by our bulk email filter**",
        """\
Your message to: bob@there.example
was blocked by our Spam Firewall. The email you sent with the following subject has NOT BEEN DELIVERED:

Subject: Your printer
""",
        BOB, "5.7.1", True,
    ),
    "openwave": (
        "Mail Administrator <Postmaster@isp.example>",
        "Mail System Error - Returned Mail",
        """\
This Message was undeliverable due to the following reason:

Each of the following recipients was rejected by a remote mail server.
The reasons given by the server are included to help you determine why
each recipient was rejected.

    Recipient: <bob@there.example>
    Reason:    5.1.1 <bob@there.example>... User unknown

Please reply to <Postmaster@isp.example>
if you feel this message to be in error.
""",
        BOB, "5.1.1", True,
    ),
    "mdaemon": (
        "MAILER-DAEMON@mx.example",
        "Permanent Delivery Failure",
        """\
The attached message had PERMANENT fatal delivery errors!

After one or more unsuccessful delivery attempts the attached message has
been removed from the mail queue on this server.

Failed address: bob@there.example

--- Session Transcript ---
 Tue 2025-06-03 10:00:01: <-- 550 Unknown user
--- End Transcript ---
""",
        BOB, "5.1.1", True,
    ),
    "imail": (
        "Mailer-daemon@mx.example",
        "Undeliverable Mail",
        """\
Unknown user: bob@there.example


Original message follows.

Subject: Your printer
""",
        BOB, "5.1.1", True,
    ),
    "james": (
        "postmaster@there.example",
        "Re: Your printer",
        """\
Hi. This is the James mail server at there.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.
Below I include the list of recipients and the reason why I was unable to
deliver your message.

Failed recipient(s):
bob@there.example

Error message:
Unknown user
""",
        BOB, "5.1.1", True,
    ),
}  # fmt: skip


def _report(case):
    sender, title, text, *_ = case
    return delivery_report.read(_mail(sender, title, text))


def _check(case):
    found = _report(case)
    _, _, text, address, status, is_permanent = case
    assert found is not None
    assert [failed.address for failed in found.failed] == ([address] if address else [])
    assert [(failed.status, failed.is_permanent) for failed in found.failed] == (
        [(status, is_permanent)] if address else []
    )
    assert found.is_delayed is (not address)
    if "Message-ID: <ours@desk.example>" in text or "Message-id: <ours@desk.example>" in text:
        assert found.original_message_id == "ours@desk.example"


@pytest.mark.parametrize("case", KNOWN.values(), ids=KNOWN)
def test_known_systems(case):
    _check(case)


# Written after the rules, as a check on them: first run of these is the honest figure.
MORE = {
    "aol": (
        "MAILER-DAEMON@aol.example",
        "Returned mail: User unknown",
        """\
Your mail to the following recipients could not be delivered because they are not accepting mail from desk@desk.example:
	bob@there.example
""",
        BOB, "5.7.1", True,
    ),
    "icloud": (
        "Mail Delivery System <postmaster@mac.example>",
        "Undelivered Mail Returned to Sender",
        """\
Hello, this is the mail server on p00-iosmtp.mac.example.

I am sending you this message to inform you on the delivery status of a
message you previously sent.  Immediately below you will find a list of
the affected recipients.

   <bob@there.example>
   5.2.2 The user's mailbox is over quota
""",
        BOB, "5.2.2", True,
    ),
    "zoho": (
        "mailer-daemon@mail.zoho.example",
        "Undelivered Mail Returned to Sender",
        """\
This message was created automatically by mail delivery software.
 A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.

bob@there.example Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 <bob@there.example>: Recipient address rejected
""",
        BOB, "5.1.1", True,
    ),
    "exchange, german": (
        "Microsoft Outlook <postmaster@there.example>",
        "Unzustellbar: Ihr Drucker",
        """\
Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:

Bob (bob@there.example)<mailto:bob@there.example>
Die eingegebene E-Mail-Adresse konnte nicht gefunden werden. Überprüfen Sie die E-Mail-Adresse des Empfängers.

Diagnoseinformationen für Administratoren:

Generierender Server: EX01.there.local

bob@there.example
#< #5.1.1 smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found> #SMTP#
""",
        BOB, "5.1.1", True,
    ),
    "exchange, french": (
        "Administrateur système <postmaster@there.example>",
        "Non remis : Votre imprimante",
        """\
Votre message n'est pas parvenu à certains ou à tous les destinataires.

      Objet :	Votre imprimante
      Date :	03/06/2025 12:00

Impossible d'atteindre le ou les destinataires suivants :

      bob@there.example le 03/06/2025 12:00
            Le compte de messagerie n'existe pas dans l'organisation.
""",
        BOB, "5.1.1", True,
    ),
    "exchange, russian": (
        "Системный администратор <postmaster@there.example>",
        "Недоставленное сообщение: Принтер",
        """\
Ваше сообщение не доставлено некоторым или всем получателям.

      Тема:	Принтер
      Отправлено:	03.06.2025 12:00

Не удается связаться со следующими получателями:

      bob@there.example
            Учетная запись электронной почты не существует. <#5.1.1>
""",
        BOB, "5.1.1", True,
    ),
    "exchange, polish": (
        "Administrator systemu <postmaster@there.example>",
        "Niedostarczalne: Drukarka",
        """\
Dostarczenie do następujących adresatów lub grup nie powiodło się:

bob@there.example
Wprowadzony adres e-mail nie został znaleziony.
""",
        BOB, "5.1.1", True,
    ),
    "gmail, polish": (
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Delivery Status Notification (Failure)",
        """\
** Nie znaleziono adresu **

Wiadomość nie została dostarczona na adres bob@there.example, ponieważ nie można go znaleźć lub nie może odbierać poczty.

Odpowiedź:

550 5.1.1 The email account that you tried to reach does not exist.
""",
        BOB, "5.1.1", True,
    ),
    "workspace group": (
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Delivery Status Notification (Failure)",
        """\
Hello desk@desk.example,

We're writing to let you know that the group you tried to contact (bob) may not exist, or you may not have permission to post messages to the group. A few more details on why you weren't able to post:

 * You might have spelled or formatted the group name incorrectly.

bob@there.example
""",
        BOB, "5.0.0", True,
    ),
    "opensmtpd": (
        "Mailer Daemon <MAILER-DAEMON@mx.example>",
        "Delivery status notification: failed",
        f"""\
    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this email.

    An error has occurred while attempting to deliver a message for
    the following list of recipients:

bob@there.example: 550 5.2.2 <bob@there.example>: Mailbox Full

    Below is a copy of the original message:

{RETURNED}""",
        BOB, "5.2.2", True,
    ),
    "dragonfly": (
        "MAILER-DAEMON <>",
        "Mail delivery failed",
        f"""\
This is the DragonFly Mail Agent v0.13 at mx.example.

There was an error delivering your mail to <bob@there.example>.

mx.there.example [203.0.113.9] did not like our RCPT TO:
550 5.1.1 <bob@there.example>: Recipient address rejected: User unknown

Message headers follow.

{RETURNED}""",
        BOB, "5.1.1", True,
    ),
    "communigate": (
        "MAILER-DAEMON@mx.example",
        "Undeliverable mail",
        """\
Failed to deliver to 'bob@there.example'
SMTP module(domain there.example) reports:
 host mx.there.example says:
 550 No such user (bob)
""",
        BOB, "5.1.1", True,
    ),
    "kerio": (
        "Kerio Connect <postmaster@mx.example>",
        "Message delivery failure",
        """\
Your message could not be delivered to the following recipients:

<bob@there.example>: Message rejected: 552 5.3.4 Message size exceeds fixed limit
""",
        BOB, "5.3.4", True,
    ),
    "smartermail": (
        "System Administrator <postmaster@mx.example>",
        "Delivery Failure",
        """\
Could not deliver message to the following recipient(s):

Failed Recipient: bob@there.example
Reason: Remote host said: 550 5.1.1 User unknown

   -- The header and top 20 lines of the message follows --

Subject: Your printer
""",
        BOB, "5.1.1", True,
    ),
    "axigen": (
        "Mail Delivery Subsystem <mailer-daemon@mx.example>",
        "Mail delivery failure",
        """\
Your e-mail message could not be delivered to the following address(es):

    bob@there.example

The reason given was:
    The recipient's domain does not exist
""",
        BOB, "5.1.2", True,
    ),
    "interscan": (
        "InterScan MSS <postmaster@mx.example>",
        "Mail could not be delivered",
        """\
Sent >>> RCPT TO: <bob@there.example>
Received <<< 550 5.1.1 <bob@there.example>... user unknown
Unable to deliver message to <bob@there.example>
""",
        BOB, "5.1.1", True,
    ),
    "smail": (
        "<MAILER-DAEMON@mx.example>",
        "mail failed, returning to sender",
        f"""\
|------------------------- Message log follows: -------------------------|
 no valid recipients were found for this message
|------------------------- Failed addresses follow: ---------------------|
 <bob@there.example> ... unknown host
|------------------------- Message text follows: ------------------------|
{RETURNED}""",
        BOB, "5.1.2", True,
    ),
    "ezweb": (
        "Post_Master <post_master@carrier.example>",
        "Re: プリンターについて",
        """\
ご指定のメールアドレスへはメールを配信できませんでした。
メールアドレスをお確かめください。

宛先：bob@there.example
""",
        BOB, "5.0.0", True,
    ),
    "biglobe": (
        "Mail Delivery Service <postmaster@biglobe.example>",
        "Undeliverable Mail",
        """\
   ----- The following addresses had delivery problems -----
<bob@there.example>

   ----- Non-delivered information -----
The number of messages in recipient's mailbox exceeded the local limit.
""",
        BOB, "5.2.2", True,
    ),
    "sina": (
        "MAILER-DAEMON@sina.example",
        "邮件被退回 Undeliverable mail",
        """\
您好：
您的邮件无法送达到以下地址：

bob@there.example

原因：用户不存在
""",
        BOB, "5.1.1", True,
    ),
    "korean": (
        "MAILER-DAEMON@portal.example",
        "[메일 전송 실패] Your printer",
        """\
메일이 다음 이유로 전송되지 않았습니다.

받는 사람: bob@there.example
이유: 존재하지 않는 계정입니다.
""",
        BOB, "5.1.1", True,
    ),
    "orange": (
        "Mail Delivery System <MAILER-DAEMON@orange.example>",
        "Undelivered Mail Returned to Sender",
        """\
Ceci est un message automatique du serveur de messagerie orange.example.

Votre message n'a pu être délivré à un ou plusieurs destinataires.

<bob@there.example>: host mx.there.example[203.0.113.9] said: 550 5.1.1 Adresse d au moins un destinataire invalide. (in reply to RCPT TO command)
""",
        BOB, "5.1.1", True,
    ),
    "wp": (
        "Mail Delivery System <MAILER-DAEMON@wp.example>",
        "Zwrot wiadomosci",
        """\
To jest automatyczna wiadomość serwera pocztowego.

Nie udało się dostarczyć Twojej wiadomości do adresata:
bob@there.example

Powód: skrzynka odbiorcy jest przepełniona
""",
        BOB, "5.2.2", True,
    ),
    "rambler": (
        "Mail Delivery System <MAILER-DAEMON@rambler.example>",
        "Письмо не доставлено",
        """\
Добрый день!

Ваше письмо не было доставлено адресату bob@there.example по следующей причине:

Почтовый ящик получателя переполнен.
""",
        BOB, "5.2.2", True,
    ),
    "ukr.net": (
        "Mailer Daemon <mailer-daemon@ukr.example>",
        "Недоставлене повідомлення",
        """\
Ваш лист не вдалося доставити одному або кільком отримувачам:

bob@there.example
  550 5.1.1 адресу не знайдено
""",
        BOB, "5.1.1", True,
    ),
    "czech": (
        "MAILER-DAEMON@seznam.example",
        "Nedoručitelná zpráva",
        """\
Vaše zpráva nemohla být doručena následujícím příjemcům:

<bob@there.example>: uživatel neexistuje
""",
        BOB, "5.1.1", True,
    ),
    "hungarian": (
        "postmaster@freemail.example",
        "Kézbesíthetetlen levél",
        """\
A levél kézbesítése sikertelen a következő címre:

bob@there.example

A felhasználó nem létezik.
""",
        BOB, "5.1.1", True,
    ),
    "greek": (
        "Mail Delivery System <MAILER-DAEMON@otenet.example>",
        "Αποτυχία παράδοσης",
        """\
Το μήνυμά σας δεν παραδόθηκε στον παραλήπτη: bob@there.example

Ο χρήστης δεν υπάρχει.
""",
        BOB, "5.1.1", True,
    ),
    "latvian": (
        "Mail Delivery System <MAILER-DAEMON@inbox.example>",
        "Piegāde neizdevās",
        """\
Jūsu vēstuli nevarēja piegādāt šādam saņēmējam:

bob@there.example

Adresāts neeksistē.
""",
        BOB, "5.1.1", True,
    ),
    "sendgrid": (
        "SendGrid <postmaster@sendgrid.example>",
        "Delivery Status Notification (Failure)",
        """\
This is an automatically generated message from SendGrid.

I'm sorry to have to tell you that your message was not able to be delivered to one of its intended recipients.

If you require assistance with this, please contact SendGrid support.

550 unknown user bob@there.example
""",
        BOB, "5.1.1", True,
    ),
    "verizon": (
        "post_master@vtext.example",
        "Undeliverable Message",
        """\
Error:     No valid recipients from this MM

From:      desk@desk.example
To:        bob@there.example
Subject:   Your printer
""",
        BOB, "5.1.1", True,
    ),
    "messagelabs": (
        "MAILER-DAEMON@messagelabs.example",
        "Mail Delivery Failure",
        """\
This is the mail delivery agent at messagelabs.example.
I was unable to deliver your message to the following addresses:

bob@there.example

Reason: 542 bob@there.example Rejected
""",
        BOB, "5.0.0", True,
    ),
    "facebook": (
        "Facebook <mailer-daemon@mx.facebook.example>",
        "Sorry, your message could not be delivered",
        """\
This message was created automatically by Facebook.

Sorry, your message could not be delivered to the recipient bob@there.example.

Reason: RCP-P1 this address does not exist
""",
        BOB, "5.1.1", True,
    ),
    "ezmlm warning, greylisted": (
        "Mail Delivery System <MAILER-DAEMON@mx.example>",
        "Delayed Mail (still being retried)",
        """\
This is the mail system at host mx.example.

####################################################################
# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #
####################################################################

Your message could not be delivered for more than 4 hour(s).
It will be retried until it is 5 day(s) old.

<bob@there.example>: host mx.there.example[203.0.113.9] said: 451 4.7.1 Greylisted, try again later (in reply to RCPT TO command)
""",
        "", "", False,
    ),
    "exchange delay": (
        "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@there.example>",
        "Delivery delayed: Your printer",
        """\
Delivery is delayed to these recipients or groups:

Bob (bob@there.example)

Subject: Your printer

This message hasn't been delivered yet. Delivery will continue to be attempted.

The server will keep trying to deliver this message for the next 1 days, 19 hours and 55 minutes.
""",
        "", "", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MORE.values(), ids=MORE)
def test_systems_that_no_rule_was_written_for(case):
    _check(case)
