"""What mail programs write around answers in the Slavic languages. Data only."""

from gateway.mail.reply_text.marks.words import Words

PL = Words(
    verbs="cytowanie | napisał | napisała | napisał(a) | napisał/a | pisze | napisano | pisał | pisała | napisana przez"
    " | napisał(-a) | pisze co następuje | napisali | cytat",
    openers="w dniu | dnia | dn. | w | wiadomość napisana | użytkownik | wiadomość z dnia | data",
    days="pon | wt | śr | czw | pt | sob | niedz | ndz | pią | wto | nie",
    senders="od | nadawca",
    dates="data | wysłano | wysłane | data wysłania | wysłany | wysłana | data i godzina",
    recipients="do | adresat | odbiorca",
    subjects="temat | dotyczy",
    others="dw | do wiadomości | załączniki | ważność | udw | kopia | odpowiedz do | priorytet",
    separators="wiadomość oryginalna | oryginalna wiadomość | treść przekazanej wiadomości | przekazana wiadomość"
    " | wiadomość przekazana | treść oryginalnej wiadomości | wiadomość przekazana dalej | wiadomość pierwotna"
    " | początek przekazywanej wiadomości | początek przekazanej wiadomości | oryginał wiadomości | oryginalny e-mail"
    " | przesyłana dalej wiadomość | oryginalna wiadomosc | wiadomosc oryginalna | przekazane przez"
    " | koniec przekazywanej wiadomości | treść wiadomości | przekazany e-mail | oryginalny mail",
    devices="wysłane z | wysłano z | wyslane z | pobierz aplikację outlook | pobierz outlook | uzyskaj outlook"
    " | wyslano z | wiadomość wysłana z telefonu | wiadomość wysłano z telefonu",
    sent="wysłane przy użyciu | wysłane za pomocą | wysłano za pomocą | wysłano przy użyciu | wysłane przez | wysłane od"
    " | wysłana z | wiadomość wysłana z",
    disclaimers="ta wiadomość i wszelkie załączniki | niniejsza wiadomość | treść tej wiadomości"
    " | wiadomość ta jest poufna | informacja o poufności | klauzula poufności | jeśli nie jesteś adresatem"
    " | jeżeli nie są państwo adresat | ta wiadomość została sprawdzona | wiadomość została sprawdzona"
    " | treść niniejszej wiadomości | zanim wydrukujesz | pomyśl o środowisku | administratorem danych osobowych"
    " | administratorem państwa danych | wolny od wirusów | niniejszy e-mail | informacje zawarte w tej"
    " | administratorem pani/pana danych | ta wiadomość jest poufna | ta wiadomość może zawierać | wiadomość ta może"
    " | jeżeli nie jest pan | jeżeli nie jesteś adresatem | ta wiadomość (wraz | ta wiadomość e-mail | nie zawiera wirusów"
    " | informacje zawarte w niniejszej | treść tego e-maila | zastrzeżenie: | uwaga: treść | klauzula informacyjna",
    legal="poufn | adresat | nadawc | usunię | zabronion | odpowiedzialn | rozpowszechni | wirus | sąd rejonowy | krs"
    " | nip | danych osobowych | rodo | administrator | regon | kapitał zakładowy | odbiorc"
    " | środowisk | wydruk",
    list_footers="otrzymujesz tę wiadomość, ponieważ | otrzymujesz ten e-mail, ponieważ | lista dyskusyjna"
    " | lista mailingowa | aby zrezygnować z subskrypcji | aby się wypisać",
    reply_above="odpowiedz powyżej tej linii | odpowiedź powyżej tej linii | powyżej tej linii",
    inline="odpowiedzi poniżej | odpowiadam poniżej | odpowiedzi na czerwono | poniżej na czerwono"
    " | odpowiedzi w treści | odpowiedzi w tekście | moje odpowiedzi | odpowiedzi niżej",
)
CS = Words(
    verbs="napsal | napsala | napsal(a) | napsal/a | píše | psal | psala | cituji",
    openers="dne | v | ve | uživatel",
    days="po | út | st | čt | pá | so | ne | pon | úte | stř | čtv | pát | sob | ned",
    senders="od | odesílatel",
    dates="odesláno | datum | odeslané | odesláno dne | odeslal",
    recipients="komu | pro | příjemce",
    subjects="předmět",
    others="kopie | přílohy | příloha | důležitost | skrytá kopie",
    separators="původní zpráva | přeposlaná zpráva | původní e-mail | začátek přeposlané zprávy | původní email"
    " | přeposlaný e-mail | přeposlaná pošta | originální zpráva | původní zpráva od | předaná zpráva"
    " | začátek předávané zprávy | konec přeposlané zprávy",
    devices="odesláno z mého | odesláno z iphonu | odesláno z iphone | odesláno z ipadu | získejte outlook"
    " | stáhnout outlook | získat outlook | stáhněte si outlook | odesláno ze systému | odesláno z aplikace"
    " | odesláno z pošty | odesláno z mobil",
    sent="odesláno z | odesláno ze | odesláno přes | odesláno pomocí | posláno z | odesláno",
    disclaimers="tato zpráva | tento e-mail | tento email | informace obsažené | obsah této zprávy | obsah tohoto"
    " | upozornění: | důvěrné: | před vytištěním | neobsahuje žádné viry | bez virů | prohlášení o"
    " | tato e-mailová zpráva | tato elektronická | dříve než vytisknete | myslete na životní",
    legal="důvěrn | adresát | příjemc | odesílatel | smaž | neoprávněn | odpovědnost | šíř | vir | zakázán | vymaž"
    " | životní | vytisk",
    list_footers="tuto zprávu jste obdrželi, protože | dostali jste tuto zprávu, protože | odhlásit odběr"
    " | tento e-mail jste obdrželi",
    reply_above="nad tímto řádkem | nad tuto čáru",
    inline="odpovědi níže | odpovídám níže | odpovědi červeně | odpovědi v textu | níže červeně | moje odpovědi",
)
SK = Words(
    verbs="napísal | napísala | napísal(a) | napísal/a | píše | písal | písala",
    openers="dňa | v | vo | používateľ | dna",
    days="po | ut | st | št | pi | so | ne | pon | uto | str | štv | pia | sob | ned",
    senders="od | odosielateľ",
    dates="odoslané | dátum | odoslaná | odoslané dňa",
    recipients="komu | pre | príjemca",
    subjects="predmet",
    others="kópia | prílohy | príloha | dôležitosť",
    separators="pôvodná správa | preposlaná správa | začiatok preposlanej správy | pôvodný e-mail | preposlaný e-mail"
    " | originálna správa | pôvodný email | začiatok posunutej správy",
    devices="odoslané z môjho | odoslané z iphonu | odoslané z iphone | odoslané z ipadu | získajte outlook"
    " | získať outlook | stiahnuť outlook | odoslané z aplikácie | odoslané z pošty | stiahnite si outlook",
    sent="odoslané z | odoslané zo | odoslané cez | odoslané pomocou | odoslané | poslané z",
    disclaimers="táto správa | tento e-mail | tento email | informácie obsiahnuté | obsah tejto správy | obsah tohto"
    " | upozornenie: | pred vytlačením | bez vírusov | táto e-mailová | dôverné: | informácie v tomto",
    legal="dôvern | adresát | príjemc | odosielateľ | vymaž | neoprávnen | zodpovednosť | šír | vírus | zakázan"
    " | vytlač | životné",
    list_footers="túto správu ste dostali, pretože | dostali ste túto správu, pretože | odhlásiť odber",
    reply_above="nad týmto riadkom | nad túto čiaru",
    inline="odpovede nižšie | odpovedám nižšie | odpovede červenou | odpovede v texte | moje odpovede",
)
RU = Words(
    verbs="цитирую | писал | писала | писал(а) | написал | написала | написал(а) | пишет | написали | вы писали"
    " | писали | вы написали | пишут",
    openers="в | от | у | на | дата",
    days="пн | вт | ср | чт | пт | сб | вс | понедельник | вторник | сред | четверг | пятниц | суббот | воскресен",
    senders="от | от кого | отправитель",
    dates="дата | отправлено | отправлен | дата отправки | дата и время | послано | время",
    recipients="кому | получатель",
    subjects="тема",
    others="копия | вложения | важность | скрытая копия | вложение | кас",
    separators="исходное сообщение | пересылаемое сообщение | пересланное сообщение | первоначальное сообщение"
    " | конец пересылаемого сообщения | перенаправленное сообщение | начало переадресованного сообщения"
    " | исходное письмо | пересылаемое письмо | пересланное письмо | оригинальное сообщение | начало пересылаемого сообщения"
    " | начало переадресованного письма | оригинал сообщения | конец пересылаемого письма | завершение пересылаемого сообщения",
    devices="отправлено с моего | отправлено с iphone | отправлено с ipad | отправлено с android | получить outlook"
    " | скачать outlook | получите outlook | отправлено из мобильной | отправлено из яндекс | отправлено из почты"
    " | отправлено из outlook | отправлено из mail | отправлено из my | отправлено из mymail | послано с моего"
    " | отправлено с мобильн | отправлено с телефон | отправлено со смартфон | простите за краткость"
    " | установите outlook",
    sent="отправлено с | отправлено из | отправлено со | послано с | отправлено через | отправлено от"
    " | отправлено при помощи | отправлено с помощью",
    disclaimers="данное сообщение | это сообщение и | настоящее сообщение | информация, содержащаяся в"
    " | уведомление о конфиденциальности | настоящее электронное | данное электронное | конфиденциально:"
    " | проверено на вирусы | без вирусов | если вы не являетесь | содержание данного сообщения"
    " | это электронное сообщение | подумайте об экологии | информация в этом сообщении | конфиденциальность:"
    " | это письмо и | настоящее письмо | содержание этого письма | перед тем как распечатать | данное письмо"
    " | это сообщение может | это сообщение содержит | настоящая электронная | вирусов нет",
    legal="конфиденциал | получател | отправител | удалит | запрещ | ответственност | распростран | вирус | адресат"
    " | уничтож | разглаш"
    " | эколог | распечат",
    list_footers="вы получили это сообщение, поскольку | вы получили это письмо, потому что | список рассылки"
    " | вы получили это сообщение, потому что | чтобы отписаться | отказаться от рассылки | отписаться от рассылки"
    " | вы получили это письмо, так как",
    reply_above="выше этой строки | выше этой линии | над этой строкой | над этой чертой",
    inline="ответы ниже | отвечаю ниже | ответы в тексте | ответы красным | мои ответы | ниже красным"
    " | ответил ниже | ответила ниже | ответы по тексту",
)
UK = Words(
    verbs="пише | написав | написала | написав(ла) | написав(-ла) | писав | писала | пишуть | писав(ла) | написав/ла"
    " | написав(а) | цитую",
    openers="у | в | о | від | на",
    days="пн | вт | ср | чт | пт | сб | нд | понеділок | вівторок | серед | четвер | п'ятниц | п’ятниц | субот | неділ",
    senders="від | від кого | відправник",
    dates="надіслано | дата | відправлено | дата надсилання",
    recipients="кому | до | одержувач | отримувач",
    subjects="тема",
    others="копія | вкладення | важливість | прихована копія",
    separators="переслане повідомлення | оригінальне повідомлення | вихідне повідомлення | початкове повідомлення"
    " | переслана пошта | пересланий лист | оригінальний лист | початок пересланого повідомлення"
    " | початок переадресованого повідомлення | первинне повідомлення | початкове повідомлення від"
    " | повідомлення, яке пересилається | перенаправлене повідомлення",
    devices="надіслано з мого | надіслано з моєї | надіслано з iphone | надіслано з ipad | отримайте outlook"
    " | отримати outlook | завантажити outlook | надіслано з пристрою | надіслано з пошти | надіслано з android"
    " | надіслано із мого | надіслано з outlook | завантажте outlook",
    sent="надіслано з | надіслано із | відправлено з | надіслано за допомогою | надіслано через | надіслано від"
    " | відправлено із",
    disclaimers="це повідомлення | цей електронний лист | цей лист | інформація, що міститься | дане повідомлення"
    " | конфіденційно | перевірено на віруси | без вірусів | перш ніж друкувати | це електронне"
    " | зміст цього | якщо ви не є",
    legal="конфіденці | одержувач | отримувач | відправник | видал | заборон | відповідальн | поширен | вірус | адресат"
    " | друкувати",
    list_footers="ви отримали це повідомлення, оскільки | ви отримали це повідомлення, тому що | список розсилки"
    " | ви отримали цей лист | відписатися",
    reply_above="над цим рядком | вище цього рядка | вище цієї лінії",
    inline="відповіді нижче | відповідаю нижче | відповіді в тексті | відповіді червоним | мої відповіді"
    " | відповіді у тексті",
)
BG = Words(
    verbs="написа | пише | написал | написала | цитат от",
    openers="на | от | в",
    days="пн | вт | ср | чт | пт | сб | нд | понеделник | вторник | сряда | четвъртък | петък | събота | неделя",
    senders="от | подател | изпращач",
    dates="изпратено | дата | изпратено на | изпратен",
    recipients="до | за | получател",
    subjects="относно | тема | заглавие",
    others="копие | прикачени файлове | важност | як",
    separators="препратено съобщение | оригинално съобщение | оригинално писмо | първоначално съобщение"
    " | препратено писмо | начало на препратеното съобщение | препратен имейл | изходно съобщение",
    devices="изпратено от моя | изпратено от iphone | изтегляне на outlook | изтеглете outlook | вземете outlook"
    " | изпратено от мобил | изпратено от поща",
    sent="изпратено от | изпратено с | изпратено чрез | изпратено през",
    disclaimers="това съобщение | този имейл | този e-mail | информацията, съдържаща се | настоящото съобщение"
    " | поверително | преди да отпечатате | без вируси | съдържанието на това | тази електронна",
    legal="поверител | получател | подател | изтри | забранен | отговорност | разпростран | вирус | конфиденциал"
    " | отпечат",
    list_footers="получавате това съобщение, защото | получихте това съобщение, защото | получавате този имейл"
    " | отпишете се | отписване",
    reply_above="над този ред | над тази линия",
    inline="отговорите по-долу | отговори по-долу | отговарям по-долу | отговорите са | отговорите ми",
)
HR = Words(
    verbs="napisao | napisala | je napisao/la | je napisal | napisao/la | je napisao | je napisala | je pisao | je napisal/a"
    " | napisao je | je написао/ла | написао | написао/ла | написала | je napisal(a) | піша",
    openers="dana | dne | u | v | дана | у",
    days="pon | uto | sri | čet | pet | sub | ned | tor | sre | sob",
    senders="od | šalje | pošiljatelj | pošiljalac | пошиљалац | од | šalje",
    dates="poslano | datum | датум | послато | poslato | poslano dne",
    recipients="prima | za | primatelj | kome | за | kp",
    subjects="predmet | zadeva | naslov | наслов | тема",
    others="privitak | priloge | копија",
    separators="izvorna poruka | proslijeđena poruka | izvirno sporočilo | posredovano sporočilo | originalna poruka"
    " | prosleđena poruka | оригинална порука | прослеђена порука | prvotno sporočilo | izvorno sporočilo",
    devices="poslano s mog | poslano z moje | poslano s mojeg | poslato sa mog | nabavite outlook | preuzmite outlook"
    " | poslano iz mojega | prenesi outlook",
    sent="poslano s | poslano z | poslano iz | poslato sa | poslano putem",
    disclaimers="ova poruka | ova elektronička | to sporočilo | sporočilo in | ova e-mail | ова порука | izjava o",
    legal="povjerljiv | primatelj | pošiljatelj | izbriš | zabranjen | odgovornost | zaupn | naslovnik | poverljiv",
    list_footers="primili ste ovu poruku jer | to sporočilo ste prejeli, ker",
    reply_above="iznad ove linije | iznad ovog retka | nad to vrstico",
)
