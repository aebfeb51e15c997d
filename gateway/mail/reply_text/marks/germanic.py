"""What mail programs write around answers in English, German, Dutch and the Scandinavian languages. Data only."""

from gateway.mail.reply_text.marks.words import Words

EN = Words(
    verbs="wrote | writes | has written | quoting",
    openers="on | at | in a message dated",
    days="mon | tue | wed | thu | fri | sat | sun",
    senders="from | reply-to | sender | sent by",
    dates="date | sent | sent at | sent on | received | date sent",
    recipients="to",
    subjects="subject | re",
    others="cc | bcc | attachments | attachment | importance | organization | priority | sensitivity | when | where",
    separators="original message | forwarded message | begin forwarded message | original appointment | forwarded email"
    " | forwarded mail | reply message | end forwarded message | forwarded by | original e-mail | original | original email"
    " | replied message | reply original message | original mail message | end of forwarded message | forwarded by me"
    " | forward message | original text | previous message | mensagem original",
    devices="sent from my | sent from mail for | get outlook for | download outlook | sent with proton | sent with tutanota"
    " | secured with tuta | please excuse my brevity | please excuse brevity | please excuse any typos"
    " | please excuse typos | sent from blue | sent from yahoo | sent from outlook | sent from samsung | sent from aol"
    " | sent by mobile | sent from iphone | sent from ipad | sent from android | sent with spark | sent by spark"
    " | sent with airmail | sent from gmail | sent from proton | sent from fairemail | sent from mailbird"
    " | sent from windows mail | sent from a mobile | sent from the all new | excuse typos | sent with bluemail"
    " | sent from workspace one boxer | sent with k-9 mail | this message was sent from my | sent with edison mail"
    " | sent from mailspring | yahoo mail: search, organize, conquer",
    sent="sent from | sent via | sent using | sent with | sent by | secured by | sent on",
    disclaimers="confidentiality notice | this e-mail and any attachment | this email and any attachment | disclaimer:"
    " | this message and any attachment | the information contained in this | this e-mail is confidential"
    " | this email is confidential | this message is confidential | if you are not the intended recipient"
    " | this communication is confidential | the contents of this e | this email has been checked for viruses"
    " | this e-mail has been checked for viruses | please consider the environment | think before you print"
    " | virus-free | this email was sent from | this email has been scanned | this message contains confidential"
    " | this e-mail may contain | this email may contain | this message may contain | legal notice | this transmission"
    " | privileged and confidential | the information transmitted | this email and its | this e-mail and its"
    " | caution: this email originated | external email | this message is intended | this e-mail is intended"
    " | this email is intended | this email, including any | this e-mail, including any | this message, including any"
    " | this electronic mail | this email and all attachments | the information in this e | the content of this e"
    " | this email contains confidential | this e-mail contains confidential | this message is for the | avast logo"
    " | privacy notice: | important notice: | this communication may contain | this e-mail message"
    " | this email message | this message has been scanned | this communication, including",
    legal="confidential | privileged | recipient | unauthori | disclos | prohibited | liab | virus | delete | sender"
    " | intended | copying | distribut | registered | company number | views | dissemination | monitor"
    " | environment | print | disclaimer | scanned | originated",
    list_footers="you received this message because you are subscribed | you are receiving this because"
    " | to unsubscribe from this | to unsubscribe, | to unsubscribe send | mailing list | unsubscribe:"
    " | reply to this email directly or view it on | to post to this group | to view this discussion"
    " | for more options, visit | manage your subscription | to stop receiving notification emails | unsubscribe from this"
    " | you are receiving this email because | you received this email because | to leave this list | posted by:",
    reply_above="reply above this line | write above this line | reply above the line | reply above this | above this line",
    inline="answers inline | comments inline | replies inline | inline below | reply inline | answer inline"
    " | responses inline | inline comments | inline answers | inline replies | replied inline"
    " | answered inline | commented inline | see inline | my answers below | my comments below"
    " | see answers below | see comments below | see my replies below | answers in red"
    " | comments in red | below in red | in red below | my answers in red | answered below"
    " | my responses below | between the lines | answers below | comments below | answers in blue"
    " | below in blue | see my answers",
)
DE = Words(
    verbs="zitat von | schrieb | schrieben | geschrieben | schreibt",
    openers="am | von | on | den | gesendet am",
    days="mo | di | mi | do | fr | sa | so | montag | dienstag | mittwoch | donnerstag | freitag | samstag | sonntag"
    " | sonnabend",
    senders="von | absender",
    dates="gesendet | datum | gesendet am | geschickt | empfangen",
    recipients="an | empfänger",
    subjects="betreff | betr",
    others="kopie | wichtigkeit | anlagen | priorität | anlage | blindkopie | antwort an | termin",
    separators="ursprüngliche nachricht | originalnachricht | weitergeleitete nachricht | original-nachricht"
    " | anfang der weitergeleiteten nachricht | originalmail | urspr. nachricht | original nachricht"
    " | ende der weitergeleiteten nachricht | ursprünglicher termin | ursprüngliche e-mail | ursprüngliche mail"
    " | weitergeleitet von | originaltext | originalnachricht anfang | weitergeleitete mail | weitergeleitete e-mail",
    devices="von meinem | diese nachricht wurde von meinem | von unterwegs | holen sie sich outlook | outlook für"
    " | laden sie outlook | von mobil gesendet | von iphone gesendet | von unterwegs gesendet"
    " | diese nachricht wurde mobil | entschuldigen sie tippfehler | mobil gesendet",
    sent="gesendet von | gesendet mit | gesendet über | gesendet aus | gesendet | versendet mit | geschickt von"
    " | verschickt mit",
    disclaimers="diese e-mail enthält | diese e-mail und | diese nachricht enthält | der inhalt dieser"
    " | vertraulichkeitshinweis | diese mail enthält | diese e-mail ist | virenfrei | diese e-mail wurde von"
    " | bitte denken sie an die umwelt | die information in dieser | haftungsausschluss | hinweis zur vertraulichkeit"
    " | bitte prüfen sie | diese nachricht ist vertraulich | diese nachricht ist ausschließlich | die in dieser e-mail"
    " | diese e-mail kann | informationen zum datenschutz | datenschutzhinweis | rechtlicher hinweis"
    " | wichtiger hinweis: | der austausch von nachrichten | die informationen in dieser | dieses e-mail"
    " | diese e-mail, einschließlich | bitte prüfen sie, ob diese | vertraulich: | hinweise zum datenschutz"
    " | denken sie an die umwelt | schützen sie die umwelt | diese nachricht und | diese information ist",
    legal="vertraulich | empfänger | absender | löschen | unbefugt | haftung | weitergabe | viren | amtsgericht"
    " | geschäftsführer | handelsregister | ust-id | untersagt | vernichten | adressat | datenschutz"
    " | umwelt | ausdruck | drucken | weiterleit | haftungs",
    list_footers="sie erhalten diese nachricht, weil | sie erhalten diese e-mail, weil | mailingliste | newsletter abbestellen"
    " | sie haben diese nachricht erhalten, weil",
    reply_above="über dieser zeile | oberhalb dieser linie | oberhalb dieser zeile | über dieser linie",
    inline="antworten unten | antworten siehe unten | antworten in rot | unten in rot | rot markiert"
    " | direkt im text | direkt unten | im text unten | unten im text | unten in blau"
    " | antworten im text | antworten stehen unten | kommentare unten | anmerkungen unten"
    " | zwischen den zeilen | meine antworten siehe",
)
NL = Words(
    verbs="schreef | geschreven | schreven | citaat van",
    openers="op | verzonden op",
    days="ma | di | wo | do | vr | za | zo | maandag | dinsdag | woensdag | donderdag | vrijdag | zaterdag | zondag",
    senders="van | afzender",
    dates="verzonden | datum | verzonden op | verstuurd",
    recipients="aan",
    subjects="onderwerp | betreft",
    others="bijlagen | bijlage | urgentie | kopie | prioriteit",
    separators="oorspronkelijk bericht | doorgestuurd bericht | origineel bericht | begin doorgestuurd bericht"
    " | oorspronkelijke e-mail | originele bericht | oorspronkelijke bericht | doorgezonden bericht | doorgestuurde mail",
    devices="verstuurd vanaf | verzonden vanaf | outlook voor | vanaf mijn | download outlook | outlook downloaden"
    " | haal outlook voor | verstuurd van mijn | verzonden van mijn",
    sent="verzonden via | verzonden met | verstuurd met | verstuurd via | verstuurd vanuit | verzonden vanuit | verzonden"
    " | verstuurd",
    disclaimers="dit bericht | deze e-mail | de informatie in | dit e-mailbericht | deze email | virusvrij | disclaimer"
    " | denk aan het milieu | de inhoud van dit | de inhoud van deze | de informatie verzonden | aan dit bericht"
    " | dit e-mail bericht | vertrouwelijkheid",
    legal="vertrouwelijk | geadresseerde | afzender | verwijder | aansprakelijk | openbaar | virus | bestemd | toegestaan"
    " | milieu | print",
    list_footers="u ontvangt dit bericht omdat | je ontvangt dit bericht omdat | u ontvangt deze e-mail omdat | mailinglijst",
    reply_above="boven deze lijn | boven deze regel",
    inline="antwoorden hieronder | antwoorden in het rood | in het rood | antwoorden in de tekst"
    " | zie mijn antwoorden | mijn antwoorden staan | mijn antwoorden hieronder",
)
DA = Words(
    verbs="skrev | skriver | har skrevet | følgende | citat fra | citerer",
    openers="den | d. | på | kl.",
    days="man | tir | ons | tor | fre | lør | søn",
    senders="fra | afsender",
    dates="sendt | dato | sendt den | modtaget",
    recipients="til | modtager",
    subjects="emne",
    others="kopi | vedhæftede filer | vedhæftet | prioritet",
    separators="oprindelig meddelelse | videresendt besked | oprindelig besked | videresendt meddelelse"
    " | start på videresendt besked | original meddelelse | oprindelig e-mail | oprindelig mail | videresendt mail"
    " | original besked | den oprindelige meddelelse",
    devices="sendt fra min | hent outlook | få outlook | sendt fra outlook | sendt fra mail | sendt fra yahoo",
    sent="sendt fra | sendt via | sendt med",
    disclaimers="denne e-mail | denne mail | dette er en fortrolig | denne meddelelse | oplysningerne i denne"
    " | fortrolighed | denne besked er | tænk på miljøet | virusfri",
    legal="fortrolig | modtager | afsender | slette | uberettiget | ansvar | virus | videregiv | tilsigtede | forbudt"
    " | miljø | udskriv",
    list_footers="du modtager denne besked, fordi | du modtager denne e-mail, fordi | mailingliste"
    " | du har modtaget denne besked, fordi",
    reply_above="over denne linje",
    inline="svar nedenfor | svar med rødt | mine svar | svar i teksten | svar herunder",
)
SV = Words(
    verbs="skrev | skriver | har skrivit | följande | citerar",
    openers="den | på | kl. | kl",
    days="mån | tis | ons | tor | tors | fre | lör | sön",
    senders="från | avsändare",
    dates="skickat | datum | datum/tid | skickades | skickad | mottaget",
    recipients="till | mottagare",
    subjects="ämne",
    others="kopia | bifogade filer | bilagor | prioritet",
    separators="ursprungligt meddelande | vidarebefordrat meddelande | originalmeddelande | vidarebefordrat brev"
    " | ursprungligt brev | vidarebefordrat mail | början på vidarebefordrat meddelande"
    " | vidarebefordrat mejl | ursprungligt mejl | ursprunglig e-post",
    devices="skickat från | skickades från | hämta outlook | skickat via min | skaffa outlook",
    sent="skickat med | skickat via | skickat",
    disclaimers="detta meddelande | detta e-postmeddelande | denna e-post | det här meddelandet | det här mejlet"
    " | innehållet i detta | tänk på miljön | informationen i detta | sekretess | detta e-brev | detta mail",
    legal="konfidentiell | sekretess | mottagar | avsändar | radera | obehörig | ansvar | virus | sprid | förbjud"
    " | miljö | skriv ut",
    list_footers="du får det här meddelandet eftersom | du får detta meddelande eftersom | sändlista"
    " | du har fått det här meddelandet eftersom | e-postlista",
    reply_above="ovanför denna rad | ovanför den här raden | ovanför denna linje",
    inline="svar nedan | svar i rött | mina svar | svar i texten | svar med rött",
)
NB = Words(
    verbs="skrev | skreiv | skriver | har skrevet | følgende | siterer",
    openers="den | på | kl.",
    days="man | tir | ons | tor | fre | lør | søn | måndag | tysdag | laurdag | sundag",
    senders="fra | frå | avsender",
    dates="sendt | dato | sendt den",
    recipients="til | mottaker",
    subjects="emne",
    others="kopi | vedlegg | prioritet | viktighet",
    separators="opprinnelig melding | videresendt melding | original melding | opprinnelig e-post | videresendt e-post"
    " | startet videresendt melding | opphavleg melding | videresendt epost | start på videresendt melding",
    devices="sendt fra min | få outlook | skaff deg outlook | last ned outlook | hent outlook | sendt frå min",
    sent="sendt fra | sendt via | sendt med",
    disclaimers="denne e-posten | denne meldingen | denne e-post | denne eposten | innholdet i denne | tenk på miljøet"
    " | informasjonen i denne | taushetsplikt",
    legal="konfidensiell | fortrolig | mottaker | avsender | slett | uvedkommende | ansvar | virus | taushet | forbudt"
    " | miljø",
    list_footers="du mottar denne meldingen fordi | du mottar denne e-posten fordi | e-postliste"
    " | du har mottatt denne meldingen fordi",
    reply_above="over denne linjen | over denne linja",
    inline="svar nedenfor | svar i rødt | mine svar | svar i teksten | svar under",
)
