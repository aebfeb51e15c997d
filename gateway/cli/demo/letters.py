"""The first letters of the demo's customers, each in his language and in a charset that his country still uses."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody writes, and how his client encodes it."""

    subject: str
    body: str
    charset: str = "utf-8"


EMMA = Letter(
    "Cannot log in since the update",
    """\
Hello,

since yesterday's update I can no longer log in. The page says that my password
is wrong, but it is not.

Best wishes
Emma Clarke
""",
)

PIOTR = Letter(
    "Zwrot pieniędzy za podwójną płatność",
    """\
Dzień dobry,

w zeszłym tygodniu zapłaciłem dwa razy za to samo zamówienie. Proszę o zwrot
nadpłaty, potwierdzenie przelewu jest w załączniku.

Pozdrawiam
Piotr Nowak
""",
    "iso-8859-2",
)

OLGA = Letter(
    "Не приходит письмо с подтверждением",
    """\
Здравствуйте!

Я зарегистрировалась на вашем сайте, но письмо с подтверждением так и не
пришло. Что мне делать?

Ольга Смирнова
""",
    "koi8-r",
)

WANG = Letter(
    "订单什么时候发货？",
    """\
您好：

我上周下的订单到现在还没有发货，请问大概什么时候可以寄出？谢谢！

王芳
""",
    "gb18030",
)

ELENI = Letter(
    "Αλλαγή διεύθυνσης παράδοσης",
    """\
Καλημέρα σας,

θα ήθελα να αλλάξω τη διεύθυνση παράδοσης της παραγγελίας μου, γιατί
μετακομίζω αυτή την εβδομάδα.

Ευχαριστώ πολύ
Ελένη Παπαδοπούλου
""",
    "iso-8859-7",
)

JANIS = Letter(
    "Rēķins ar nepareizu adresi",
    """\
Labdien!

Pēdējā rēķinā ir norādīta mūsu vecā adrese. Lūdzu, atsūtiet labotu rēķinu.

Ar cieņu
Jānis Bērziņš
""",
    "windows-1257",
)
