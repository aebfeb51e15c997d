"""The language of a short text, by script, letters and frequent words. A guess for choosing templates, nothing more.

The word lists are data; languages that no template exists for are known too, so that they are not mistaken for English.
"""

import re
import unicodedata
from collections import Counter

_SAMPLE = 4_000
_FEWEST_LETTERS = 12
_FEWEST_IDEOGRAPHS = 4
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NOT_WORDS = re.compile(r"(?:https?://|www\.)\S{1,500}|[^\s@]{1,64}@[^\s@]{1,255}|^>.*$", re.MULTILINE)

_WORDS = {
    "en": "the and to of is you for that with this have not are on it in be was my your can please hello thanks thank we "
    "would but when what from as or if i'm don't there has will do at an me am i he hi how no any been dear regards",
    "pl": "nie i w na się z do jest to że mam czy dzień dobry proszę jak od o po za ale co tak dziękuję moje mój jestem "
    "nas już są być przez tylko może dla pozdrawiam witam mi mnie który która jeszcze oraz lub ponieważ został",
    "lv": "un ir es par ar no uz lai ka man nav vai kas tas ko jūs mēs bet kā pie labdien paldies lūdzu mans mana šis arī "
    "vēl bija būs varat sveiki vairs pēc esmu jau tikai nevaru gan tad vien ļoti jums mums ja",
    "de": "der die das und ist nicht ich sie es ein eine mit auf für zu von den dem wir habe haben bitte danke auch bei "
    "wie im mir mich noch kann aber oder wenn hallo grüßen sehr geehrte nach werden wurde bin sind am",
    "fr": "le la les et est pas je vous de des un une que qui dans pour sur avec ce ne nous mon ma bonjour merci au du en "
    "il elle mais plus si c'est j'ai votre sont être cordialement par ou avez",
    "es": "el la los las y es no de que en un una por para con se mi su lo del al pero como más gracias hola estoy tengo "
    "está si muy me ha he saludos favor buenos días son sin usted",
    "it": "il la che di e non un una per sono con mi ho è del della le gli si ma come più grazie buongiorno ciao questo "
    "nel alla anche se da in lo ci saluti vorrei mio mia",
    "pt": "o a os as e é não de que em um uma por para com se meu minha do da no na mas como mais obrigado obrigada olá "
    "estou tenho está bom dia você foi ao isso são sem",
    "nl": "de het een en is niet ik van dat op te in voor met zijn je u we maar er aan ook bij naar heb kan dank groet "
    "geachte hallo mijn wij om als nog wel deze worden bedankt",
    "sv": "och att det är jag inte en ett som på för med av den till har de om kan vi hej tack min mitt men från så var",
    "da": "og at det er jeg ikke en et som på for med af den til har de om kan vi hej tak min mit men fra så var",
    "no": "og at det er jeg ikke en et som på for med av den til har de om kan vi hei takk min mitt men fra så var",
    "fi": "ja on ei että se en ole mutta niin kun olen tämä kanssa hei kiitos voi vain minun jos myös mitä kuin",
    "et": "ja on ei et see ma ta kui aga oma mis ning tere palun aitäh minu kas siis veel olen mul ära meie teie saa",
    "lt": "ir yra kad į su ne iš aš tai ar bet kaip per po mano laba diena ačiū prašau jūs mes už nuo dėl arba labas",
    "cs": "a je se na že v to s z do jsem ale jak by o pro po dobrý den děkuji prosím mám nebo který jako není už si",
    "sk": "a je sa na že v to s z do som ale ako by o pre po dobrý deň ďakujem prosím mám alebo ktorý nie už si",
    "hu": "a az és nem hogy egy van ez is de ha meg vagy köszönöm kérem jó napot tisztelt nekem volt még már csak",
    "ro": "și este nu de la în cu pe un o să că mai pentru din am dar bună ziua mulțumesc vă rog sunt dacă",
    "tr": "ve bir bu için de da ile değil ben çok ama var ne gibi daha merhaba teşekkürler lütfen benim olarak",
}
# Letters that no other language of the table writes, or hardly any: each weighs like a word.
_LETTERS = {
    "pl": "ąęłńśźżć",
    "lv": "āēīūģķļņ",
    "lt": "ėįųūąę",
    "et": "õ",
    "de": "ßü",
    "fr": "çèêœà",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "sv": "åä",
    "da": "æø",
    "no": "æø",
    "fi": "äö",
    "cs": "ěřů",
    "sk": "ľĺŕ",
    "hu": "őű",
    "ro": "țșă",
    "tr": "ğış",
}
_CYRILLIC = {
    "ru": "ыэъё",
    "uk": "іїєґ",
    "be": "ўі",
    "bg": "ъщ",
    "sr": "јљњћђџ",
    "mk": "ѓќѕ",
}
_CYRILLIC_WORDS = {
    "ru": "и не на что это как я мы вы меня есть был по для но от здравствуйте спасибо пожалуйста добрый день мой при уже",
    "uk": "і не на що це як я ми ви мене є був для але від дякую будь ласка добрий день мій та при вже вас",
    "bg": "и не на че това как аз ние вие ме е беше за но от здравейте благодаря моля добър ден моят при вече съм се да",
    "sr": "и не на да то како ја ми ви мене је био за али од здраво хвала молим добар дан мој при већ сам се",
    "be": "і не на што гэта як я мы вы мяне ёсць быў для але ад дзякуй калі ласка добры дзень мой ужо",
    "mk": "и не на дека тоа како јас ние вие ме е беше за но од здраво благодарам молам добар ден мој веќе сум се да",
}
_WORD_SETS = {name: frozenset(words.split()) for name, words in _WORDS.items()}
_CYRILLIC_SETS = {name: frozenset(words.split()) for name, words in _CYRILLIC_WORDS.items()}


def detect(text: str, allowed: tuple[str, ...]) -> str | None:
    """The two-letter code (ISO 639-1) of the text's language if `allowed` has it; None when short, unclear or foreign."""
    text = unicodedata.normalize("NFC", _NOT_WORDS.sub(" ", text[: 4 * _SAMPLE])[:_SAMPLE]).lower()
    scripts = Counter(_script(letter) for letter in text if letter.isalpha())
    if not scripts:
        return None
    found = _by_script(text, scripts)
    return found if found in allowed else None


def _script(letter: str) -> str:
    if "\u4e00" <= letter <= "\u9fff" or "\u3400" <= letter <= "\u4dbf":
        return "HAN"
    name = unicodedata.name(letter, "").partition(" ")[0]
    return name if name in {"LATIN", "GREEK", "CYRILLIC", "HIRAGANA", "KATAKANA", "HANGUL"} else "OTHER"


def _by_script(text: str, scripts: Counter[str]) -> str | None:
    letters = sum(scripts.values())
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
    if scripts["HAN"] + kana >= max(_FEWEST_IDEOGRAPHS, letters // 5):
        # A Chinese mail quotes product names in Latin letters; a Japanese one always has kana.
        return "ja" if kana * 10 > scripts["HAN"] else "zh"
    script, count = scripts.most_common(1)[0]
    if letters < _FEWEST_LETTERS or count * 10 < letters * 6:
        return None
    match script:
        case "GREEK":
            return "el"
        case "CYRILLIC":
            return _best(text, _CYRILLIC_SETS, _CYRILLIC, fewest=1)
        case "LATIN":
            return _best(text, _WORD_SETS, _LETTERS, fewest=2)
        case "HANGUL":
            return "ko"
        case _:
            return None


def _best(text: str, words: dict[str, frozenset[str]], letters: dict[str, str], *, fewest: int) -> str | None:
    """The language with the most points, if it has `fewest` and leads clearly; a word counts 1, its own letters more."""
    said = _WORD.findall(text.replace("’", "'"))
    points = {name: float(sum(word in known for word in said)) for name, known in words.items()}
    for name, own in letters.items():
        # A name with an odd letter is no language: what single words can add is bounded.
        with_letter = Counter(letter for word in set(said) for letter in set(word) if letter in own)
        points[name] += min(sum(with_letter.values()), max(2, len(said) // 4))
    (first, most), (_, next_most) = sorted(points.items(), key=lambda row: -row[1])[:2]
    is_clear = most >= fewest and most > next_most and (most - next_most >= 1 or most >= 4)
    return first if is_clear and most * 12 >= len(said) else None
