"""Short requests in the languages that templates exist for, in others, and in none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import language

CASES = [
    ("en", "Hello, my printer does not work, please help."),
    ("en", "Hi, I cannot log in to my account since yesterday."),
    ("en", "Could you send me the invoice for March? Thanks!"),
    ("en", "The app crashes when I open the settings."),
    ("pl", "Dzień dobry, drukarka nie działa, proszę o pomoc."),
    ("pl", "Drukarka nie dziala, prosze o pomoc"),
    ("pl", "Witam, czy mogę prosić o fakturę za marzec? Pozdrawiam"),
    ("pl", "Nie mogę się zalogować."),
    ("ru", "Здравствуйте, принтер не печатает, помогите пожалуйста."),
    ("ru", "Принтер не печатает, помогите"),
    ("ru", "Когда придёт мой заказ?"),
    ("ru", "Не работает вход в личный кабинет"),
    ("zh", "您好，打印机坏了，请帮忙。"),
    ("zh", "打印機壞了，請幫忙"),
    ("zh", "我的 iPhone 无法登录 Gmail 账户"),
    ("el", "Καλημέρα, ο εκτυπωτής δεν λειτουργεί."),
    ("el", "Πότε θα έρθει η παραγγελία μου;"),
    ("lv", "Labdien, printeris nestrādā, lūdzu palīdziet!"),
    ("lv", "Sveiki, kad būs mans pasūtījums?"),
    ("lv", "Es nevaru pieslēgties savam kontam"),
    ("de", "Der Drucker geht nicht mehr, bitte helfen Sie mir."),
    ("de", "Guten Tag, ich kann mich nicht anmelden. Vielen Dank!"),
    ("fr", "Bonjour, l'imprimante ne marche pas, merci de votre aide."),
    ("es", "Hola, la impresora no funciona, gracias."),
    ("it", "Buongiorno, la stampante non funziona, grazie."),
    ("pt", "Olá, a impressora não funciona, obrigado."),
    ("nl", "Goedendag, de printer werkt niet, kunt u mij helpen?"),
    ("lt", "Laba diena, spausdintuvas neveikia, prašau padėti."),
    ("et", "Tere, printer ei tööta, palun aidake mind."),
    ("sv", "Hej, skrivaren fungerar inte, kan ni hjälpa mig?"),
    ("cs", "Dobrý den, tiskárna nefunguje, prosím o pomoc."),
    ("uk", "Добрий день, принтер не друкує, допоможіть будь ласка."),
    ("bg", "Здравейте, принтерът не работи, моля помогнете."),
    ("ja", "プリンターが壊れました。助けてください。"),
    ("ko", "프린터가 고장났어요 도와주세요"),
    (None, "ok"),
    (None, "Thanks!"),
    (None, ""),
    (None, "   \n  "),
    (None, "12345 67890"),
    (None, "https://example.com/the/and/of/is/you a@b.example"),
    (None, "ABC-123 XYZ"),
]


@pytest.mark.parametrize(("expected", "text"), CASES, ids=[row[1][:30] for row in CASES])
def test_detect(expected, text):
    assert language.detect(text) == expected


def test_quotes_and_links_do_not_count():
    text = "> the and of is you for that with\nДобрый день, когда придёт заказ? https://example.com/the/and"
    assert language.detect(text) == "ru"


@given(st.text(max_size=400))
def test_never_raises_and_answers_with_a_code_or_nothing(text):
    found = language.detect(text)
    assert found is None or len(found) == 2
