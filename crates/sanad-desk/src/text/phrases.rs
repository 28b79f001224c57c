//! The sentences of the pages, each in English, Urdu and Pashto, side by side.
//!
//! A sentence that is missing in one language does not compile. Whoever reviews a language reads its
//! column here, and in `words` and `unprotected`, and then says so in
//! [`Language::is_reviewed`](super::Language::is_reviewed): the mark goes from every page with it.
//! Sentences are short and speak to the reader; "desk", "receipt", "body" and "ledger" are the same
//! word wherever they stand.

macro_rules! phrases {
    ($($(#[$doc:meta])* $name:ident: $en:literal, $ur:literal, $ps:literal;)+) => {
        /// Every sentence of the pages in one language.
        #[derive(Debug)]
        pub struct Phrases { $($(#[$doc])* pub $name: &'static str,)+ }

        pub(super) const ENGLISH: Phrases = Phrases { $($name: $en,)+ };
        pub(super) const URDU: Phrases = Phrases { $($name: $ur,)+ };
        pub(super) const PASHTO: Phrases = Phrases { $($name: $ps,)+ };

        #[cfg(test)]
        impl Phrases {
            /// Every name with its sentence.
            fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)+]
            }
        }
    };
}

phrases! {
    /// The language's own name.
    language: "English", "اردو", "پښتو";
    /// That nobody who reads the language has reviewed its texts.
    not_reviewed: "Not yet reviewed by a reader of the language.",
        "اس زبان کے کسی پڑھنے والے نے ابھی یہ متن نہیں جانچا۔",
        "د دې ژبې کوم لوستونکي تر اوسه دا متن نه دی کتلی.";
    /// That nobody independent has examined the desk.
    no_audit: "No independent audit yet: do not use for real filings before one.",
        "ابھی تک کوئی آزادانہ جانچ نہیں ہوئی: اس سے پہلے اصل درخواستوں کے لیے استعمال نہ کریں۔",
        "تر اوسه خپلواکه پلټنه نه ده شوې: له هغې مخکې یې د رښتینو درخواستونو لپاره مه کاروئ.";
    /// That the desk is a demonstration.
    invented: "This desk is invented, for demonstration. Nothing in it is real.",
        "یہ ڈیسک نمائش کے لیے فرضی ہے۔ اس میں کچھ بھی اصل نہیں۔",
        "دا ډېسک د ښودنې لپاره جوړ شوی دی. پکې هېڅ شی رښتینی نه دی.";
    /// The first heading.
    home_title: "Complain, report harm, or warn", "شکایت کریں، نقصان کی اطلاع دیں یا خبردار کریں",
        "شکایت وکړئ، زیان راپور کړئ یا خبرداری ورکړئ";
    /// What the desk is.
    home_lead: "You need no account and no name. You get a receipt of 20 digits. With it you come back, read what was answered, and add to your file.",
        "آپ کو نہ اکاؤنٹ چاہیے نہ نام۔ آپ کو 20 ہندسوں کی ایک رسید ملتی ہے۔ اسی سے آپ واپس آتے ہیں، جواب پڑھتے ہیں اور اپنی فائل میں اضافہ کرتے ہیں۔",
        "تاسو نه حساب ته اړتیا لرئ او نه نوم ته. تاسو ته د ۲۰ عددونو یو رسید درکول کېږي. په هغه بېرته راځئ، ځوابونه لولئ او خپلې دوسیې ته زیاتونه کوئ.";
    /// Link to the channels.
    to_file: "Write a new file", "نئی فائل لکھیں", "نوې دوسیه ولیکئ";
    /// Link to coming back.
    to_return: "Come back with a receipt", "رسید کے ساتھ واپس آئیں", "له رسید سره بېرته راشئ";
    /// Link to the public record.
    to_record: "What is public", "جو سب کے سامنے ہے", "هغه څه چې عام دي";
    /// Link to the instructions for checking the ledger.
    to_verify: "Check the ledger", "کھاتے کی جانچ کریں", "د ثبت کتاب وګورئ";
    /// Heading of the channels.
    choose_channel: "What is it about?", "یہ کس بارے میں ہے؟", "دا د څه په اړه دی؟";
    /// Who receives.
    goes_to: "Goes to", "جس کے پاس جائے گی", "چا ته ځي";
    /// The languages that the body reads.
    body_reads: "The body reads", "ادارہ یہ زبانیں پڑھتا ہے", "اداره دا ژبې لولي";
    /// That no channel is open.
    no_channel: "No channel is open.", "کوئی راستہ کھلا نہیں۔", "هېڅ لاره پرانیستې نه ده.";
    /// Heading of the form.
    form_title: "Your file", "آپ کی فائل", "ستاسو دوسیه";
    /// Heading of the receipt.
    receipt_title: "Your receipt", "آپ کی رسید", "ستاسو رسید";
    /// What to do with the receipt before sending.
    receipt_first: "Write these 20 digits down before you send. Whoever has them can read your file, and without them nobody can bring you back to it: we cannot replace them.",
        "بھیجنے سے پہلے یہ 20 ہندسے لکھ لیں۔ جس کے پاس یہ ہوں وہ آپ کی فائل پڑھ سکتا ہے، اور ان کے بغیر کوئی آپ کو واپس وہاں نہیں پہنچا سکتا: ہم انہیں دوبارہ نہیں دے سکتے۔",
        "له لېږلو مخکې دا ۲۰ عددونه ولیکئ. څوک چې دا ولري ستاسو دوسیه لوستلی شي، او پرته له دې څوک تاسو بېرته هغې ته نه شي رسولای: موږ یې بیا نه شو درکولای.";
    /// The box that says so.
    receipt_noted: "I have written the receipt down.", "میں نے رسید لکھ لی ہے۔", "ما رسید لیکلی دی.";
    /// What to do when the connection breaks.
    resend: "If the connection breaks while you send, reload the page and let the browser send again. Do not go back: your text would be gone. The same receipt is kept once.",
        "اگر بھیجتے وقت رابطہ ٹوٹ جائے تو صفحہ دوبارہ لوڈ کریں اور براؤزر کو دوبارہ بھیجنے دیں۔ پیچھے نہ جائیں: آپ کا متن ضائع ہو جائے گا۔ ایک رسید ایک ہی بار رکھی جاتی ہے۔",
        "که د لېږلو پر مهال اړیکه پرې شي، پاڼه بیا پرانیزئ او براوزر ته پرېږدئ چې بیا یې ولېږي. شاته مه ځئ: ستاسو متن به ورک شي. یو رسید یوازې یو ځل ساتل کېږي.";
    /// Label of the district.
    district: "District", "ضلع", "ولسوالۍ";
    /// The empty choice.
    choose: "Choose", "منتخب کریں", "وټاکئ";
    /// Legend of the date.
    when_title: "When did it happen?", "یہ کب ہوا؟", "دا کله وشول؟";
    /// How much of the date to give.
    when_hint: "Only as much as you want to say: the year alone, year and month, or nothing. Gregorian calendar.",
        "صرف اتنا جتنا آپ بتانا چاہیں: صرف سال، سال اور مہینہ، یا کچھ نہیں۔ عیسوی کیلنڈر۔",
        "یوازې هومره چې ویل یې غواړئ: یوازې کال، کال او میاشت، یا هېڅ. میلادي کلیز.";
    /// Label of the year.
    year: "Year", "سال", "کال";
    /// Label of the month.
    month: "Month (1 to 12)", "مہینہ (1 تا 12)", "میاشت (له ۱ تر ۱۲)";
    /// Label of the day.
    day: "Day", "دن", "ورځ";
    /// Label of the text.
    text: "What happened?", "کیا ہوا؟", "څه وشول؟";
    /// What to leave out.
    text_hint: "Leave out names and places that could show who you are, unless the body needs them.",
        "ایسے نام اور مقام نہ لکھیں جن سے آپ پہچانے جا سکیں، سوائے اس کے کہ ادارے کو ان کی ضرورت ہو۔",
        "هغه نومونه او ځایونه مه لیکئ چې ستاسو پېژندنه ترې کېدای شي، مګر دا چې اداره ورته اړتیا ولري.";
    /// That the script looks for an answer.
    work_runs: "While you write, this page computes a proof against floods. You need not wait for it. If the channel is full, wait until it is done and send again.",
        "آپ کے لکھنے کے دوران یہ صفحہ سیلاب کے خلاف ایک ثبوت کا حساب کرتا ہے۔ آپ کو انتظار کی ضرورت نہیں۔ اگر راستہ بھر گیا ہو تو اس کے مکمل ہونے تک ٹھہریں اور دوبارہ بھیجیں۔",
        "ستاسو د لیکلو پر مهال دا پاڼه د سېلاب پر ضد یو ثبوت حسابوي. تاسو ورته د انتظار اړتیا نه لرئ. که لاره ډکه وي، تر بشپړېدو یې صبر وکړئ او بیا یې ولېږئ.";
    /// That it has one.
    work_done: "The proof against floods is done.", "سیلاب کے خلاف ثبوت مکمل ہو گیا۔", "د سېلاب پر ضد ثبوت بشپړ شو.";
    /// The button that sends.
    send: "Send", "بھیجیں", "ولېږئ";
    /// Heading of the list of what is not protected.
    unprotected_title: "What is not protected", "جو محفوظ نہیں ہے", "هغه څه چې خوندي نه دي";
    /// What the desk keeps of a filer.
    kept: "The desk keeps no address, no cookie and no time finer than a day.",
        "ڈیسک نہ آپ کا پتہ رکھتا ہے، نہ کوکی، نہ دن سے باریک کوئی وقت۔",
        "ډېسک نه ستاسو پته ساتي، نه کوکي، او نه له ورځې کره وخت.";
    /// Heading after sending.
    sent_title: "Received", "موصول ہو گئی", "ورسېده";
    /// What was done.
    sent_lead: "Your file is kept. Come back with the receipt.",
        "آپ کی فائل رکھ لی گئی ہے۔ رسید کے ساتھ واپس آئیں۔",
        "ستاسو دوسیه وساتل شوه. له رسید سره بېرته راشئ.";
    /// That it was there before.
    sent_before: "This file was already here; nothing was doubled.",
        "یہ فائل پہلے سے موجود تھی؛ کچھ دہرایا نہیں گیا۔",
        "دا دوسیه له مخکې دلته وه؛ هېڅ شی دوه ځله نه شو.";
    /// That a changed text was added.
    sent_added: "This file was already here; the changed text was added to it.",
        "یہ فائل پہلے سے موجود تھی؛ بدلا ہوا متن اس میں شامل کر دیا گیا۔",
        "دا دوسیه له مخکې دلته وه؛ بدل شوی متن پکې زیات شو.";
    /// Label of the receipt's field.
    receipt: "Receipt, 20 digits", "رسید، 20 ہندسے", "رسید، ۲۰ عددونه";
    /// Which digits are good.
    receipt_digits: "Any digits are good: 123, ۱۲۳ or ١٢٣. Blanks do no harm.",
        "ہر طرح کے ہندسے ٹھیک ہیں: 123، ۱۲۳ یا ١٢٣۔ خالی جگہ سے فرق نہیں پڑتا۔",
        "هر ډول عددونه سم دي: 123، ۱۲۳ یا ١٢٣. تش ځایونه پروا نه کوي.";
    /// The button that opens.
    open: "Open", "کھولیں", "پرانیزئ";
    /// Heading of the status.
    status_title: "Where your file stands", "آپ کی فائل کہاں ہے", "ستاسو دوسیه چېرته ده";
    /// Label of the stage.
    stage: "Stage", "مرحلہ", "پړاو";
    /// Label of the body that has the file.
    with_body: "It is with", "جس کے پاس ہے", "له چا سره ده";
    /// Label of the due day.
    due: "Due by", "آخری تاریخ", "تر دې نېټې";
    /// Label of who has to act.
    has_to_act: "Who has to act", "کس نے قدم اٹھانا ہے", "څوک باید ګام واخلي";
    /// That the deadline has passed.
    overdue: "The deadline has passed.", "مقررہ مدت گزر چکی ہے۔", "ټاکلې نېټه تېره شوې ده.";
    /// Heading of the entries.
    entries: "What was written", "جو لکھا گیا", "هغه څه چې لیکل شوي";
    /// By whom and on which day.
    written_by: "by", "از", "د";
    /// That an entry is in the ledger.
    in_ledger: "In the ledger of", "کھاتے میں، بتاریخ", "د دې نېټې په ثبت کتاب کې";
    /// That an entry waits for the ledger.
    not_in_ledger: "Not in the ledger yet; look again tomorrow.", "ابھی کھاتے میں نہیں؛ کل دوبارہ دیکھیں۔",
        "لا په ثبت کتاب کې نه ده؛ سبا بیا وګورئ.";
    /// The button that gives a proof.
    proof: "Download the proof", "ثبوت ڈاؤن لوڈ کریں", "ثبوت راکوز کړئ";
    /// What showing a proof tells.
    proof_hint: "A proof shows whoever sees it that you filed. Keep it only if you need it.",
        "ثبوت دیکھنے والے کو بتاتا ہے کہ آپ نے فائل درج کی۔ ضرورت ہو تبھی رکھیں۔",
        "ثبوت هر لیدونکي ته ښيي چې تاسو دوسیه ثبت کړې. یوازې د اړتیا پر وخت یې وساتئ.";
    /// Heading of adding.
    add_title: "Add to your file", "اپنی فائل میں اضافہ کریں", "خپلې دوسیې ته زیاتونه وکړئ";
    /// Label of what is added.
    add_text: "What do you want to add?", "آپ کیا شامل کرنا چاہتے ہیں؟", "څه زیاتول غواړئ؟";
    /// The button that adds.
    add: "Add", "شامل کریں", "زیات کړئ";
    /// Heading of attaching.
    attach_title: "Attach a picture", "تصویر منسلک کریں", "انځور ورسره ونښلوئ";
    /// What is kept of a picture, and what stays in it.
    attach_hint: "A PNG or JPEG of at most 10 megabytes. The desk keeps a copy without what the camera wrote into the file. What the picture shows stays in it: faces, signs, places. If the connection breaks, attach it again: it is kept once.",
        "پی این جی یا جے پیگ، زیادہ سے زیادہ 10 میگابائٹ۔ ڈیسک ایک نقل رکھتا ہے جس میں وہ کچھ نہیں ہوتا جو کیمرے نے فائل میں لکھا۔ تصویر میں جو نظر آتا ہے وہ اس میں رہتا ہے: چہرے، بورڈ، مقام۔ رابطہ ٹوٹ جائے تو دوبارہ منسلک کریں: وہ ایک ہی بار رکھی جاتی ہے۔",
        "پي اېن جي یا جې پېګ، تر ۱۰ مېګابایټه. ډېسک یوه کاپي ساتي چې هغه څه پکې نه وي چې کامرې په فایل کې لیکلي دي. هغه څه چې انځور یې ښيي پکې پاتې کېږي: مخونه، لوحې، ځایونه. که اړیکه پرې شي، بیا یې ونښلوئ: یوازې یو ځل ساتل کېږي.";
    /// Label of the picture.
    picture: "Picture", "تصویر", "انځور";
    /// The box that keeps the original, with who can open it.
    keep_original: "Keep the original too, sealed. Two custodians together can open it, and nobody at the desk can. What the camera wrote stays in it: place, time, device.",
        "اصل بھی مہربند رکھیں۔ اسے دو کلید بردار مل کر کھول سکتے ہیں، ڈیسک پر کوئی نہیں کھول سکتا۔ کیمرے کا لکھا اس میں رہتا ہے: جگہ، وقت، آلہ۔",
        "اصل هم مهر شوی وساتئ. دوه کیلي ساتونکي یې په ګډه پرانیستلی شي، په ډېسک کې یې څوک نه شي پرانیستلای. د کامرې لیکنه پکې پاتې کېږي: ځای، وخت، وسیله.";
    /// The button that attaches.
    attach: "Attach", "منسلک کریں", "ونښلوئ";
    /// That a copy is kept.
    copy_kept: "A copy without what the camera wrote", "ایک نقل، کیمرے کے لکھے کے بغیر", "یوه کاپي، د کامرې له لیکنې پرته";
    /// That the original is kept.
    original_kept: "The original, sealed", "اصل، مہربند", "اصل، مهر شوی";
    /// The button that shows the copy.
    show_copy: "Show the copy", "نقل دکھائیں", "کاپي وښيئ";
    /// No file was chosen.
    needs_picture: "Choose a file that is not empty.", "ایسی فائل منتخب کریں جو خالی نہ ہو۔", "داسې فایل وټاکئ چې تش نه وي.";
    /// It is no picture that the desk reads.
    picture_kind: "This is neither a PNG nor a JPEG picture. It was not kept. With the box ticked it is kept sealed, and nobody at the desk sees it.",
        "یہ نہ پی این جی تصویر ہے نہ جے پیگ۔ اسے نہیں رکھا گیا۔ خانے پر نشان لگائیں تو یہ مہربند رکھی جاتی ہے، اور ڈیسک پر کوئی اسے نہیں دیکھتا۔",
        "دا نه پي اېن جي انځور دی او نه جې پېګ. ونه ساتل شو. که په بکس نښه ولګوئ، مهر شوی ساتل کېږي او په ډېسک کې یې څوک نه ویني.";
    /// It is too large.
    picture_large: "The picture is too large: at most 10 megabytes and 50 million pixels. It was not kept.",
        "تصویر بہت بڑی ہے: زیادہ سے زیادہ 10 میگابائٹ اور 5 کروڑ پکسل۔ اسے نہیں رکھا گیا۔",
        "انځور ډېر لوی دی: تر ۱۰ مېګابایټه او ۵۰ میلیونه پېکسله. ونه ساتل شو.";
    /// It cannot be read.
    picture_damaged: "The picture is damaged and cannot be read. It was not kept.",
        "تصویر خراب ہے اور پڑھی نہیں جا سکتی۔ اسے نہیں رکھا گیا۔",
        "انځور زیانمن دی او نه لوستل کېږي. ونه ساتل شو.";
    /// There is no room for it.
    pictures_full: "There is no room for it: a file takes 8 pictures, and a channel a number of them in a day. It was not kept. Your file is as it was.",
        "اس کے لیے جگہ نہیں: ایک فائل 8 تصویریں لیتی ہے، اور ایک راستہ ایک دن میں مقررہ تعداد۔ اسے نہیں رکھا گیا۔ آپ کی فائل ویسی ہی ہے۔",
        "ورته ځای نشته: یوه دوسیه ۸ انځورونه اخلي، او یوه لاره په ورځ کې ټاکلی شمېر. ونه ساتل شو. ستاسو دوسیه هماغسې ده.";
    /// Heading of accepting.
    accept_title: "Accept the answer", "جواب قبول کریں", "ځواب ومنئ";
    /// The button that accepts.
    accept: "I accept the answer", "مجھے جواب قبول ہے", "زه ځواب منم";
    /// Heading of appealing.
    appeal_title: "Appeal", "اپیل کریں", "اپیل وکړئ";
    /// What an appeal does.
    appeal_hint: "The next body looks again, where there is one.", "اگر اگلا ادارہ ہو تو وہ دوبارہ دیکھتا ہے۔",
        "که بله اداره وي، هغه بیا ګوري.";
    /// Label of the reasons.
    appeal_text: "Why do you not agree?", "آپ کیوں متفق نہیں؟", "ولې موافق نه یاست؟";
    /// The button that appeals.
    appeal: "Appeal", "اپیل", "اپیل";
    /// Heading of deleting.
    delete_title: "Delete your file", "اپنی فائل مٹائیں", "خپله دوسیه ړنګه کړئ";
    /// What deleting does.
    delete_hint: "Nobody can read it afterwards, also you. A backup may hold it for some weeks. Download the proofs before, if you want them.",
        "اس کے بعد کوئی اسے نہیں پڑھ سکتا، آپ بھی نہیں۔ بیک اپ میں یہ کچھ ہفتے رہ سکتی ہے۔ ثبوت چاہییں تو پہلے ڈاؤن لوڈ کریں۔",
        "تر دې وروسته یې څوک نه شي لوستلای، تاسو هم نه. په زېرمه کې ښايي څو اونۍ پاتې شي. که ثبوتونه غواړئ، مخکې یې راکوز کړئ.";
    /// The box that confirms.
    delete_sure: "Yes, delete it.", "ہاں، مٹا دیں۔", "هو، ړنګه یې کړئ.";
    /// The button that deletes.
    delete: "Delete", "مٹائیں", "ړنګه کړئ";
    /// Heading after deleting.
    deleted_title: "Deleted", "مٹا دی گئی", "ړنګه شوه";
    /// What was done.
    deleted_lead: "Your file is deleted. The ledger keeps a line that nobody can read. These lines are the only way to show that it is yours; copy them if you want that.",
        "آپ کی فائل مٹا دی گئی۔ کھاتے میں ایک سطر رہتی ہے جسے کوئی نہیں پڑھ سکتا۔ صرف یہ سطریں دکھا سکتی ہیں کہ وہ آپ کی ہے؛ چاہیں تو نقل کر لیں۔",
        "ستاسو دوسیه ړنګه شوه. په ثبت کتاب کې یوه کرښه پاتې کېږي چې څوک یې نه شي لوستلای. یوازې دا کرښې ښيي چې هغه ستاسو ده؛ که غواړئ یې نقل کړئ.";
    /// Heading of the public record.
    record_title: "What is public", "جو سب کے سامنے ہے", "هغه څه چې عام دي";
    /// Heading of the channels with their deadlines.
    record_channels: "Channels and their deadlines", "راستے اور ان کی مدتیں", "لارې او ټاکلې نېټې یې";
    /// Column of the working days.
    working_days: "Working days", "کام کے دن", "کاري ورځې";
    /// How many filings a channel takes.
    a_day: "Files a day, at most", "ایک دن میں زیادہ سے زیادہ فائلیں", "په ورځ کې تر ټولو ډېرې دوسیې";
    /// How many of them it takes without a proof of work.
    plain_a_day: "Of these without a proof of work", "ان میں سے محنت کے ثبوت کے بغیر", "له دې نه د کار له ثبوت پرته";
    /// Heading of the counts.
    record_counts: "Released counts and missed deadlines", "جاری شدہ گنتی اور گزری ہوئی مدتیں",
        "خپرې شوې شمېرې او تېرې شوې نېټې";
    /// Why small counts are not there.
    counts_hint: "A quarter is counted once, some weeks after its end. Counts below ten are never shown, and missed deadlines are counted in the same way.",
        "ہر سہ ماہی اپنے اختتام کے کچھ ہفتے بعد ایک ہی بار گنی جاتی ہے۔ دس سے کم گنتی کبھی نہیں دکھائی جاتی، اور گزری ہوئی مدتیں بھی اسی طرح گنی جاتی ہیں۔",
        "هره ربع یې له پایه څو اونۍ وروسته یو ځل شمېرل کېږي. له لسو کمې شمېرې هېڅکله نه ښودل کېږي، او تېرې شوې نېټې هم همداسې شمېرل کېږي.";
    /// That nothing was released.
    no_counts: "Nothing has been released yet.", "ابھی کچھ جاری نہیں ہوا۔", "لا هېڅ نه دي خپاره شوي.";
    /// Heading of the ledger.
    record_ledger: "The ledger", "کھاتہ", "د ثبت کتاب";
    /// What the ledger is.
    ledger_hint: "Every day has one line, whatever happened. The last lines:", "ہر دن کی ایک سطر ہے، کچھ بھی ہوا ہو۔ آخری سطریں:",
        "هره ورځ یوه کرښه لري، هر څه چې وشي. وروستۍ کرښې:";
    /// Link to the whole ledger.
    whole_ledger: "The whole ledger", "پورا کھاتہ", "بشپړ د ثبت کتاب";
    /// How to check it.
    verify_lead: "You need no account. Get the ledger and your proof, and run one of the two programs on a machine of your own:",
        "آپ کو اکاؤنٹ نہیں چاہیے۔ کھاتہ اور اپنا ثبوت لیں اور اپنی مشین پر ان دو پروگراموں میں سے ایک چلائیں:",
        "تاسو حساب ته اړتیا نه لرئ. د ثبت کتاب او خپل ثبوت واخلئ او پر خپل ماشین له دې دوو پروګرامونو یو وچلوئ:";
    /// Why to note the head.
    verify_head: "Note the last head from time to time, and compare it with others. A ledger that was written anew does not hold it.",
        "وقتاً فوقتاً آخری سرا لکھ لیں اور دوسروں سے ملائیں۔ دوبارہ لکھے گئے کھاتے میں وہ نہیں ہوگا۔",
        "کله ناکله وروستی سر ولیکئ او له نورو سره یې پرتله کړئ. بیا لیکل شوی کتاب هغه نه لري.";
    /// Heading of refusals.
    refused_title: "That did not work", "یہ نہیں ہو سکا", "دا ونه شول";
    /// Nothing was kept.
    nothing_kept: "Nothing was kept. Your text is below; correct it and send again.",
        "کچھ نہیں رکھا گیا۔ آپ کا متن نیچے ہے؛ درست کر کے دوبارہ بھیجیں۔",
        "هېڅ ونه ساتل شول. ستاسو متن لاندې دی؛ سم یې کړئ او بیا یې ولېږئ.";
    /// A choice is missing.
    needs_district: "Choose a district.", "ضلع منتخب کریں۔", "ولسوالۍ وټاکئ.";
    /// The date does not exist.
    needs_date: "This date does not exist, or a month stands without its year.",
        "یہ تاریخ موجود نہیں، یا مہینہ سال کے بغیر ہے۔",
        "دا نېټه نشته، یا میاشت بې کاله ده.";
    /// The text is empty.
    needs_text: "Write something.", "کچھ لکھیں۔", "یو څه ولیکئ.";
    /// The text is too long.
    text_too_long: "The text is too long: at most 12,000 letters. Send the rest later, with the receipt.",
        "متن بہت لمبا ہے: زیادہ سے زیادہ 12,000 حروف۔ باقی بعد میں رسید کے ساتھ بھیجیں۔",
        "متن ډېر اوږد دی: تر ۱۲٬۰۰۰ تورو پورې. پاتې وروسته له رسید سره ولېږئ.";
    /// The box is not ticked.
    needs_noted: "Write the receipt down, and tick the box.", "رسید لکھ لیں اور خانے پر نشان لگائیں۔",
        "رسید ولیکئ او په بکس نښه ولګوئ.";
    /// The receipt is no receipt.
    bad_receipt: "A receipt has 20 digits and nothing else.", "رسید میں 20 ہندسے ہوتے ہیں اور کچھ نہیں۔",
        "رسید ۲۰ عددونه لري او نور هېڅ نه.";
    /// There is no file.
    no_file: "There is no file of this receipt. It was mistyped, or the file was deleted.",
        "اس رسید کی کوئی فائل نہیں۔ رسید غلط لکھی گئی، یا فائل مٹا دی گئی۔",
        "د دې رسید کومه دوسیه نشته. رسید ناسم لیکل شوی، یا دوسیه ړنګه شوې ده.";
    /// The channel is full.
    full: "This channel takes no more files today: too many came. Your file was not kept. Try again tomorrow with the same text; other channels may still be open.",
        "آج یہ راستہ مزید فائلیں نہیں لیتا: بہت زیادہ آ گئیں۔ آپ کی فائل نہیں رکھی گئی۔ کل اسی متن کے ساتھ دوبارہ کوشش کریں؛ دوسرے راستے شاید کھلے ہوں۔",
        "نن دا لاره نورې دوسیې نه اخلي: ډېرې راغلې. ستاسو دوسیه ونه ساتل شوه. سبا له همدې متن سره بیا هڅه وکړئ؛ نورې لارې ښايي پرانیستې وي.";
    /// The step is not possible now.
    not_now: "This is not possible in the stage in which the file is.", "فائل جس مرحلے میں ہے اس میں یہ ممکن نہیں۔",
        "دوسیه چې په کوم پړاو کې ده، پکې دا نه شي کېدای.";
    /// The box of deletion is not ticked.
    needs_sure: "Tick the box if you want to delete.", "مٹانا چاہیں تو خانے پر نشان لگائیں۔",
        "که یې ړنګول غواړئ، په بکس نښه ولګوئ.";
    /// There is no such page.
    not_found: "There is no such page.", "ایسا کوئی صفحہ نہیں۔", "داسې پاڼه نشته.";
    /// The request was not readable.
    bad_form: "The form did not arrive as this page makes it. Nothing was kept. Go back and send again.",
        "فارم اس شکل میں نہیں پہنچا جس میں یہ صفحہ بناتا ہے۔ کچھ نہیں رکھا گیا۔ واپس جا کر دوبارہ بھیجیں۔",
        "فورمه هغسې نه ده رسېدلې لکه چې دا پاڼه یې جوړوي. هېڅ ونه ساتل شول. بېرته لاړ شئ او بیا یې ولېږئ.";
    /// The desk has too much to do.
    busy: "The desk has too much to do at this moment. Nothing was kept. Send again in a minute.",
        "ڈیسک اس وقت بہت مصروف ہے۔ کچھ نہیں رکھا گیا۔ ایک منٹ بعد دوبارہ بھیجیں۔",
        "ډېسک اوس ډېر بوخت دی. هېڅ ونه ساتل شول. یوه دقیقه وروسته یې بیا ولېږئ.";
    /// Something is broken.
    broken: "The desk has a fault. It does not say that anything was kept. Send again later with the same receipt.",
        "ڈیسک میں خرابی ہے۔ یہ نہیں کہا جا سکتا کہ کچھ رکھا گیا۔ بعد میں اسی رسید کے ساتھ دوبارہ بھیجیں۔",
        "ډېسک نیمګړتیا لري. نه شي ویل کېدای چې څه وساتل شول. وروسته له همدې رسید سره بیا یې ولېږئ.";
    /// Link back to the start.
    home: "Start", "آغاز", "پیل";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters of the Arabic script.
    fn is_arabic(letter: char) -> bool {
        ('\u{600}'..='\u{6ff}').contains(&letter)
    }

    #[test]
    fn every_sentence_is_in_its_own_script() {
        for (name, sentence) in ENGLISH.all() {
            let is_english = name == "receipt_digits" || !sentence.chars().any(is_arabic);
            assert!(is_english && !sentence.is_empty(), "{name}");
        }
        for (name, sentence) in URDU.all().into_iter().chain(PASHTO.all()) {
            let latin = sentence.chars().filter(char::is_ascii_alphabetic).count();
            assert!(latin == 0 && sentence.chars().any(is_arabic), "{name}: {sentence}");
        }
    }

    #[test]
    fn a_sentence_ends_in_every_language_or_in_none() {
        let ends = |text: &str| text.ends_with(['.', '۔', '?', '؟', ':']);
        for ((english, urdu), pashto) in ENGLISH.all().iter().zip(URDU.all()).zip(PASHTO.all()) {
            let all = [ends(english.1), ends(urdu.1), ends(pashto.1)];
            assert!(all == [true; 3] || all == [false; 3], "{}: {all:?}", english.0);
        }
    }

    #[test]
    fn no_text_holds_marks_that_turn_the_direction() {
        let turns =
            |letter: char| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        for (name, sentence) in ENGLISH.all().into_iter().chain(URDU.all()).chain(PASHTO.all()) {
            assert!(!sentence.chars().any(turns), "{name}");
        }
    }
}
