"""What mail programs write around answers in French, Spanish, Italian, Portuguese, Romanian and Catalan. Data only."""

from gateway.mail.reply_text.marks.words import Words

FR = Words(
    verbs="citant | a écrit | écrit | a ecrit | écrivait | a envoyé | a répondu",
    openers="le | message du | en date du",
    days="lun | mar | mer | jeu | ven | sam | dim",
    senders="de | expéditeur | de la part de",
    dates="envoyé | date | envoyé le | date d'envoi | date d’envoi | envoyé(e) | reçu le",
    recipients="à | a | destinataire | pour | destinataires",
    subjects="objet | sujet",
    others="copie à | copie | pièces jointes | pièce jointe | copie cachée | importance | répondre à",
    separators="message d'origine | message d’origine | message original | message transféré | début du message transféré"
    " | message initial | message réexpédié | e-mail d'origine | courriel original | message d'origine transféré"
    " | mail original | début du message réexpédié | message transmis | fin du message transféré | mail transféré"
    " | courriel d'origine | transféré par | e-mail transféré",
    devices="envoyé de mon | envoyé depuis mon | envoyé à partir de | télécharger outlook | obtenir outlook"
    " | téléchargez outlook | obtenez outlook | provenance : courrier pour | provenance : courrier | envoyé depuis l'app"
    " | envoyé depuis yahoo | envoyé depuis outlook | envoyé depuis la | envoyé depuis courrier",
    sent="envoyé depuis | envoyé avec | envoyé via | envoyé par | envoyé de",
    disclaimers="ce message et | ce courriel et | ce message est confidentiel | avis de confidentialité"
    " | les informations contenues | ce message peut contenir | ce courrier électronique | pensez à l'environnement"
    " | garanti sans virus | l'absence de virus | ce mail et | cet e-mail | sans virus | ce message électronique"
    " | ce message contient | ce courriel peut | avant d'imprimer | pensez à l’environnement | cet email | avis important"
    " | mentions légales | clause de confidentialité | n'imprimez | le contenu de ce | ce message (et | afin de respecter"
    " | ce courriel est | avis : ce",
    legal="confidentiel | destinataire | expéditeur | détrui | interdit | responsabilité | diffusion | virus | supprim"
    " | non autorisé | divulg | altér"
    " | environnement | imprim",
    list_footers="vous recevez ce message | liste de diffusion | vous avez reçu ce message car | se désabonner"
    " | pour vous désinscrire | vous recevez cet e-mail | vous recevez ce courriel",
    reply_above="au-dessus de cette ligne",
    inline="réponses ci-dessous | réponses en rouge | réponses dans le texte | mes réponses en"
    " | ci-dessous en rouge | réponses dans le corps | ci-dessous mes réponses"
    " | commentaires ci-dessous | réponses ci-après",
)
ES = Words(
    verbs="citando a | escribió | escribio | escribía | ha escrito | escribieron",
    openers="el | con fecha | en | a las | el día",
    days="lun | mar | mié | mie | jue | vie | sáb | sab | dom",
    senders="de | remitente",
    dates="fecha | enviado | enviado el | enviada el | fecha de envío | enviado en",
    recipients="para | a | destinatario",
    subjects="asunto",
    others="cco | datos adjuntos | archivos adjuntos | adjuntos | importancia | prioridad | con copia a",
    separators="mensaje original | mensaje reenviado | inicio del mensaje reenviado | correo original | mensaje de origen"
    " | correo reenviado | comienzo del mensaje reenviado | fin del mensaje reenviado | email original | mensaje anterior"
    " | reenviado por",
    devices="enviado desde mi | obtener outlook | descargar outlook | enviado de mi | obtenga outlook | obtén outlook"
    " | enviado desde outlook | enviado desde yahoo | enviado desde correo | enviado desde mail | enviado desde un",
    sent="enviado desde | enviado con | enviado por | enviado a través de | enviado vía | enviado via",
    disclaimers="este mensaje y | este mensaje va dirigido | este correo electrónico | aviso legal"
    " | la información contenida | antes de imprimir | aviso de confidencialidad | este mensaje puede | libre de virus"
    " | este correo y | este mensaje contiene | en cumplimiento de | este mensaje se dirige | este mensaje es confidencial"
    " | el contenido de este | la información incluida | este e-mail | piense en el medio ambiente"
    " | de conformidad con | cláusula de confidencialidad | protección de datos | este email | advertencia legal",
    legal="confidencial | destinatari | remitente | elimin | prohib | responsab | virus | divulga | borr | autoriza"
    " | medio ambiente | imprim",
    list_footers="has recibido este mensaje porque | ha recibido este mensaje porque | recibes este mensaje porque"
    " | lista de correo | recibe este correo porque | darse de baja | cancelar la suscripción",
    reply_above="por encima de esta línea | encima de esta línea",
    inline="respuestas abajo | respuestas más abajo | respuestas en rojo | mis respuestas en"
    " | abajo en rojo | respuestas a continuación | respondo abajo | respondo entre líneas"
    " | entre líneas",
)
IT = Words(
    verbs="ha scritto | scrisse | scriveva | scrive | citando",
    openers="il | in data | il giorno | nel | alle",
    days="lun | mar | mer | gio | ven | sab | dom",
    senders="da | mittente | risposta",
    dates="data | inviato | inviato il | inviata | inviato: | data invio",
    recipients="a | per | destinatario",
    subjects="oggetto",
    others="ccn | allegati | priorità | p.c | cc | rispondi a | importanza",
    separators="messaggio originale | messaggio inoltrato | inizio messaggio inoltrato | messaggio originario"
    " | inizio del messaggio inoltrato | messaggio da inoltrare | mail originale | e-mail originale | inoltrato da"
    " | fine messaggio inoltrato | testo originale",
    devices="inviato da iphone | inviato da ipad | ottieni outlook | scarica outlook | inviato dal mio | inviata dal mio"
    " | inviato dal tuo | inviato da outlook | inviato da yahoo | inviato da posta per | inviato da mobile"
    " | inviato da un dispositivo | inviato da libero",
    sent="inviato da | inviato dal | inviato con | inviata da | inviato tramite | inviato dall",
    disclaimers="questo messaggio | le informazioni contenute | il presente messaggio | questa e-mail | questa email"
    " | ai sensi del | avviso di riservatezza | prima di stampare | privo di virus | questo documento è | la presente e-mail"
    " | il contenuto di questa | il contenuto della presente | le informazioni trasmesse | riservatezza"
    " | rispetta l'ambiente | informativa privacy | ai sensi dell'art | nota di riservatezza | la presente comunicazione",
    legal="confidenzial | riservat | destinatari | mittente | elimin | vietat | responsab | virus | cancell | divulga"
    " | distrugg | diffusione"
    " | ambiente | stampare | privacy",
    list_footers="hai ricevuto questo messaggio perché | ricevi questa email perché | lista di distribuzione"
    " | ricevi questo messaggio perché | mailing list | cancellarsi dalla lista",
    reply_above="sopra questa riga | sopra questa linea | al di sopra di questa riga",
    inline="risposte sotto | risposte in rosso | sotto in rosso | risposte di seguito | mie risposte"
    " | rispondo sotto | risposte nel testo | rispondo di seguito",
)
PT = Words(
    verbs="escreveu | escreveram | citando | a escrever",
    openers="em | a | no dia | às | na | no",
    days="seg | ter | qua | qui | sex | sáb | sab | dom",
    senders="de | remetente",
    dates="data | enviada em | enviado em | enviada | data de envio | enviado | enviada a",
    recipients="para | destinatário",
    subjects="assunto",
    others="anexos | anexo | cco | importância | prioridade | com cópia",
    separators="mensagem original | mensagem encaminhada | mensagem reencaminhada | início da mensagem reencaminhada"
    " | início da mensagem encaminhada | e-mail original | email original | mensagem de origem | correio original"
    " | mensagem reenviada | encaminhado por | fim da mensagem encaminhada",
    devices="enviado do meu | enviada do meu | enviado a partir do meu | obter o outlook | baixe o outlook"
    " | obtenha o outlook | enviado de meu | baixar o outlook | enviado do outlook | enviado do yahoo"
    " | enviado do email para | enviado do correio | enviado a partir do | enviada a partir do | instale o outlook",
    sent="enviado do | enviado de | enviado via | enviado a partir de | enviado com | enviado pelo | enviado por"
    " | enviada do",
    disclaimers="esta mensagem | este e-mail | aviso de confidencialidade | as informações contidas | aviso legal"
    " | antes de imprimir | livre de vírus | este email | a informação contida | o conteúdo desta | o conteúdo deste"
    " | confidencialidade | pense no meio ambiente | esta comunicação | o presente e-mail | a presente mensagem"
    " | sem vírus",
    legal="confidencia | destinat | remetente | elimin | proibi | responsab | vírus | divulga | apag | autoriza"
    " | ambiente | imprim",
    list_footers="recebeu esta mensagem porque | você recebeu essa mensagem porque | você está recebendo esta mensagem"
    " | lista de discussão | cancelar a inscrição | lista de distribuição | você recebeu este e-mail porque",
    reply_above="acima desta linha",
    inline="respostas abaixo | respostas a vermelho | respostas em vermelho | abaixo em vermelho"
    " | respondo abaixo | minhas respostas",
)
RO = Words(
    verbs="a scris | scrie | au scris | citând",
    openers="în | pe | la | la data | in data | în data | în ziua | in",
    days="lun | mar | mie | joi | vin | sâm | sam | dum",
    senders="de la | expeditor | din partea",
    dates="trimis | data | trimis la | trimis în | expediat",
    recipients="către | catre | pentru | la | destinatar",
    subjects="subiect",
    others="atașări | atașamente | importanță | copie | fișiere atașate",
    separators="mesaj original | mesaj redirecționat | mesajul original | mesaj inițial | mesaj retransmis"
    " | începutul mesajului redirecționat | mesaj redirectionat | mesaj transmis | email original | forwarded message",
    devices="trimis de pe | obțineți outlook | trimis de la | obtineti outlook | trimis din yahoo | trimis din outlook"
    " | descărcați outlook | descarcă outlook",
    sent="trimis din | trimis cu | trimis prin | trimis folosind | trimis de",
    disclaimers="acest mesaj | acest e-mail | acest email | informațiile conținute | declinarea | clauză de confidențialitate"
    " | informațiile din acest | confidențialitate | înainte de a tipări | fără viruși | gândiți-vă la mediu"
    " | conținutul acestui | prezentul mesaj | prezentul e-mail",
    legal="confidențial | destinatar | expeditor | ștergeți | interzis | răspunde | viru | divulg | distribu | autorizat"
    " | mediu | tipăr",
    list_footers="ați primit acest mesaj deoarece | ați primit acest mesaj pentru că | primiți acest mesaj deoarece"
    " | primiți acest e-mail | dezabonare | listă de discuții",
    reply_above="deasupra acestei linii",
    inline="răspunsuri mai jos | răspunsurile mai jos | cu roșu | răspunsurile mele | răspuns mai jos",
)
CA = Words(
    verbs="va escriure | ha escrit | escribiu | va escriure el",
    openers="el dia | a data | el | o",
    days="dl | dt | dc | dj | dv | ds | dg",
    senders="de | remitent",
    dates="data | enviat | enviat el",
    recipients="per a | a | para",
    subjects="assumpte | tema",
    others="adjunts | adjuncions",
    separators="missatge original | missatge reenviat | mensaxe orixinal | mensaxe reenviada",
    devices="enviat des del meu | enviat des de | obteniu outlook | enviado dende o meu",
    sent="enviat amb",
    disclaimers="aquest missatge | aquest correu | avís legal | la informació continguda | abans d'imprimir",
    legal="confidencial | destinatari | remitent | eliminar | prohibi | responsab",
    list_footers="heu rebut aquest missatge perquè | has rebut aquest missatge perquè",
)
