//! What the desk does not protect: one list for the page on which people write and for the docs.
//!
//! A line comes in here when something is found that is not protected, before anything else is done
//! about it, and goes out only when a test shows that it is. Each is one or two sentences that
//! somebody in a hurry understands, and says what to do where something can be done.

use std::fmt::Write as _;

use super::Language;

/// What is not protected, each in English, Urdu and Pashto. `docs/desk-threats.md` holds the
/// English column, and a test compares the two.
pub const NOT_PROTECTED: [[&str; 3]; 12] = [
    [
        "Whoever sees your connection can see that you use this desk and when. Use a network that others use too, or Tor.",
        "جو آپ کا انٹرنیٹ کنکشن دیکھ سکتا ہے وہ دیکھ سکتا ہے کہ آپ یہ ڈیسک استعمال کرتے ہیں اور کب۔ ایسا نیٹ ورک استعمال کریں جو دوسرے بھی استعمال کرتے ہوں، یا Tor۔",
        "څوک چې ستاسو اړیکه لیدلی شي، لیدلی شي چې تاسو دا ډېسک کاروئ او کله یې کاروئ. داسې شبکه وکاروئ چې نور یې هم کاروي، یا Tor.",
    ],
    [
        "Whoever holds your phone unlocked, or finds your receipt, can read your file.",
        "جس کے ہاتھ میں آپ کا کھلا فون ہو یا جسے آپ کی رسید مل جائے، وہ آپ کی فائل پڑھ سکتا ہے۔",
        "څوک چې ستاسو خلاص ټلیفون په لاس کې ولري یا ستاسو رسید ومومي، ستاسو دوسیه لوستلی شي.",
    ],
    [
        "The way you write may be recognised.",
        "آپ کا لکھنے کا انداز پہچانا جا سکتا ہے۔",
        "ستاسو د لیکلو ډول پېژندل کېدای شي.",
    ],
    [
        "The body that you write to reads what you write.",
        "جس ادارے کو آپ لکھتے ہیں وہ آپ کا لکھا پڑھتا ہے۔",
        "کومې ادارې ته چې لیکئ، هغه ستاسو لیکنه لولي.",
    ],
    [
        "The bodies that your file can climb to hold a key to it from the start. This program shows it to them only when it gets there.",
        "جن اداروں تک آپ کی فائل آگے جا سکتی ہے، ان کے پاس شروع سے اس کی کلید ہوتی ہے۔ یہ پروگرام انہیں فائل تبھی دکھاتا ہے جب وہ وہاں پہنچے۔",
        "کومو ادارو ته چې ستاسو دوسیه پورته تلای شي، هغوی له پیله د هغې کیلي لري. دا پروګرام یې هغوی ته یوازې هغه وخت ښيي چې هلته ورسېږي.",
    ],
    [
        "Two custodians together can read every file that is not deleted.",
        "دو کلید بردار مل کر ہر وہ فائل پڑھ سکتے ہیں جو مٹائی نہ گئی ہو۔",
        "دوه کیلي ساتونکي په ګډه هره هغه دوسیه لوستلی شي چې نه وي ړنګه شوې.",
    ],
    [
        "Whoever takes the machine sees how many files there are, of which kind, for which district, and on which days.",
        "جو یہ مشین لے جائے وہ دیکھ سکتا ہے کہ کتنی فائلیں ہیں، کس قسم کی، کس ضلع کی اور کن دنوں کی۔",
        "څوک چې دا ماشین یوسي، ویني چې څومره دوسیې دي، د کوم ډول، د کومې ولسوالۍ او د کومو ورځو.",
    ],
    [
        "Whoever rules the machine while it runs can read what is written then.",
        "چلتی مشین پر جس کا قابو ہو وہ اُس وقت لکھی جانے والی چیز پڑھ سکتا ہے۔",
        "د ماشین د چلېدو پر مهال چې څوک پرې واکمن وي، هغه څه لوستلی شي چې هغه وخت لیکل کېږي.",
    ],
    [
        "What you delete may be in a backup for some weeks.",
        "جو آپ مٹاتے ہیں وہ کچھ ہفتوں تک بیک اپ میں ہو سکتا ہے۔",
        "هغه څه چې تاسو یې ړنګوئ، ښايي څو اونۍ په زېرمه (بیک اپ) کې پاتې وي.",
    ],
    [
        "A lost receipt cannot be replaced.",
        "کھوئی ہوئی رسید دوبارہ نہیں مل سکتی۔",
        "ورک شوی رسید بیا نه شي ورکول کېدای.",
    ],
    [
        "A flood of filings can close a channel for the rest of a day.",
        "درخواستوں کا سیلاب ایک راستے کو باقی دن کے لیے بند کر سکتا ہے۔",
        "د درخواستونو سېلاب یوه لاره د ورځې تر پایه تړلی شي.",
    ],
    [
        "Nobody independent has examined this program yet.",
        "ابھی تک کسی آزاد شخص نے اس پروگرام کو نہیں جانچا۔",
        "تر اوسه کوم خپلواک کس دا پروګرام نه دی کتلی.",
    ],
];

/// The list in a language.
pub(crate) fn not_protected(language: Language) -> impl Iterator<Item = &'static str> {
    NOT_PROTECTED.iter().map(move |sentences| sentences[language.place()])
}

/// The English list as Markdown: what `docs/desk-threats.md` holds.
pub fn not_protected_as_markdown() -> String {
    not_protected(Language::English).fold(String::new(), |mut text, sentence| {
        let _ = writeln!(text, "- {sentence}");
        text
    })
}
