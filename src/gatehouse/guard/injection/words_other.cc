#include <array>
#include <span>
#include <string_view>

#include "gatehouse/guard/injection/words.h"

namespace gatehouse::guard::injection {
namespace {

// For each language: what sets aside (ignore), what stood before or is all (prior), what binds (rules), what makes
// visible (reveal), what a model was told (prompt). Verbs as imperatives, infinitives and participles, by their stems.
constexpr std::array kOther = std::to_array<WordList>({
    {"de.ignore",
     "ignorier* vergiss vergesse* vergesst missachte* mißachte* verwirf verwerfe* verwerft überschreib* umgeh* "
     "übergeh* lösche"},
    {"de.prior",
     "vorherig* vorig* bisherig* obig* früher* vorangegangen* vorhergehend* vorangehend* alle allen alles sämtlich* "
     "deine deiner deinen ihre ihrer ihren zuvor davor vorher oben bisher ursprünglich* gegebenen erhaltenen gesagte"},
    {"de.rules",
     "anweisung* instruktion* vorgabe* regeln richtlinie* befehl* anordnung* prompt prompts systemprompt* hinweis* "
     "einschränkung* beschränkung* aufgabe* aufträge auftrag kontext ausführung* informationen texte*"},
    {"de.reveal",
     "zeig* nenn* verrat* verrate* gib gebe geben wiederhol* druck* sag sage sagen schreib* offenbar* enthüll* "
     "übersetz* liste list ausgeben ausgib teile wie lautet lauten welche was erzähl*"},
    {"de.prompt",
     "systemprompt* system-prompt* prompt prompts anweisungen instruktionen systemanweisung* systemnachricht* "
     "anfangsanweisung* vorgaben"},
    {"fr.ignore", "ignore* ignorez ignorer oublie* oubliez oublier néglige* abstraction outrepass* contourn* désobéi*"},
    {"fr.prior",
     "précédent* précédente* antérieur* tout* tous toutes ci-dessus dessus avant vos tes initial* initiales reçu* "
     "préalable*"},
    {"fr.rules",
     "instruction* consigne* directive* règle* ordre* prompt prompts invite* commandes restriction* limitation*"},
    {"fr.reveal",
     "montre* affiche* révèle* révéle* révéler donne* donnez répète* répéte* répéter dis dites imprime* écris écrivez "
     "traduis* quelles quel quelle divulgue* partage* communique* recopie*"},
    {"fr.prompt", "prompt prompts instructions consignes directives invite"},
    {"es.ignore",
     "ignora* ignore* ignorar olvid* omite* omita* descart* omiso desestim* anula* salta* desobed* desatiend* "
     "prescind*"},
    {"es.prior",
     "anterior* previa* previo* tod* tus sus arriba antes caso original* inicial* recibid* dada* dado* precedente* "
     "vuestras"},
    {"es.rules",
     "instruccion* orden* indicacion* directri* directiva* regla* norma* prompt prompts mandat* restriccion* "
     "limitacion*"},
    {"es.reveal",
     "muestra* muéstra* mostrar revela* revél* repit* repet* di dime diga dígame imprim* escrib* traduc* cual* cuál* "
     "dame deme divulg* enseña* compart* qué que"},
    {"es.prompt", "prompt prompts instrucciones indicaciones directrices"},
    {"pt.ignore",
     "ignore ignora* ignorem ignorando esqueç* esquec* desconsider* descart* despreze* anule* desobede* contorn*"},
    {"pt.prior",
     "anterior* prévi* previ* tod* tuas teus suas seus acima antes original* originais inicia* recebid* dada*"},
    {"pt.rules",
     "instruç* instruc* ordens comandos diretri* diretiv* regras normas prompt prompts restriç* limitaç* orientaç*"},
    {"pt.reveal",
     "mostr* revel* repit* repet* diga dize* imprim* escrev* traduz* qual quais dê dá-me me divulg* exib* compartilh*"},
    {"pt.prompt", "prompt prompts instruções instrucoes diretrizes orientações"},
    {"it.ignore", "ignor* dimentic* trascur* scart* tralasci* disattend* elud* sovrascriv* scord* aggir*"},
    {"it.prior", "precedent* anterior* tutt* tue tuoi sue suoi sopra prima original* inizial* ricevut* dat*"},
    {"it.rules", "istruzion* ordini comand* direttiv* regole prompt prompts restrizion* limitazion* indicazion* linee"},
    {"it.reveal",
     "mostr* rivel* ripet* dimmi dica dimm* stamp* scriv* traduc* quali qual dammi divulg* elenc* condivid*"},
    {"it.prompt", "prompt prompts istruzioni direttive indicazioni"},
    {"nl.ignore", "negeer* negeren vergeet* vergeten overschrijf* omzeil* sla verwerp* minacht*"},
    {"nl.prior",
     "vorige voorgaande eerdere alle alles bovenstaande jouw je uw boven hiervoor oorspronkelijke bestaande gegeven"},
    {"nl.rules", "instructie* opdracht* regels richtlijn* bevel* aanwijzing* prompt prompts beperking* voorschrift*"},
    {"nl.reveal", "toon* laat onthul* herhaal* zeg* geef geven druk* print* schrijf* vertaal* wat vertel* deel noem"},
    {"nl.prompt", "prompt prompts systeemprompt* instructies richtlijnen aanwijzingen"},
    {"sv.ignore", "ignorer* glöm* bortse åsidosätt* strunta"},
    {"sv.prior", "tidigare föregående alla allt ovanstående dina ovan ursprungliga forrige tidligere alle dine alt"},
    {"sv.rules", "instruktion* regler riktlinj* order anvisning* prompt prompts begränsning* instruks* retningslinj*"},
    {"sv.reveal", "visa vis avslöja* upprepa* gentag* skriv* säg* sig berätta* vilka vad hvad ge gi"},
    {"sv.prompt", "prompt prompts systemprompt* instruktioner instruksjoner riktlinjer"},
    {"pl.ignore", "zignoruj* ignoruj* zignorować zapomnij* pomiń* pomijaj* odrzuć* zlekceważ* obejdź* nadpisz*"},
    {"pl.prior",
     "poprzedni* wcześniejsz* wszystk* powyższ* swoje swoich twoje twoich dotychczasow* pierwotn* otrzymane"},
    {"pl.rules", "instrukcj* polece* zasad* wytyczn* rozkaz* reguł* prompt prompts ogranicze* nakaz* wskazówk*"},
    {"pl.reveal", "pokaż* ujawnij* powtórz* wypisz* podaj* wyświetl* napisz* powiedz* przetłumacz* jakie jaki zdradź*"},
    {"pl.prompt", "prompt prompts instrukcje instrukcji wytyczne polecenia"},
    {"cs.ignore", "ignoruj* zapomeň* zapomen* přehlížej* obejdi* opomeň* nedbej*"},
    {"cs.prior", "předchozí* všechny všech všechno vše dřívější* výše uvedené své svoje tvoje původní*"},
    {"cs.rules", "instrukc* pokyn* pravid* příkaz* prompt prompts omezení směrnic*"},
    {"cs.reveal", "ukaž* odhal* zopakuj* vypiš* řekni* napiš* zobraz* prozraď* jaké přelož* sděl*"},
    {"cs.prompt", "prompt prompts pokyny instrukce"},
    {"ro.ignore", "ignor* uită uita uitati uitați neglij* omite* treci"},
    {"ro.prior", "anterioare anterior precedent* toate tot tale inițiale initiale mai sus dinainte"},
    {"ro.rules", "instrucțiuni* instructiuni* regul* ordin* prompt prompts directiv* comenz* restricți*"},
    {"ro.reveal", "arată* arata* dezvălu* dezvalu* repetă* repeta* spune* scrie* afișea* afisea* care tradu*"},
    {"ro.prompt", "prompt prompts instrucțiun* instructiun*"},
    {"tr.ignore", "yoksay* görmezden unut* dikkate önemseme* geçersiz boşver* hiçe atla"},
    {"tr.prior", "önceki* yukarıdaki* tüm bütün daha evvelki* ilk tum butun onceki*"},
    {"tr.rules", "talimat* komut* yönerge* kural* emir* istem* prompt prompts kısıtlama* sınırlama* direktif*"},
    {"tr.reveal", "göster* açıkla* tekrarla* yaz* söyle* ifşa* yazdır* paylaş* nedir neler çevir* ver listele*"},
    {"tr.prompt", "istem* prompt prompts talimat* komutları yönerge*"},
    {"ru.ignore", "игнорир* проигнорир* забудь* забыть пренебре* отбрось* отмени* обойди* нарушь* отбросить"},
    {"ru.prior",
     "предыдущ* все всех всё прежни* вышеуказан* вышеизложен* выше твои ваши свои своих раньше ранее прошлы* данные"},
    {"ru.rules", "инструкц* указани* правил* команд* приказ* промпт* ограничени* директив* распоряжени* установк*"},
    {"ru.reveal",
     "покажи* показать раскрой* раскрыть повтори* выведи* вывести напиши* скажи* скажите назови* переведи* какие какой "
     "перечисли* сообщи* выдай* каковы"},
    {"ru.prompt", "промпт* инструкци* системн* указани*"},
    {"uk.ignore", "ігнору* проігнору* забудь* забути знехту* відкинь* скасуй* обійди* зневаж*"},
    {"uk.prior", "попередн* усі всі всіх вищезазначен* вище твої ваші свої раніше минулі"},
    {"uk.rules", "інструкц* вказівк* правил* команд* наказ* промпт* обмежен* директив* настанов*"},
    {"uk.reveal", "покажи* розкрий* повтори* виведи* напиши* скажи* назви* переклади* які який перелічи* повідом*"},
    {"uk.prompt", "промпт* інструкці* системн* вказівк*"},
    {"zh.ignore",
     "忽略 無視 无视 忘记 忘掉 忘記 不要理会 不要理會 抛开 拋開 不管 绕过 繞過 覆盖 不要遵守 不要遵循 别管 不再遵守 "
     "取消"},
    {"zh.prior", "之前 以前 先前 所有 上面 以上 上述 前面 全部 你的 您的 一切 此前 原来 原有 任何"},
    {"zh.rules", "指令 指示 说明 說明 规则 規則 提示 命令 要求 限制 约束 指南 设定 設定 提示词 系统提示"},
    {"zh.reveal",
     "告诉 告訴 显示 顯示 输出 輸出 重复 重複 打印 泄露 透露 列出 给我 給我 说出 公开 翻译 写出 什么 展示"},
    {"zh.prompt", "系统提示 系統提示 提示词 提示詞 系统指令 初始指令 指令 指示 隐藏指令"},
    {"ja.ignore", "無視 忘れて 忘れ 従わない 従わず 破棄 取り消 無効 上書き 無効化"},
    {"ja.prior", "以前 前の 上記 これまで すべて 全て 全ての 先ほど あなたの 今まで 元の 以上 前述 先の"},
    {"ja.rules", "指示 命令 ルール 規則 プロンプト 指令 制限 ガイドライン 設定 制約"},
    {"ja.reveal", "教えて 表示 出力 見せて 繰り返 公開 開示 書いて 明かし 列挙 翻訳 何です"},
    {"ja.prompt", "システムプロンプト プロンプト システム指示 初期指示 システムメッセージ 内部指示 指示"},
    {"ko.ignore", "무시* 잊어* 잊고* 잊으* 따르지* 제쳐* 우회* 취소*"},
    {"ko.prior", "이전* 위의 위에 모든 앞의 앞선 지금까지* 기존* 너의 당신의 전부 앞서* 이전의"},
    {"ko.rules", "지시* 명령* 규칙* 지침* 프롬프트* 제한* 설정* 가이드라인* 안내*"},
    {"ko.reveal", "알려* 보여* 출력* 반복* 공개* 말해* 써줘* 표시* 번역* 나열* 무엇* 뭐야*"},
    {"ko.prompt", "프롬프트* 시스템 지침* 지시*"},
    {"hi.ignore", "अनदेखा अनदेखी नज़रअंदाज़ नजरअंदाज नज़रअंदाज भूल भूलें उपेक्षा दरकिनार अवहेलना"},
    {"hi.prior", "पिछले पिछली पहले सभी सारे ऊपर पूर्व अपने उपरोक्त पुराने तमाम"},
    {"hi.rules", "निर्देश* निर्देशों आदेश* नियम* प्रॉम्प्ट* हिदायत* अनुदेश* दिशानिर्देश* प्रतिबंध*"},
    {"hi.reveal", "बताएं बताओ बताइए दिखाएं दिखाओ दिखाइए दोहराएं दोहराओ लिखें लिखो प्रकट बता क्या उजागर"},
    {"hi.prompt", "प्रॉम्प्ट* सिस्टम निर्देश* निर्देशों"},
    {"bn.ignore", "উপেক্ষা ভুলে অগ্রাহ্য অমান্য এড়িয়ে"},
    {"bn.prior", "পূর্ববর্তী আগের সব সমস্ত উপরের সকল তোমার আপনার"},
    {"bn.rules", "নির্দেশ* নির্দেশাবলী নিয়ম* আদেশ* প্রম্পট* নির্দেশনা*"},
    {"bn.reveal", "দেখাও দেখান বলুন বলো প্রকাশ পুনরাবৃত্তি লিখুন লেখো কী জানাও জানান"},
    {"bn.prompt", "প্রম্পট* সিস্টেম নির্দেশ* নির্দেশনা*"},
    {"ar.ignore", "تجاهل* تجاهلي انس انسى انسي تغاض* أهمل* اهمل* تخط* تجاوز* ألغ*"},
    {"ar.prior", "سابقة السابقة سابق كل جميع أعلاه كافة كافه أصلية قبل الأولية"},
    {"ar.rules", "تعليمات* أوامر* توجيهات* قواعد* إرشادات* أمر موجه* قيود* تعليمات"},
    {"ar.reveal", "أظهر* اعرض* اكشف* كرر* اطبع* قل اكتب* أخبرني* ترجم* ماهي ما شارك* اذكر*"},
    {"ar.prompt", "تعليمات* موجه* توجيهات* نظام مطالبة"},
    {"fa.ignore", "نادیده فراموش بی‌توجه کنار چشم‌پوشی"},
    {"fa.prior", "قبلی پیشین همه تمام بالا تمامی قبل سابق"},
    {"fa.rules", "دستور* دستورالعمل* دستورات قوانین قانون* پرامپت* راهنما* محدودیت*"},
    {"fa.reveal", "نشان بگو بگویید تکرار بنویس* فاش چاپ نمایش چیست افشا"},
    {"fa.prompt", "پرامپت* دستورالعمل* دستورات سیستم"},
    {"id.ignore", "abaikan* lupakan* mengabaikan hiraukan* langgar* kesampingkan* melupakan"},
    {"id.prior", "sebelumnya semua seluruh atas awal anda kamu segala terdahulu sebelum lama"},
    {"id.rules", "instruksi* perintah* aturan* pedoman* prompt prompts arahan* petunjuk* batasan* larangan*"},
    {"id.reveal",
     "tampilkan* tunjukkan* beritahu* ungkapkan* ulangi* cetak* tuliskan* tulis sebutkan* bocorkan* apa terjemahkan*"},
    {"id.prompt", "prompt prompts instruksi* sistem arahan"},
    {"th.ignore", "เพิกเฉย ละเว้น ลืม ไม่สนใจ มองข้าม ไม่ต้องสนใจ ละเลย ยกเลิก"},
    {"th.prior", "ก่อนหน้า ทั้งหมด ข้างต้น ที่ผ่านมา ของคุณ เดิม ทุก ก่อน"},
    {"th.rules", "คำสั่ง คำแนะนำ กฎ ข้อกำหนด พรอมต์ ข้อจำกัด แนวทาง"},
    {"th.reveal", "แสดง บอก เปิดเผย พิมพ์ ทำซ้ำ เขียน พูด แปล คืออะไร"},
    {"th.prompt", "คำสั่งระบบ พรอมต์ ระบบ คำสั่ง คำแนะนำ"},
    {"he.ignore", "התעלם התעלמי התעלמו שכח שכחי תתעלם תשכח"},
    {"he.prior", "קודמות הקודמות קודם הקודם כל לעיל שלך המקוריות"},
    {"he.rules", "הוראות* ההוראות* הנחיות* ההנחיות* כללים הכללים מההוראות* פקודות"},
    {"el.ignore", "αγνόησ* αγνοήσ* ξέχασ* ξεχάσ* παράβλεψ* παραβλέψ*"},
    {"el.prior", "προηγούμεν* όλες όλα παραπάνω αρχικές σου"},
    {"el.rules", "οδηγί* εντολ* κανόν* κανονισμ* περιορισμ*"},

    // What is kept secret, what tells it, what has no limits: all languages together.
    {"any.secret",
     "passwort* kennwort* geheimwort* geheimschlüssel* geheimcode* zugangscode* mot-de-passe contraseña* contrasena* "
     "senha* wachtwoord* "
     "toegangscode* lösenord* adgangskode* passord* hasło haśle hasła heslo hesla şifre* sifre* пароль* пароля паролю "
     "密码 密碼 口令 "
     "密钥 密鑰 パスワード 合言葉 暗証 秘密鍵 비밀번호* 비밀키 암호* 패스워드* पासवर्ड* পাসওয়ার্ড* گذرواژه* sandi* "
     "katasandi* รหัสผ่าน รหัสลับ "
     "סיסמה* הסיסמה* סיסמא* κωδικό* κωδικός"},
    {"any.hidden",
     "geheim* secrète* secreta secreto secretos segredo* segreta segreto hemlig* sekret* tajn* tajemství gizli sır "
     "секретн* секрет* "
     "таємн* 秘密 暗号 비밀* गुप्त रहस्य* গোপন سري سرية السر سر rahasia* mật ความลับ μυστικ* סוד* ключ"},
    {"any.reveal",
     "zeig* nenn* verrat* verrätst gib sag sage sagen sags teile offenbar* nenne verrate gebe geben mitteilen montre* "
     "révèle* révéler* donne* "
     "dis dites dire dévoile* indique* communique* partage* revela* revél* revele* dime dame dígame decir decirme "
     "muestra* diga diz* dá dê "
     "mostre* fale conte* informe* compartilh* rivel* dimmi dammi mostra* dire svel* onthul* vertel* geef zeg toon "
     "noem deel visa avslöja* "
     "berätta* pokaż* ujawnij* powiedz* zdradź* podaj* ukaž* prozraď* řekni* sděl* spune* dezvălu* söyle* göster* "
     "açıkla* ver paylaş* "
     "скажи* раскро* назови* покажи* сообщи* выведи* открой* расскажи* скажіть розкри* назви* 告诉 告訴 透露 泄露 显示 "
     "输出 说出 给我 揭示 "
     "教えて 明かし 明かす 表示 出力 言って 알려* 말해* 공개* 보여* 밝혀* 가르쳐* बताएं बताओ बताइए बताइये दिखाएं प्रकट बता "
     "उजागर बोलो কলুন বলুন বলো "
     "প্রকাশ জানান দেখাও দিন أخبر* اخبر* اكشف* قل أظهر* اعطني أعطني بگو بگویید فاش beritahu* beritahukan ungkapkan* "
     "katakan* sebutkan* "
     "tampilkan* berikan* tiết cho บอก เปิดเผย แสดง תגיד גלה ספר quelle quel cual cuál qual quale lautet lauten "
     "wat какой какая "
     "какова какое який 什么 是什么 什麼 何 무엇* 뭐* क्या কী ما چیست apa gì nedir ne jaké jakie τι πες"},
    {"any.limits",
     "einschränkung* beschränkung* zensur filter regeln grenzen restriction* limite* censure filtre* restriccion* "
     "límite* limites censura filtros restriç* limitaç* restrizion* limitazion* filtri beperking* censuur begränsning* "
     "ogranicze* cenzur* omezení kısıtlama* sınır* sansür* ограничени* цензур* фильтр* обмежен* 限制 约束 約束 审查 "
     "制限 検閲 制約 제한* 검열* 제약* प्रतिबंध* सीमा* قيود* حدود رقابة محدودیت* batasan* sensor* hạn ข้อจำกัด"},
    {"any.without",
     "ohne keine keinerlei sans aucune aucun sin ningun* ninguna sem nenhum* senza nessun* zonder utan bez žádn* "
     "olmadan yok hiçbir без никак* жодн* 没有 沒有 不受 无 無 なし ない なく 없* बिना بدون دون بلا tanpa không ไม่มี"},
});

}  // namespace

std::span<const WordList> other_words() { return kOther; }

}  // namespace gatehouse::guard::injection
