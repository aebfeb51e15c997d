"""Frequent words and telling letters of languages, as data for `language`: the next language is one more line.

Languages that no template exists for are here too, so that they are not mistaken for one that does.
"""

LATIN_WORDS = {
    "en": (
        "any update news always never here there again new old very just still already today forgot the and to of "
        "is you for that with this have not are on it in be was my your can please hello thanks thank we would but "
        "when what from as or if i'm don't has will do at an me am i he hi how no been dear regards help issue "
        "order invoice password working broken missing need want cannot can't account its could should our so they "
        "were which who where why does did had get got after before yes their all some one out up about than then "
        "now more also only them us know it's i've i'll won't doesn't didn't isn't couldn't good morning best kind "
        "yours sincerely received send sent page since yesterday late"
    ),
    "pl": (
        "jutro teraz wszystko tutaj tam on ona całkiem trochę wciąż nadal dopiero właśnie nie i w na się z do jest "
        "to że mam czy dzień dobry proszę jak od o po za ale co tak dziękuję moje mój jestem nas już są być przez "
        "tylko może dla pozdrawiam witam mi mnie który która które jeszcze oraz lub ponieważ został została "
        "zostało moj bardzo hasło faktura działa pomoc ma mogę możemy kiedy gdzie tego tym tej ten ta te był była "
        "było będzie pan pani państwo państwa chciałbym chciałabym uprzejmie poważaniem dzięki sprawie zamówienie "
        "faktury fakturę konto konta hasła zalogować gdy żeby bo aby też pod przy ich jego jej nam wam sobie musi "
        "mogło pojawia błąd pieniądze paczka przesyłka drukarka wczoraj dzisiaj dziś tydzień ze we"
    ),
    "lv": (
        "rīt tagad ļoti šeit viņš viņa pavisam nedaudz un ir es par ar no uz lai ka man nav vai kas tas ko jūs mēs "
        "bet kā pie labdien paldies lūdzu mans mana šis arī vēl bija būs varat sveiki vairs pēc esmu jau tikai "
        "nevaru gan tad vien jums mums ja kad kur kāpēc šo to tā tās tie šī kuru kurš kura mani manu manā manam "
        "rēķinu rēķins pasūtījums pasūtījumu konts kontu parole paroli palīdzēt palīdziet lūgums cieņu labrīt "
        "labvakar varētu gribu vēlos nestrādā saņēmu sūtījums nosūtīt bez līdz pirms kopš vakar šodien visu viss "
        "nekas kāds kāda mūsu jūsu savu savā savam iespējams vajag jābūt būtu esam esat laikā dienas tikko pats"
    ),
    "de": (
        "wieder jetzt alles hier da dann doch etwas jemand neues falscher entschuldigung ihnen sehen unser unsere "
        "bin sein diesem jeden der die das und ist nicht ich sie es ein eine mit auf für zu von den dem wir habe "
        "haben bitte danke auch bei wie im mir mich noch kann aber oder wenn hallo grüßen sehr geehrte nach werden "
        "wurde sind am dass als aus war hat uns ihr ihre ihren meine mein meinen einen einer einem wird was nur so "
        "um über seit gestern heute guten tag damen herren freundlichen vielen rechnung bestellung konto passwort "
        "kein keine mehr schon immer können könnten möchte leider dieser diese dieses durch vor zum zur er mal "
        "warum wann wo funktioniert geht drucker anmelden ob bis sich des"
    ),
    "fr": (
        "désolé nouvelle nouvelles demain maintenant alors aussi deux jamais rien tous toute ici cela ça le la les "
        "et est pas je vous de des un une que qui dans pour sur avec ce ne nous mon ma bonjour merci au du en il "
        "elle mais plus si c'est j'ai votre sont être cordialement par ou avez mes vos nos notre cette ces son sa "
        "ses aux suis été avons fait comme tout bien très encore depuis quand comment pourquoi où peux pouvez n'ai "
        "n'est qu'il d'une l'ai facture commande compte mot passe aide hier aujourd'hui toujours me se leur ils "
        "elles on fonctionne marche salutations s'il plaît monsieur madame reçu toutes"
    ),
    "es": (
        "les aviso qué cuál él ella nuevo nueva hace tiempo ningún alguna novedades hoy mañana solo eso el la los "
        "las y es no de que en un una por para con se mi su lo del al pero como más gracias hola estoy tengo está "
        "si muy me ha he saludos favor buenos días son sin usted ustedes nos mis sus cuando donde dónde cuándo "
        "cómo porque también ya ser hay fue puedo puede pueden quiero quisiera necesito pedido factura cuenta "
        "contraseña ayuda ayer desde hasta todo todos este esta estos estas buenas tardes cordial atentamente "
        "recibido funciona nada nunca le o sobre entre"
    ),
    "it": (
        "scusate adesso ora domani mai niente tutta ci qui quello quella questi il la che di e non un una per sono "
        "con mi ho è del della le gli si ma come più grazie buongiorno ciao questo nel alla anche se da in lo "
        "saluti vorrei mio mia i al dei delle dal nella sul sulla questa quando dove perché cosa posso può potete "
        "potrei ordine fattura conto password aiuto ieri oggi ancora già hanno abbiamo stato stata essere molto "
        "bene tutto tutti vostro vostra cordiali distinti gentile gentili ricevuto funziona fare ha sia senza dopo "
        "prima ne loro qualche salve"
    ),
    "pt": (
        "alguma nova novo agora nunca isto aquilo desculpe amanhã só nós vou vai o a os as e é não de que em um "
        "uma por para com se meu minha do da no na mas como mais obrigado obrigada olá estou tenho está bom dia "
        "você foi ao isso são sem dos das nos nas pelo pela eu me seu sua meus minhas quando onde porque também já "
        "ser há posso pode podem quero gostaria preciso pedido fatura conta senha ajuda ontem hoje desde até tudo "
        "todos este esta estes estas boa tarde noite atenciosamente cumprimentos recebi funciona consigo ainda "
        "muito depois vocês favor"
    ),
    "ca": (
        "el la els les i és no de que en un una per amb es meu meva del al però com més gràcies hola estic tinc "
        "està si molt em ha he bon dia són sense vostè meves quan on perquè també ja puc pot vull necessito "
        "comanda compte contrasenya ajuda ahir avui aquest aquesta dels pel"
    ),
    "nl": (
        "de het een en is niet ik van dat op te in voor met zijn je u we maar er aan ook bij naar heb kan dank "
        "groet geachte hallo mijn wij om als nog wel deze worden bedankt dit die wat wanneer waar waarom hoe geen "
        "meer al uit over door heeft hebben hebt was waren wordt werd zou kunt kunnen wil graag alvast "
        "vriendelijke groeten bestelling factuur rekening wachtwoord account hulp gisteren vandaag sinds ons onze "
        "uw jullie goedemorgen goedendag beste werkt mij me dan of so nu"
    ),
    "sv": (
        "ja nej bara utan själv igen in ut mellan tillbaka gärna annars före nog vill finns kanske ännu er ert era "
        "gammal gamla hela antingen både bra honom henne han hon klockan morgon imorgon tar störst sig sin ju och "
        "att det är jag inte en ett som på för med av den till har de om kan vi hej tack min mitt men från var när "
        "hur vad mig ni du mina vara blir blev skulle behöver få får fått eller så nu också redan beställning "
        "faktura konto lösenord hjälp igår idag sedan mvh hälsningar vänliga fungerar något inget ingen alla där "
        "här mycket över efter detta denna dessa ska kommer"
    ),
    "da": (
        "hvis selv lige mere bare uden derfor mens heller aldrig altid gerne gør sig sin deres ved hente sendt "
        "nogle nogen kun blot hos bør igen ind ud mellem tilbage nej ja ny gamle hele enten både denne godt ham "
        "hende han hun klokken morgen og at det er jeg ikke en et som på for med af den til har de om kan vi hej "
        "tak min mit men fra så var når hvordan hvad mig jer i du mine være bliver blev skulle vil behøver få får "
        "fået eller nu også allerede noget ordre faktura konto adgangskode hjælp går dag siden mvh hilsen venlig "
        "virker intet ingen alle der her meget efter dette disse skal kommer hvor hvorfor jeres os vores kunne "
        "været"
    ),
    "nb": (
        "hvis selv bare uten derfor mens heller aldri alltid gjerne gjør seg sin deres ved hente sendt noen kun "
        "hos bør igjen inn ut mellom tilbake nei ja ny gamle hele enten både godt ham henne han hun klokken morgen "
        "akkurat enn likevel manglet ganske og at det er jeg ikke en et som på for med av den til har de om kan vi "
        "hei takk min mitt men fra så var når hvordan hva meg dere i du mine være blir ble skulle vil trenger få "
        "får fått eller nå også allerede noe ordre bestilling faktura konto passord hjelp går dag siden mvh hilsen "
        "vennlig virker ingenting ingen alle der her mye etter denne dette disse skal kommer hvor hvorfor oss vår "
        "vårt kunne vært fungerer"
    ),
    "fi": (
        "mutta kuitenkin vielä tässä siinä huomenna nyt anteeksi mitään kaikki hyvin näyttö ja on ei että se en "
        "ole niin kun olen tämä kanssa hei kiitos voi vain minun jos myös mitä kuin miten milloin missä miksi "
        "minulla teidän meidän voitte voisitteko haluaisin tarvitsen tilaus tilauksen lasku laskun tili tilin "
        "salasana salasanan apua eilen tänään enää jo tai joka jotka oli ovat tätä siitä ystävällisin terveisin "
        "terveisiä toimi saanut saa olla jälkeen koska hyvää päivää moi ette emme"
    ),
    "et": (
        "kõik siin seal hästi koos mulle tulen tuleb juures veidi nüüd homme hommikul õhtul juba ju oleks võiks "
        "võib sobib hea väga aitab midagi jääb ega ja on ei et see ma ta kui aga oma mis ning tere palun aitäh "
        "minu kas siis veel olen mul ära meie teie saa kuidas millal kus miks tahaksin soovin vajan tellimus "
        "tellimuse arve konto parool parooli abi eile täna ka või kes oli olid ole seda selle pole tööta "
        "lugupidamisega tervitades saanud olla pärast kuna päevast teil meil mind teid sisse enam pean ainult"
    ),
    "lt": (
        "rytoj dabar viskas labai čia jis ji taip po ir yra kad į su ne iš aš tai ar bet kaip per mano laba diena "
        "ačiū prašau jūs mes už nuo dėl arba labas kada kur kodėl noriu norėčiau reikia užsakymas užsakymo "
        "sąskaita sąskaitą paskyra slaptažodis pagalba pagalbos vakar šiandien dar jau tik kuris kuri buvo bus "
        "jums mums man mane jūsų mūsų šis šį ši pagarbiai neveikia gavau būti ką prie galite galėtumėte galiu "
        "negaliu sveiki rytas"
    ),
    "cs": (
        "nám vám tak tam tady máme ten ta tu bude budu celý nový protože abych hned potom zase vůbec ani teď "
        "odpoledne ráno zítra ano ne od jiného tenhle správný největší pošlete mám a je se na že v to s z do jsem "
        "ale jak by o pro po dobrý den děkuji prosím nebo který jako není už si kdy kde proč chtěl chtěla bych "
        "potřebuji objednávka objednávku faktura fakturu účet heslo pomoc včera dnes ještě jen také při byl byla "
        "bylo jsou jste jsme mi mě vás nás váš můj moje tento tato toto pozdravem zdravím nefunguje může můžete "
        "mohu nemohu co ze ve k které děkuju"
    ),
    "sk": (
        "nám vám tak tam tu máme ten bude budem celý nový pretože aby hneď potom zase vôbec ani teraz poobede ráno "
        "zajtra áno nie správny prepáčte a je sa na že v to s z do som ale ako by o pre po dobrý deň ďakujem "
        "prosím mám alebo ktorý už si kedy kde prečo chcel chcela potrebujem objednávka objednávku faktúra faktúru "
        "účet heslo pomoc včera dnes ešte len tiež pri bol bola bolo sú ste sme mi ma vás nás váš môj moje tento "
        "táto toto pozdravom zdravím nefunguje môže môžete môžem nemôžem čo zo vo k od ktoré mohli"
    ),
    "hu": (
        "igen holnap itt ott nagyon minden most jó új után a az és nem hogy egy van ez is de ha meg vagy köszönöm "
        "kérem napot tisztelt nekem volt még már csak mikor hol miért szeretném szeretnék kell rendelés rendelésem "
        "számla számlát fiók fiókom jelszó jelszavam segítség tegnap ma aki ami lesz önök önöknek üdvözlettel "
        "működik kaptam tudok lehet ezt azt mi mit hogyan nincs sem kaphatok"
    ),
    "ro": (
        "da ne este miercuri luni marți azi acum prânz asta acesta această foarte bine trebuie poate aveți avem și "
        "nu de la în cu pe un o să că mai pentru din am dar bună ziua mulțumesc vă rog sunt dacă când unde ce cum "
        "vreau doresc aș nevoie comanda comandă factura factură cont contul parola ajutor ieri astăzi încă deja "
        "doar care fost era îmi mă dumneavoastră noastră meu mea ale al ai sau au fi funcționează primit stimă "
        "respect după si"
    ),
    "tr": (
        "evet hayır yarın şimdi burada çok her şey hiç son ve bir bu için de da ile değil ben ama var ne gibi daha "
        "merhaba teşekkürler lütfen benim olarak zaman nerede neden nasıl istiyorum sipariş siparişim fatura hesap "
        "hesabım şifre şifremi yardım dün bugün hala henüz sadece olan oldu iyi günler saygılar çalışmıyor aldım "
        "kadar sonra mi mı misiniz rica ederim yok bana sizin"
    ),
    "hr": (
        "i je u na se da za ne od sa što kako ali ili nije sam su mi hvala molim dobar dan moj moja moje kada gdje "
        "zašto želim trebam narudžba račun lozinka pomoć jučer danas još već samo koji koja koje bio bila biti ste "
        "smo vas nas vaš pozdrav poštovani radi mogu može možete gde juče potrebno jer lep"
    ),
    "sl": (
        "in je v na se da za ne od s z kaj kako ali ni sem so mi hvala prosim dober dan moj moja moje kdaj kje "
        "zakaj želim rabim potrebujem naročilo račun geslo pomoč včeraj danes še že samo ki bil bila biti ste smo "
        "vas nas vaš pozdrav spoštovani deluje lahko lep pozdravljeni"
    ),
    "sq": (
        "dhe është në të për me një që nuk jam por si çfarë ju lutem faleminderit mirëdita kam ime im kur ku pse "
        "porosia fatura llogaria fjalëkalimi ndihmë dje sot kjo ky"
    ),
    "id": (
        "yang dan di ke dari ini itu untuk dengan tidak saya anda kami bisa dapat akan sudah belum ada adalah pada "
        "juga karena jika atau tapi tetapi mohon tolong terima kasih selamat pagi siang sore halo apakah bagaimana "
        "kapan mengapa pesanan faktur akun kata sandi bantuan kemarin hari masih lagi sebelum setelah hormat salam "
        "bapak ibu nya sejak tersebut mau ingin perlu boleh saja"
    ),
    "vi": (
        "và là của tôi không có cho với được này các đã để khi một những trong xin chào cảm ơn vui lòng anh chị em "
        "nhưng hoặc nếu bạn chúng tại sao đơn hàng hóa tài khoản mật khẩu giúp hôm qua nay vẫn chưa rồi kính gửi "
        "trân trọng thể nào bao giờ về đến từ như"
    ),
}
# Letters that few other languages of the table write: each weighs like a word.
LATIN_LETTERS = {
    "pl": "ąęłńśźżć",
    "lv": "āēīūģķļņ",
    "lt": "ėįųūąę",
    "et": "õ",
    "de": "ßü",
    "fr": "çèêœàùû",
    "es": "ñ¿¡",
    "pt": "ãõç",
    "ca": "ŀ",
    "sv": "åä",
    "da": "æø",
    "nb": "æø",
    "fi": "äö",
    "cs": "ěřů",
    "sk": "ľĺŕ",
    "hu": "őű",
    "ro": "țșăţş",
    "tr": "ğışİ",
    "hr": "đć",
    "vi": "ăơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
}
CYRILLIC_WORDS = {
    "ru": (
        "и не на что это как я мы вы меня есть был была было были по для но от здравствуйте спасибо пожалуйста "
        "добрый день мой моя моё мои при уже мне нам вам можно если или только работает заказ заказа помогите "
        "прошу почему когда очень вас нас с в у к из о об за до так его её их он она они который которая где чтобы "
        "ещё еще нет да все всё этот эта эти того тоже могу можете хочу нужно надо счёт счет аккаунт пароль вчера "
        "сегодня уважением привет приветствую утро вечер подскажите пришёл пришел получил деньги сделать после без "
        "свой быть ли бы же"
    ),
    "uk": (
        "і не на що це як я ми ви мене є був була було були для але від дякую будь ласка добрий день мій моя моє "
        "та при вже вас нас мені нам вам можна якщо або тільки працює замовлення допоможіть прошу чому коли дуже з "
        "в у до за його її їх він вона вони який яка де щоб ще немає так все цей ця ці теж можу можете хочу треба "
        "потрібно рахунок пароль вчора сьогодні повагою вітаю привіт доброго дня допомога отримав без після чи би "
        "й із про"
    ),
    "bg": (
        "и не на че това как аз ние вие ме е беше за но от здравейте благодаря моля добър ден моят моята при вече "
        "съм се с в у до си са ще да ли или ако само работи поръчка поръчката помогнете защо кога много ми ви ни "
        "му го я те който която къде още няма така всичко този тази тези също мога можете искам трябва фактура "
        "сметка акаунт парола вчера днес уважение поздрави здравей добро утро помощ получих без след към през по "
        "има бих имам нещо"
    ),
    "sr": (
        "и не на да то како ја ми ви мене је био за али од здраво хвала молим добар дан мој при већ сам се су у са "
        "што или ако само ради поруџбина зашто када веома вас нас до его који која где још нема све овај ова могу "
        "можете желим треба рачун лозинка јуче данас поштовани поздрав помоћ"
    ),
    "be": (
        "і не на што гэта як я мы вы мяне ёсць быў была для але ад дзякуй калі ласка добры дзень мой ужо вас нас "
        "мне нам вам можна або толькі працуе заказ дапамажыце чаму вельмі з у да за яго яе іх ён яна яны які дзе "
        "каб яшчэ няма так усё гэты трэба рахунак пароль учора сёння"
    ),
    "mk": (
        "и не на дека тоа како јас ние вие ме е беше за но од здраво благодарам молам добар ден мој веќе сум се да "
        "со во што или ако само работи нарачка зошто кога многу вас нас до кој каде уште нема сè овој можам сакам "
        "треба сметка лозинка вчера денес почит поздрав помош"
    ),
    "kk": ("және мен бұл бар жоқ емес үшін сіз біз рахмет сәлеметсіз қалай қашан неге менің тапсырыс құпия кеше бүгін"),
}
CYRILLIC_LETTERS = {
    "ru": "ыэё",
    "uk": "іїєґ",
    "be": "ўі",
    "sr": "јљњћђџ",
    "mk": "ѓќѕј",
    "kk": "әғқңөұүһі",
}
NOT_RUSSIAN = "іїєґўјљњћђџѓќѕәғқңөұүһ"
# Endings by which whole families are told apart, and what must stand before one: a match weighs like a word.
ENDINGS = {
    "bg": (r"[а-я]{3}", "ът ята ите ето"),
    "ru": (r"[а-я]{2}", "ться ется ный ного ешь ий ый ая ое ую"),
    "uk": (r"[а-яіїєґ]{2}", "ийте ійте увати ювати увало ювало ування ення ій ії ою еться"),
    "lv": (r"[a-zāčēģīķļņšūž]{3}", "šana šanu šanas ība ību ājumu jums jumu"),
    "lt": (r"[a-ząčęėįšųūž]{3}", "imas imo imą ojau umas tumėte kite"),
    "et": (r"[a-zäöõü]{3}", "mine mise tud sin sid takse dame ksin"),
    "fi": (r"[a-zäö]{3}", "ssa ssä sta stä lla llä lle nen sen ään aan mme tte inen"),
    "pl": (r"[a-ząćęłńóśźż]{2}", "ować ację acji owi ego emu ych łem łam cie ów szcz rz"),
    "cs": (r"[a-záčďéěíňóřšťúůýž]{2}", "ovat ování ého ému ých ím ějí"),
    "sk": (r"[a-záčďéíľňóôŕšťúýž]{2}", "ovať ovanie ého ému ých ím iť ať"),
    "de": (r"[a-zäöüß]{3}", "ung ungen lich keit ieren chte schaft"),
    "en": (r"\b[a-z]{3,}", "ing tion ough ould"),
    "it": (r"\b[a-zàèéìòù]{3,}", "zione zioni mente iamo ando"),
    "fr": (r"\b[a-zà-ÿ]{3,}", "tion ment aient eux ez"),
    "es": (r"\b[a-záéíóúñ]{3,}", "ción ciones mente ado ando iendo"),
    "pt": (r"\b[a-zà-ÿ]{3,}", "ção ções mente ndo agem"),
    "hu": (r"[a-záéíóöőúüű]{3}", "ban ben nak nek ból ből hoz hez tam tem ás és om em"),
    "tr": (r"[a-zçğıöşü]{3}", "yor yorum lar ler ım im iniz ınız mış miş dım dim"),
    "ro": (r"[a-zăâîșț]{3}", "ului ilor ează ește iți ați ul"),
}
# What some languages write before an apostrophe.
ELISIONS = {
    "it": r"\b(?:l|dell|all|un|nell|c)'[a-z]{2}",
    "fr": r"\b(?:l|d|j|n|qu|s|c|m)'[a-zà-ÿ]{2}",
}
# What else weighs so, wherever it stands in a word, and letters without which it cannot be there.
MARKS = {
    "bg": (r"(?<=[бвгджзклмнпрстфхцчшщ])ъ(?=[бвгджзклмнпрстфхцчшщ])", "ъ"),
    "de": (r"[a-zäöüß]*sch[a-zäöüß]{3}", "sch"),
    "pl": (r"[a-ząćęłńóśźż]{2}ć\b", "ć"),
    "nl": (r"\b[a-z]*(?:ij|oe|ui|aa|ee|oo)[a-z]{2,}(?:en|t|d)?\b", "ij oe ui aa ee oo"),
    "id": (r"\b(?:meng|mem|men|ber|ter|di)[a-z]{3,}(?:kan|an|i)?\b", "me ber ter di"),
}
