"""Frequent words and telling letters of languages, as data for `language`: the next language is one more line.

Languages that no template exists for are here too, so that they are not mistaken for one that does.
"""

LATIN_WORDS = {
    "en": (
        "the and to of is you for that with this have not are on it in be was my your can please hello thanks thank "
        "we would but when what from as or if i'm don't there has will do at an me am i he hi how no any been dear "
        "regards please help again issue order invoice password working broken missing need want cannot can't account "
        "could should still our"
    ),
    "pl": (
        "nie i w na się z do jest to że mam czy dzień dobry proszę jak od o po za ale co tak dziękuję moje mój jestem "
        "nas już są być przez tylko może dla pozdrawiam witam mi mnie który która jeszcze oraz lub ponieważ został "
        "prosze nie dziala dzien dziekuje czy moj witam pomoc bardzo hasło faktura działa"
    ),
    "lv": (
        "un ir es par ar no uz lai ka man nav vai kas tas ko jūs mēs bet kā pie labdien paldies lūdzu mans mana šis "
        "arī vēl bija būs varat sveiki vairs pēc esmu jau tikai nevaru gan tad vien ļoti jums mums ja"
    ),
    "de": (
        "der die das und ist nicht ich sie es ein eine mit auf für zu von den dem wir habe haben bitte danke auch bei "
        "wie im mir mich noch kann aber oder wenn hallo grüßen sehr geehrte nach werden wurde bin sind am"
    ),
    "fr": (
        "le la les et est pas je vous de des un une que qui dans pour sur avec ce ne nous mon ma bonjour merci au du "
        "en il elle mais plus si c'est j'ai votre sont être cordialement par ou avez"
    ),
    "es": (
        "el la los las y es no de que en un una por para con se mi su lo del al pero como más gracias hola estoy "
        "tengo está si muy me ha he saludos favor buenos días son sin usted"
    ),
    "it": (
        "il la che di e non un una per sono con mi ho è del della le gli si ma come più grazie buongiorno ciao questo "
        "nel alla anche se da in lo ci saluti vorrei mio mia"
    ),
    "pt": (
        "o a os as e é não de que em um uma por para com se meu minha do da no na mas como mais obrigado obrigada "
        "olá estou tenho está bom dia você foi ao isso são sem"
    ),
    "nl": (
        "de het een en is niet ik van dat op te in voor met zijn je u we maar er aan ook bij naar heb kan dank groet "
        "geachte hallo mijn wij om als nog wel deze worden bedankt"
    ),
    "sv": "och att det är jag inte en ett som på för med av den till har de om kan vi hej tack min mitt men från var",
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
# Letters that few other languages of the table write: each weighs like a word.
LATIN_LETTERS = {
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
CYRILLIC_WORDS = {
    "ru": (
        "и не на что это как я мы вы меня есть был по для но от здравствуйте спасибо пожалуйста добрый день мой при "
        "уже мне нам вам можно если или только работает заказ помогите прошу почему когда очень вас нас с в у к"
    ),
    "uk": "і не на що це як я ми ви мене є був для але від дякую будь ласка добрий день мій та при вже вас",
    "bg": "и не на че това как аз ние вие ме е беше за но от здравейте благодаря моля добър ден моят при вече съм се",
    "sr": "и не на да то како ја ми ви мене је био за али од здраво хвала молим добар дан мој при већ сам се",
    "be": "і не на што гэта як я мы вы мяне ёсць быў для але ад дзякуй калі ласка добры дзень мой ужо",
    "mk": "и не на дека тоа како јас ние вие ме е беше за но од здраво благодарам молам добар ден мој веќе сум се да",
}
CYRILLIC_LETTERS = {
    "ru": "ыэъё",
    "uk": "іїєґ",
    "be": "ўі",
    "bg": "ъщ",
    "sr": "јљњћђџ",
    "mk": "ѓќѕ",
}
NOT_RUSSIAN = "іїєґўјљњћђџѓќѕ"
