"""What mail programs write around answers in Finnish, Estonian, Latvian, Lithuanian and Hungarian. Data only."""

from gateway.mail.reply_text.marks.words import Words

FI = Words(
    verbs="kirjoitti | kirjoittaa | on kirjoittanut | lainaus | lainaan",
    openers="pe | ma | ti | ke | to | la | su | lähettäjä",
    days="ma | ti | ke | to | pe | la | su | maanantai | tiistai | keskiviikko | torstai | perjantai | lauantai"
    " | sunnuntai",
    senders="lähettäjä | keneltä",
    dates="lähetetty | päiväys | päivämäärä | lähetysaika | pvm",
    recipients="vastaanottaja | kenelle | vastaanottajat",
    subjects="aihe | otsikko",
    others="kopio | liitteet | tärkeys | piilokopio | liite",
    separators="alkuperäinen viesti | välitetty viesti | välitetty viesti alkaa | edelleenlähetetty viesti"
    " | alkuperäinen sähköposti | alkuperäinen tapaaminen | uudelleenlähetetty viesti",
    devices="hanki outlook | lähetetty iphonesta | lähetetty ipadista | lähetetty minun | lähetetty puhelimesta"
    " | lähetetty laitteesta | lataa outlook | lähetetty outlook | lähetetty yahoo",
    sent="lähetetty",
    disclaimers="tämä viesti | tämä sähköposti | tämän viestin | viesti ja sen liitteet | tämän sähköpostin | luottamuksel"
    " | ajattele ympäristöä | ei viruksia",
    legal="luottamuksel | vastaanottaj | lähettäj | poist | kielletty | vastuu | virus | hävit | oikeudet | ympäristö",
    list_footers="saat tämän viestin, koska | sait tämän viestin, koska | postituslista | sait tämän sähköpostin, koska",
    reply_above="tämän rivin yläpuolelle | tämän viivan yläpuolelle",
    inline="vastaukset alla | vastaukseni alla | vastaukset punaisella | vastaan alla | vastaukset tekstin",
)
ET = Words(
    verbs="kirjutas | kirjutab | on kirjutanud | tsiteerin | kirjutasid",
    openers="e | t | k | n | r | l | p | kuupäeval",
    days="e, | t, | k, | n, | r, | l, | p, | esmaspäev | teisipäev | kolmapäev | neljapäev | reede | laupäev | pühapäev",
    senders="saatja | kellelt",
    dates="saatmisaeg | saadetud | kuupäev | aeg",
    recipients="kellele | saaja | adressaat | saajad",
    subjects="teema | pealkiri",
    others="koopia | manused | tähtsus",
    separators="algne sõnum | algsõnum | edastatud kiri | edastatud sõnum | algkiri | originaalsõnum | edasi saadetud sõnum"
    " | algne kiri | edastatud teade | algne e-kiri",
    devices="saadetud minu | hankige outlook | hangi outlook | laadige outlook | saadetud iphone",
    sent="saadetud | saatsin",
    disclaimers="see e-kiri | käesolev e-kiri | see kiri | käesolev kiri | see sõnum | e-kirja sisu | konfidentsiaalsus"
    " | käesolevas e-kirjas | mõtle keskkonnale",
    legal="konfidentsiaal | adressaa | saatja | kustuta | keelatud | vastutus | viirus | edastami | keskkon",
    list_footers="saite selle sõnumi, kuna | said selle kirja, sest | meililist | saite selle kirja",
    reply_above="selle joone kohale | sellest reast",
    inline="vastused allpool | vastan allpool | vastused all | minu vastused | vastused punasega",
)
LV = Words(
    verbs="citēju | citējot | rakstīja | raksta | uzrakstīja | rakstīja(-a) | rakstījis | rakstījusi",
    openers="plkst. | datums | no",
    days="pirmd | otrd | trešd | ceturtd | piektd | sestd | svētd",
    senders="no | sūtītājs",
    dates="datums | nosūtīts | nosūtīta | sūtīts | nosūtīšanas datums",
    recipients="kam | adresāts | saņēmējs",
    subjects="temats | tēma | temats/tēma",
    others="kopija | pielikumi | svarīgums | pielikums",
    separators="oriģinālais ziņojums | sākotnējais ziņojums | pārsūtītais ziņojums | pārsūtīts ziņojums"
    " | pārsūtītā vēstule | oriģinālā vēstule | sākotnējā vēstule | sākotnējā ziņa | oriģinālā ziņa | pārsūtītā ziņa",
    devices="nosūtīts no mana | sūtīts no mana | nosūtīta no | iegūstiet outlook | iegūt outlook | nosūtīts no manas"
    " | lejupielādēt outlook | nosūtīts no iphone | nosūtīts no mobil",
    sent="nosūtīts no | sūtīts no | nosūtīts izmantojot | nosūtīts, izmantojot | nosūtīts ar",
    disclaimers="šis e-pasts | šis ziņojums | šī vēstule | šis elektroniskais | šī e-pasta | šajā e-pastā"
    " | konfidencialitātes | ja jūs neesat adresāts | ja neesat | e-pasts un tā pielikumi | padomājiet par vidi"
    " | bez vīrusiem | informācija šajā | šī elektroniskā pasta | šajā vēstulē | šī ziņojuma",
    legal="konfidenci | adresāt | sūtītāj | dzēs | aizlieg | atbildīb | izplat | vīrus | saņēmēj | vidi",
    list_footers="jūs saņēmāt šo ziņojumu, jo | jūs saņēmāt šo e-pastu, jo | vēstkopa | atrakstīties | vēstuļkopa"
    " | adresātu saraksts",
    reply_above="virs šīs līnijas | virs šīs rindas",
    inline="atbildes zemāk | atbildu zemāk | atbildes tekstā | manas atbildes | atbildes ar sarkanu",
)
LT = Words(
    verbs="rašė | parašė | rašo | cituoju | rašė(-a)",
    openers="pr | an | tr | kt | pn | št | sk",
    days="pr | an | tr | kt | pn | št | sk | pirmad | antrad | trečiad | ketvirtad | penktad | šeštad | sekmad",
    senders="nuo | siuntėjas | iš",
    dates="išsiųsta | data | išsiuntimo data | siųsta",
    recipients="kam | gavėjas | iki",
    subjects="tema",
    others="kopija | priedai | svarba",
    separators="originalus laiškas | persiųstas laiškas | pradinis laiškas | persiųsta žinutė | originalus pranešimas"
    " | persiųstas pranešimas | pradinis pranešimas | originali žinutė | pirminis pranešimas | pirminė žinutė"
    " | persiunčiamas laiškas",
    devices="siųsta iš mano | išsiųsta iš mano | gauti „outlook | gauti outlook | gaukite outlook | gaukite „outlook"
    " | atsisiųsti outlook | išsiųsta iš „iphone",
    sent="siųsta iš | išsiųsta iš | išsiųsta naudojant | išsiųsta su | siųsta naudojant",
    disclaimers="šis el. laiškas | šis laiškas | šis elektroninis | šio laiško | šiame laiške | šis pranešimas"
    " | konfidencialumo | informacija, esanti | šiame el. | pagalvokite apie aplinką | jei jūs nesate",
    legal="konfidenc | gavėj | adresat | siuntėj | ištrin | draudžiama | atsakomyb | platin | virus | aplink",
    list_footers="gavote šį laišką, nes | šį laišką gavote, nes | gavote šį pranešimą, nes | adresatų sąrašas"
    " | atsisakyti prenumeratos",
    reply_above="virš šios linijos | virš šios eilutės",
    inline="atsakymai žemiau | atsakau žemiau | atsakymai tekste | mano atsakymai | atsakymai raudonai",
)
HU = Words(
    verbs="írta | ezt írta | írja | a következőt írta | az alábbit írta | ezeket írta | idézet",
    openers="dátum",
    days="h, | k, | sze | cs, | csüt | p, | szo | v, | hétfő | kedd | szerda | csütörtök | péntek | szombat | vasárnap",
    senders="feladó | küldő",
    dates="küldve | elküldve | dátum | küldés dátuma | küldés időpontja | küldte",
    recipients="címzett | címzettek | kinek",
    subjects="tárgy | téma",
    others="másolatot kap | másolat | mellékletek | fontosság | titkos másolat | csatolt fájlok | melléklet",
    separators="eredeti üzenet | továbbított üzenet | továbbított levél | eredeti levél | továbbított üzenet kezdete"
    " | eredeti e-mail | az eredeti üzenet | továbbított e-mail",
    devices="az outlook beszerzése | outlook beszerzése | elküldve az iphone | elküldve galaxy | elküldve a"
    " | az ios-hez készült outlook | az outlook letöltése | az androidhoz készült outlook | küldve iphone"
    " | küldve az iphone | elküldve iphone | küldve a",
    sent="küldve | elküldve",
    disclaimers="ez az e-mail | ez az üzenet | jelen üzenet | jelen e-mail | az üzenet tartalma | a jelen üzenet"
    " | bizalmas | mielőtt kinyomtatná | vírusmentes | ezen üzenet | ez a levél | jelen elektronikus",
    legal="bizalmas | címzett | feladó | töröl | tilos | felelősség | vírus | jogosulatlan | illetéktelen | nyomtat",
    list_footers="azért kapta ezt az üzenetet, mert | ezt az üzenetet azért kapta | levelezőlista | leiratkozás"
    " | azért kaptad ezt az üzenetet, mert | ezt az e-mailt azért kapta",
    reply_above="e sor fölé | e fölé a sor fölé | ezen sor fölé | a vonal fölé",
    inline="válaszok lent | válaszaim lent | válaszok pirossal | válaszaim alább | válaszaim a szövegben"
    " | válaszok a szövegben",
)
