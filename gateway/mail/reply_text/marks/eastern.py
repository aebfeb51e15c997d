"""What mail programs write around answers in Greek, Turkish, Hebrew and Arabic. Data only."""

from gateway.mail.reply_text.marks.words import Words

EL = Words(
    verbs="παραθέτοντας | έγραψε | έγραψες | έγραψα | γράφει | έγραψαν | ο/η έγραψε | εγραψε",
    openers="στις | την | στης | τη | στο | τον | το",
    days="δευ | τρ | τετ | πέμ | πεμ | παρ | σάβ | σαβ | κυρ | δευτ",
    senders="από | αποστολέας",
    dates="ημερομηνία | στάλθηκε | εστάλη | ημ/νία | απεστάλη | ημερομηνία αποστολής",
    recipients="προς | παραλήπτης",
    subjects="θέμα",
    others="κοιν | κοιν. | κοινοποίηση | συνημμένα | κρυφή κοινοποίηση | σπουδαιότητα | ιδιαίτερη κοινοποίηση",
    separators="αρχικό μήνυμα | προωθημένο μήνυμα | μήνυμα που προωθήθηκε | πρωτότυπο μήνυμα | αρχή προωθημένου μηνύματος"
    " | αρχικό email | έναρξη προωθημένου μηνύματος | προωθούμενο μήνυμα | αρχικό e-mail",
    devices="στάλθηκε από το | λήψη του outlook | λήψη outlook | στάλθηκε από iphone | στάλθηκε από την"
    " | αποκτήστε το outlook | εστάλη από το",
    sent="στάλθηκε από | εστάλη από | αποστολή από | στάλθηκε με | στάλθηκε μέσω",
    disclaimers="το παρόν μήνυμα | το μήνυμα αυτό | οι πληροφορίες που περιέχονται | το παρόν e-mail | αποποίηση ευθύνης"
    " | εμπιστευτικότητα | το παρόν ηλεκτρονικό | αυτό το μήνυμα | σκεφτείτε το περιβάλλον | αυτό το email"
    " | παρακαλούμε σκεφτείτε το περιβάλλον | χωρίς ιούς | το περιεχόμενο αυτού | αυτό το e-mail | αυτό το ηλεκτρονικό"
    " | εμπιστευτικό:",
    legal="εμπιστευτικ | παραλήπτ | αποστολ | διαγρά | απαγορ | ευθύν | ιού | διανομή | εξουσιοδ | περιβάλλον",
    list_footers="λάβατε αυτό το μήνυμα επειδή | λάβατε αυτό το μήνυμα διότι | λαμβάνετε αυτό το μήνυμα επειδή"
    " | λάβατε αυτό το email | λίστα αλληλογραφίας | κατάργηση εγγραφής | διαγραφή από τη λίστα",
    reply_above="πάνω από αυτή τη γραμμή | πάνω από αυτήν τη γραμμή",
    inline="απαντήσεις παρακάτω | απαντήσεις με κόκκινο | απαντώ παρακάτω | οι απαντήσεις μου | απαντήσεις πιο κάτω",
)
TR = Words(
    verbs="yazdı | şunu yazdı | şunları yazdı | tarihinde şunu yazdı | yazmış | yazıyor | şöyle yazdı | aktaran | alıntı",
    openers="tarihinde",
    days="pzt | sal | çar | per | cum | cmt | paz | pazartesi | salı | çarşamba | perşembe | cuma | cumartesi",
    senders="kimden | gönderen",
    dates="tarih | gönderildi | gönderme tarihi | gönderilme tarihi | gönderim tarihi",
    recipients="kime | alıcı",
    subjects="konu",
    others="bilgi | ekler | önem | gizli | ek",
    separators="özgün ileti | orijinal mesaj | iletilen mesaj | orijinal ileti | yönlendirilmiş ileti"
    " | iletilmiş mesaj başlangıcı | yönlendirilen mesaj | asıl mesaj | iletilmiş ileti | özgün mesaj"
    " | yönlendirilmiş mesaj | yönlendirilen ileti | iletilen ileti | orijinal e-posta",
    devices="outlook'u edinin | outlook’u edinin | iphone'umdan gönderildi | ios için outlook | android için outlook"
    " | iphone’umdan gönderildi | ipad'imden gönderildi | outlook for ios'u edinin | outlook'u indirin",
    sent="gönderildi | gönderilmiştir | gönderdim",
    disclaimers="bu e-posta | bu mesaj | bu ileti | bu e-postanın | yasal uyarı | gizlilik | işbu e-posta"
    " | bu elektronik posta | bu eposta | virüs bulunmuyor | uyarı: | yazdırmadan önce | lütfen çevreyi",
    legal="gizli | alıcı | gönderen | siliniz | sorumlu | yasak | virüs | yetkisiz | kopyala | yazdır | çevre",
    list_footers="bu mesajı aldınız çünkü | bu iletiyi almanızın nedeni | bu e-postayı aldınız çünkü | e-posta listesi"
    " | abonelikten çık",
    reply_above="bu satırın üstüne | bu çizginin üstüne | bu satırın üzerine",
    inline="cevaplar aşağıda | cevaplarım aşağıda | yanıtlar aşağıda | yanıtlarım aşağıda | kırmızı ile"
    " | cevaplarım kırmızı",
)
HE = Words(
    verbs="כתב | כתבה | כתב/ה | כתבו | כתב(ה) | כתב/ה: | כתב: | נכתב על ידי | מאת",
    openers="בתאריך | ביום | ב | בתאריך יום",
    days="יום | ראשון | שני | שלישי | רביעי | חמישי | שישי | שבת",
    senders="מאת | שולח | מ | מ- | מי",
    dates="נשלח | תאריך | נשלח בתאריך | נשלח ב | נשלח ב-",
    recipients="אל | לכבוד | נמען | ל",
    subjects="נושא | הנדון",
    others="עותק | העתק | קבצים מצורפים | חשיבות | העתק סמוי",
    separators="הודעה מקורית | הודעה שהועברה | ההודעה המקורית | תחילת ההודעה שהועברה | הודעה מועברת | דואר מקורי"
    " | הודעה שהועברה התחילה",
    devices="נשלח מה-iphone | נשלח מהiphone | נשלח מהאייפון | נשלח מהטלפון | קבל את outlook | הורד את outlook"
    " | קבלו את outlook | הורידו את outlook | נשלח מה-ipad | נשלח מ-iphone | נשלח מה-galaxy | נשלח ממכשיר | נשלח מהנייד",
    sent="נשלח מ | נשלח מה | נשלח באמצעות | נשלח מתוך | נשלח דרך",
    disclaimers="הודעה זו | דואר אלקטרוני זה | המידע הכלול | המידע בהודעה | הודעת סודיות | מסר זה | נא לחשוב על"
    " | ללא וירוסים | הבהרה: | מייל זה",
    legal="סודי | נמען | שולח | למחוק | אסור | אחריות | וירוס | מיועד | חסוי | הפצה | הסביבה",
    list_footers="קיבלת הודעה זו כי | קיבלת הודעה זו מפני | רשימת תפוצה | לביטול הרישום | להסרה מרשימת",
    reply_above="מעל שורה זו | מעל לשורה זו",
    inline="תשובות בהמשך | תשובות למטה | תשובותיי | תשובות באדום | התשובות שלי | תשובות בגוף",
)
AR = Words(
    verbs="كتب | كتبت | كتبوا | تمت كتابة ما يلي بواسطة | كتب/ت | قال | كتب: | كتب ما يلي | كُتب بواسطة",
    openers="في | بتاريخ | يوم | في يوم | في تاريخ",
    days="الأحد | الاثنين | الإثنين | الثلاثاء | الأربعاء | الخميس | الجمعة | السبت | أحد | اثنين",
    senders="من | المرسل",
    dates="تاريخ | التاريخ | تم الإرسال | أرسل | تاريخ الإرسال | أُرسلت | مرسل | أُرسِلَ | الإرسال | تم الارسال",
    recipients="إلى | الى | المستلم | المرسل إليه | لـ",
    subjects="الموضوع | موضوع",
    others="نسخة | نسخة إلى | المرفقات | الأهمية | نسخة مخفية",
    separators="الرسالة الأصلية | رسالة أصلية | رسالة معاد توجيهها | الرسالة المعاد توجيهها | بداية الرسالة المعاد توجيهها"
    " | رسالة تمت إعادة توجيهها | رسالة مُعاد توجيهها | بدء الرسالة المعاد توجيهها | الرسالة الاصلية | رسالة محولة",
    devices="أُرسلت من | أرسلت من الـ | أرسلت من جهاز | أرسلت من هاتفي | تم الإرسال من هاتفي | الحصول على outlook"
    " | احصل على outlook | تم الإرسال من جهاز | أرسل من هاتفي | تم إرسالها من | تنزيل outlook | تم الإرسال من الـ"
    " | مرسل من هاتفي | أُرسل من",
    sent="أرسلت من | تم الإرسال من | أرسل من | مرسل من | مرسلة من | تم الارسال من | تم الإرسال بواسطة",
    disclaimers="هذه الرسالة | هذا البريد | تحتوي هذه الرسالة | المعلومات الواردة | إخلاء مسؤولية | إشعار السرية"
    " | إخلاء المسؤولية | إن هذه الرسالة | هذا البريد الإلكتروني | إشعار بالسرية | تنويه: | خالٍ من الفيروسات"
    " | يرجى مراعاة البيئة",
    legal="سري | المستلم | المرسل | حذف | يحظر | مسؤول | فيروس | المقصود | توزيع | البيئة",
    list_footers="لقد تلقيت هذه الرسالة لأنك | تلقيت هذه الرسالة لأنك | القائمة البريدية | إلغاء الاشتراك"
    " | تتلقى هذه الرسالة لأنك | وصلتك هذه الرسالة لأنك",
    reply_above="فوق هذا السطر | أعلى هذا السطر",
    inline="الإجابات أدناه | الردود أدناه | إجاباتي | الردود باللون الأحمر | ردودي | باللون الأحمر",
)
