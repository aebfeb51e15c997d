"""What mail programs write around answers in Chinese, Japanese, Korean, Vietnamese, Thai and Indonesian. Data only."""

from gateway.mail.reply_text.marks.words import Words

ZH_HANS = Words(
    verbs="写道 | 撰写 | 写到 | 来信 | 编写 | 来信说 | 的邮件",
    openers="在 | 于 | 发件人",
    days="周 | 星期",
    senders="发件人 | 发信人 | 发自 | 发送人 | 寄件人 | 来自 | 发件方",
    dates="发送时间 | 日期 | 发送日期 | 时间 | 发件日期 | 已发送 | 发送 | 发信日期",
    recipients="收件人 | 收信人 | 至 | 发送至",
    subjects="主题 | 标题",
    others="抄送 | 附件 | 密件抄送 | 密送 | 抄送人 | 重要性 | 抄 送",
    separators="原始邮件 | 原邮件 | 邮件原件 | 转发的邮件 | 回复的原邮件 | 转发邮件信息 | 回复的邮件 | 原始邮件信息"
    " | 已转发邮件 | 被转发邮件信息 | 转发邮件 | 答复邮件 | 回复邮件 | 开始转发的邮件 | 原始信息 | 以下是转发的邮件"
    " | 转发的消息 | 原始消息 | 被转发的邮件 | 邮件回复 | 原信",
    devices="发自我的 | 从我的 | 来自我的 | 获取 outlook | 下载 outlook | 获取outlook | 发自网易邮箱 | 使用 outlook"
    " | 来自 outlook | 获取适用于 | 下载适用于 | 发自iphone | 发自手机 | 发自 outlook | 发自qq | 发自 qq",
    sent="发自 | 发送自 | 发送 | 发送于",
    disclaimers="本邮件及其附件 | 本电子邮件 | 此电子邮件 | 此邮件 | 免责声明 | 保密声明 | 保密提示 | 本邮件 | 该邮件及"
    " | 机密信息 | 重要提示：本邮件 | 保密通知 | 这封邮件 | 声明：本邮件 | 请考虑环境 | 保密条款 | 打印前请",
    legal="保密 | 机密 | 收件人 | 删除 | 禁止 | 责任 | 发件人 | 病毒 | 披露 | 泄露 | 复制 | 散布 | 环境 | 打印",
    list_footers="您收到此邮件是因为 | 你收到此邮件是因为 | 您收到这封邮件是因为 | 邮件列表 | 退订 | 取消订阅",
    reply_above="在此行上方 | 在这行以上 | 此线上方 | 在此线以上",
    inline="红色字体 | 答复如下 | 见下文红 | 回复见下 | 红字 | 回复在下 | 蓝色字体 | 标红 | 回答在下",
)
ZH_HANT = Words(
    verbs="寫道 | 撰寫 | 來信 | 寫到 | 的郵件 | 來信說",
    openers="在 | 於 | 寄件者",
    days="週 | 星期 | 禮拜",
    senders="寄件者 | 寄件人 | 發件人 | 發信人 | 寄自 | 來自",
    dates="寄件日期 | 發送時間 | 傳送時間 | 日期 | 傳送日期 | 已傳送 | 時間 | 寄送時間 | 寄出時間",
    recipients="收件者 | 收件人 | 至",
    subjects="主旨 | 主題 | 標題",
    others="副本 | 附件 | 密件副本 | 副本抄送 | 重要性",
    separators="原始郵件 | 轉寄郵件 | 轉寄的郵件 | 轉發郵件 | 轉寄訊息 | 原始訊息 | 已轉寄郵件 | 原始信件 | 開始轉寄郵件"
    " | 已轉寄的郵件 | 轉寄信件 | 以下為轉寄郵件 | 被轉寄的郵件 | 開始轉寄訊息 | 轉寄的訊息 | 原郵件",
    devices="發自我的 | 從我的 | 來自我的 | 寄自我的 | 取得 outlook | 下載 outlook | 取得 ios 版 | 取得 android 版"
    " | 取得ios版 | 從 iphone | 取得 mac 版 | 下載適用於 | 取得適用於 | 從我的",
    sent="傳送自 | 發送自 | 傳送 | 發送 | 寄出 | 發自 | 传送自 | 寄自",
    disclaimers="本電子郵件 | 本郵件 | 免責聲明 | 此電子郵件 | 此郵件 | 保密聲明 | 機密資訊 | 本信件 | 此信件"
    " | 本訊息 | 列印前請 | 保密通知",
    legal="保密 | 機密 | 收件 | 刪除 | 禁止 | 責任 | 寄件 | 病毒 | 揭露 | 洩漏 | 複製 | 散布 | 列印",
    list_footers="您收到這封郵件是因為 | 您會收到此郵件是因為 | 郵寄清單 | 取消訂閱 | 您收到此郵件是因為 | 郵件論壇",
    reply_above="在此行上方 | 在這行上方 | 此線上方 | 請在此行之上",
    inline="紅色字體 | 答覆如下 | 回覆見下 | 紅字 | 回覆在下 | 藍色字體 | 標紅 | 回答在下",
)
JA = Words(
    verbs="書きました | のメール | のメッセージ | さんは書きました | さんが書きました | が書きました | wrote | からのメール"
    " | 様からのメール | さんのメール | 書かれました | は書きました | さんからのメール | より引用",
    openers="日時 | on",
    days="月曜 | 火曜 | 水曜 | 木曜 | 金曜 | 土曜 | 日曜 | (月) | (火) | (水) | (木) | (金) | (土) | (日)",
    senders="差出人 | 送信元 | 送信者 | 発信者",
    dates="日時 | 送信日時 | 送信日 | 日付 | 受信日時 | 送信済み | 送信時刻",
    recipients="宛先 | 送信先 | 宛て先",
    subjects="件名 | 題名 | 表題",
    others="添付ファイル | 重要度 | 返信先 | 添付",
    separators="元のメッセージ | 転送されたメッセージ | 転送メッセージ | オリジナルメッセージ | 転送メール | 元のメール"
    " | 転送されたメール | オリジナル メッセージ | 返信元メッセージ | 引用元メッセージ | 元のメッセージ ここから"
    " | 以下、転送メール | original message | 転送元メッセージ | ここから転送",
    devices="iphoneから送信 | ipadから送信 | androidから送信 | 私のiphone | outlook for ios を入手 | ios 用 outlook を入手"
    " | outlook for android を入手 | android 用 outlook を入手 | outlook for ios を | outlook を入手 | mac 用 outlook",
    sent="から送信 | から送信されました | を使用して送信 | で送信 | から送信しました | より送信 | から送信しています",
    disclaimers="このメールは | 本メールは | この電子メール | 本電子メール | 機密情報 | 免責事項 | 本メールに | このメールに"
    " | 本メールの | 【機密 | ※本メール | 本メッセージ | 当メール",
    legal="機密 | 受信者 | 送信者 | 削除 | 禁止 | 責任 | ウイルス | 開示 | 破棄 | 複製 | 転送 | 免責",
    list_footers="このメールは次の理由で | このメールを受け取っているのは | メーリングリスト | 配信停止 | このメールは、google グループ"
    " | 配信を停止",
    reply_above="この行より上 | この線より上 | この行の上",
    inline="赤字 | インライン | 本文中に | 文中に | 下記に回答 | 以下に回答 | 青字",
)
KO = Words(
    verbs="작성 | 님이 작성 | 書きました | 님이 쓴 글 | 이(가) 쓴 글 | 쓴 글 | 님이 작성함 | 님이 쓰신 글 | 님의 메시지"
    " | 님이 씀 | 님의 글 | 가 작성 | 이 작성",
    openers="날짜 | 보낸날짜",
    days="월요일 | 화요일 | 수요일 | 목요일 | 금요일 | 토요일 | 일요일 | (월) | (화) | (수) | (목) | (금) | (토) | (일)",
    senders="보낸 사람 | 보낸사람 | 발신 | 보낸이 | 발신자 | 발신인",
    dates="보낸 날짜 | 날짜 | 보냄 | 보낸날짜 | 보낸 시간 | 일시 | 보낸 일시 | 발송일 | 전송 날짜",
    recipients="받는 사람 | 받는사람 | 수신 | 받는이 | 수신자 | 수신인",
    subjects="제목",
    others="참조 | 첨부 파일 | 첨부 | 중요도 | 숨은 참조 | 첨부파일",
    separators="원본 메시지 | 원본 메일 | 전달된 메시지 | 원본 메세지 | 전달된 메일 | 원본메시지 | 전달된 이메일"
    " | 원본 이메일 | 전달 메시지 | 전달된 메시지 시작 | 원문 | 원본메일",
    devices="나의 iphone에서 | 내 iphone에서 | ios용 outlook | android용 outlook | 나의 ipad에서 | 내 galaxy에서"
    " | outlook for ios 다운로드 | ios용 outlook 다운로드 | 나의 galaxy에서 | 내 갤럭시에서 | ios용 outlook 받기"
    " | 삼성 갤럭시에서 | outlook for android",
    sent="에서 보냄 | 에서 보냈습니다 | 에서 보낸 메일 | 에서 전송 | 에서 보낸 메일입니다 | 에서 전송됨 | 에서 발송",
    disclaimers="본 메일은 | 이 메일은 | 본 이메일 | 이 이메일 | 기밀 | 면책 | 본 메일에 | 이 전자메일 | 본 전자우편"
    " | 본 메시지 | 이 메시지는 | 본 전자 메일",
    legal="기밀 | 수신인 | 발신인 | 삭제 | 금지 | 책임 | 바이러스 | 수신자 | 발신자 | 유출 | 복사 | 면책",
    list_footers="이 메시지를 받은 이유는 | 이 메일을 받으신 이유는 | 메일링 리스트 | 수신거부 | 수신 거부 | 구독 취소",
    reply_above="이 줄 위에 | 이 선 위에",
    inline="빨간색으로 | 본문에 답변 | 아래에 답변 | 아래 답변 | 본문 중에 | 파란색으로",
)
VI = Words(
    verbs="đã viết | viết | đã viết như sau | đã ghi | trích dẫn",
    openers="vào | ngày | lúc | vào ngày | vào lúc",
    days="th | thứ | chủ nhật | cn",
    senders="từ | người gửi | gửi từ",
    dates="ngày | đã gửi | gửi lúc | ngày gửi | đã gửi lúc | gửi | thời gian | ngày giờ",
    recipients="đến | tới | người nhận | gửi đến | gửi tới",
    subjects="chủ đề | tiêu đề | về việc",
    others="đồng gửi | tệp đính kèm | đính kèm | bản sao | tầm quan trọng",
    separators="thư gốc | tin nhắn gốc | thư được chuyển tiếp | thư đã chuyển tiếp | tin nhắn đã chuyển tiếp | thư ban đầu"
    " | thông điệp gốc | bắt đầu thư chuyển tiếp | tin nhắn ban đầu | thư chuyển tiếp | email gốc | thông báo gốc"
    " | bắt đầu thư được chuyển tiếp | tin nhắn được chuyển tiếp",
    devices="đã gửi từ iphone | được gửi từ iphone | gửi từ iphone | tải outlook | đã gửi từ galaxy | được gửi từ galaxy"
    " | tải xuống outlook | nhận outlook | gửi từ điện thoại | được gửi từ điện thoại | đã gửi từ điện thoại",
    sent="đã gửi từ | được gửi từ | gửi từ | gửi bằng | đã gửi bằng | được gửi bằng",
    disclaimers="email này | thư này | thông tin trong | tuyên bố miễn | thư điện tử này | tin nhắn này | nội dung email"
    " | thông báo bảo mật | lưu ý bảo mật | thông tin bảo mật | nội dung thư | không có vi-rút",
    legal="bảo mật | người nhận | người gửi | xóa | nghiêm cấm | trách nhiệm | virus | tiết lộ | sao chép | môi trường",
    list_footers="bạn nhận được thư này vì | bạn nhận được email này vì | bạn nhận được thông báo này vì"
    " | danh sách gửi thư | hủy đăng ký | quý khách nhận được email này",
    reply_above="phía trên dòng này | trên dòng này",
    inline="trả lời bên dưới | trả lời ở dưới | màu đỏ | trả lời phía dưới | trả lời dưới đây",
)
TH = Words(
    verbs="เขียนว่า | เขียน | ได้เขียน | ได้เขียนว่า | เขียนไว้ว่า",
    openers="ในวันที่ | เมื่อ | วันที่ | ใน | เมื่อวันที่ | วัน",
    days="จันทร์ | อังคาร | พุธ | พฤหัส | ศุกร์ | เสาร์ | อาทิตย์ | จ. | อ. | พ. | พฤ. | ศ. | ส. | อา.",
    senders="จาก | ผู้ส่ง",
    dates="วันที่ | ส่งเมื่อ | ส่ง | เวลา | วันที่ส่ง",
    recipients="ถึง | ผู้รับ",
    subjects="เรื่อง | หัวข้อ | หัวเรื่อง",
    others="สำเนา | สำเนาถึง | เอกสารแนบ | สิ่งที่แนบ | สิ่งที่แนบมา | ความสำคัญ",
    separators="ข้อความต้นฉบับ | ข้อความที่ส่งต่อ | จดหมายต้นฉบับ | ข้อความเดิม | อีเมลต้นฉบับ | ข้อความส่งต่อ"
    " | ข้อความที่ถูกส่งต่อ | ต้นฉบับ | เริ่มข้อความที่ส่งต่อ | เริ่มต้นข้อความที่ส่งต่อ",
    devices="ส่งจาก iphone | ส่งจาก galaxy | รับ outlook | ดาวน์โหลด outlook | ส่งจากอุปกรณ์ | ส่งจาก ipad | ส่งจากมือถือ"
    " | ส่งจากโทรศัพท์ | ส่งจากไอโฟน | ส่งจาก samsung",
    sent="ส่งจาก | ส่งโดยใช้ | ส่งด้วย | ส่งโดย | ส่งผ่าน",
    disclaimers="อีเมลนี้ | อีเมลฉบับนี้ | ข้อความนี้ | ข้อมูลในอีเมล | ข้อความในอีเมล | จดหมายอิเล็กทรอนิกส์ฉบับนี้"
    " | ข้อสงวนสิทธิ์ | คำสงวนสิทธิ์ | ข้อจำกัดความรับผิด | ข้อมูลที่อยู่ใน",
    legal="ความลับ | ผู้รับ | ผู้ส่ง | ลบ | ห้าม | รับผิดชอบ | ไวรัส | เปิดเผย | คัดลอก | เผยแพร่ | สงวนสิทธิ์",
    list_footers="คุณได้รับข้อความนี้เนื่องจาก | คุณได้รับอีเมลนี้เนื่องจาก | ท่านได้รับอีเมลนี้เนื่องจาก | ยกเลิกการสมัคร"
    " | รายชื่อผู้รับจดหมาย | ยกเลิกการรับข่าวสาร",
    reply_above="เหนือบรรทัดนี้",
    inline="ตอบด้านล่าง | สีแดง | ตอบข้างล่าง | คำตอบด้านล่าง",
)
ID = Words(
    verbs="menulis | tulis | telah menulis | mengutip | ditulis oleh | telah menulis:",
    openers="pada | tanggal | pada tanggal | pada hari | di",
    days="sen | sel | rab | kam | jum | sab | min | ahad | isn | kha",
    senders="dari | pengirim | daripada",
    dates="tanggal | dikirim | terkirim | dihantar | tarikh | dikirim pada | waktu",
    recipients="kepada | ke | untuk | penerima",
    subjects="subjek | perihal | judul | hal",
    others="tembusan | lampiran | salinan | prioritas",
    separators="pesan asli | pesan terusan | pesan yang diteruskan | pesan diteruskan | mesej asal | pesan asal"
    " | awal pesan yang diteruskan | email asli | mulai pesan terusan | pesan awal | mulai pesan yang diteruskan"
    " | mesej dimajukan | surat asli | mulakan mesej dimajukan | pesan sebelumnya",
    devices="dikirim dari iphone | dikirim dari ponsel | dapatkan outlook | unduh outlook | dikirim dari galaxy saya"
    " | dikirim dari ipad | dihantar dari iphone | dihantar daripada iphone | terkirim dari | dikirim dari perangkat"
    " | dikirim dari hp | muat turun outlook",
    sent="dikirim dari | dikirim dengan | dikirim melalui | dihantar dari | dihantar daripada | dikirim menggunakan"
    " | dikirim lewat",
    disclaimers="email ini | surel ini | e-mail ini | pesan ini | penafian | informasi dalam | informasi yang terkandung"
    " | pemberitahuan kerahasiaan | surat elektronik ini | isi email ini | mohon pertimbangkan lingkungan"
    " | penyangkalan",
    legal="rahasia | penerima | pengirim | hapus | dilarang | tanggung jawab | virus | menyebarkan | ditujukan"
    " | lingkungan",
    list_footers="anda menerima pesan ini karena | anda menerima email ini karena | berhenti berlangganan | milis"
    " | kamu menerima pesan ini karena",
    reply_above="di atas baris ini | di atas garis ini",
    inline="jawaban di bawah | jawaban saya | warna merah | jawab di bawah | saya jawab di bawah",
)
