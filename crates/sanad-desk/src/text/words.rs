//! Names of kinds, stages, steps, deeds and roles as filers read them.
//!
//! They say what happened to the reader's file, not how the desk is organised: "Read and taken on"
//! for what the tables call `acknowledged`. The order in each list is English, Urdu, Pashto.

use super::Language;
use crate::process::{FileKind, Matter, Role, Stage};

/// The name of a kind of file.
pub fn kind(kind: FileKind, language: Language) -> &'static str {
    let names = match kind {
        FileKind::Grievance => ["Complaint", "شکایت", "شکایت"],
        FileKind::Harm => ["Harm to civilians", "شہریوں کو نقصان", "ملکي وګړو ته زیان"],
        FileKind::Warning => ["Warning", "خبردار کرنا", "خبرداری"],
    };
    names[language.place()]
}

/// The name of a matter.
pub fn matter(matter: Matter, language: Language) -> &'static str {
    let names = match matter {
        Matter::Police => ["police", "پولیس", "پولیس"],
        Matter::Courts => ["courts", "عدالت", "محکمې"],
        Matter::Land => ["land", "زمین", "ځمکه"],
        Matter::Detention => ["detention", "حراست", "توقیف"],
        Matter::Disappearance => ["disappearance", "گمشدگی", "ورکېدنه"],
        Matter::Services => ["services", "سہولیات", "خدمتونه"],
        Matter::Displacement => ["displacement", "بے دخلی", "بې ځایه کېدنه"],
        Matter::Compensation => ["compensation", "معاوضہ", "جبران"],
    };
    names[language.place()]
}

/// What a kind of file is for, in one sentence.
pub fn purpose(kind: FileKind, language: Language) -> &'static str {
    let names = match kind {
        FileKind::Grievance => [
            "About an act or an omission of a public body: police, courts, land, detention, disappearance, services, displacement, compensation.",
            "کسی سرکاری ادارے کے عمل یا کوتاہی کے بارے میں: پولیس، عدالت، زمین، حراست، گمشدگی، سہولیات، بے دخلی، معاوضہ۔",
            "د دولتي ادارې د کړنې یا غفلت په اړه: پولیس، محکمې، ځمکه، توقیف، ورکېدنه، خدمتونه، بې ځایه کېدنه، جبران.",
        ],
        FileKind::Harm => [
            "Civilians were killed or hurt, or their property was destroyed.",
            "شہری ہلاک یا زخمی ہوئے، یا ان کا مال تباہ ہوا۔",
            "ملکي وګړي وژل شوي یا ټپیان شوي، یا یې مال ویجاړ شوی دی.",
        ],
        FileKind::Warning => [
            "You see something that may come before violence.",
            "آپ کچھ ایسا دیکھ رہے ہیں جو تشدد سے پہلے ہو سکتا ہے۔",
            "تاسو داسې څه وینئ چې ښايي له تاوتریخوالي مخکې وي.",
        ],
    };
    names[language.place()]
}

/// The name of a stage.
pub fn stage(stage: Stage, language: Language) -> &'static str {
    let names = match stage {
        Stage::Filed => {
            ["Received, not read yet", "موصول، ابھی پڑھی نہیں گئی", "رسېدلې، لا نه ده لوستل شوې"]
        }
        Stage::Acknowledged => ["Read and taken on", "پڑھ کر قبول کی گئی", "لوستل شوې او منل شوې"],
        Stage::Assigned => ["Given to somebody", "کسی کے سپرد", "چا ته سپارل شوې"],
        Stage::Inquiry => ["Being looked into", "تفتیش جاری", "پلټنه روانه ده"],
        Stage::Answered => ["Answered", "جواب دیا گیا", "ځواب ورکړل شوی"],
        Stage::Accepted => ["You accepted the answer", "آپ نے جواب قبول کیا", "تاسو ځواب ومانه"],
        Stage::Appealed => ["You appealed", "آپ نے اپیل کی", "تاسو اپیل وکړ"],
        Stage::FindingsPublished => ["Findings published", "نتائج شائع", "موندنې خپرې شوې"],
        Stage::CompensationDecided => {
            ["Compensation decided", "معاوضے کا فیصلہ ہوا", "د جبران پرېکړه وشوه"]
        }
        Stage::Paid => ["Compensation paid", "معاوضہ ادا ہوا", "جبران ورکړل شو"],
        Stage::AccountabilityTaken => {
            ["Steps against those responsible", "ذمہ داروں کے خلاف کارروائی", "د مسؤلینو پر ضد ګام"]
        }
        Stage::Checked => [
            "Compared with other reports",
            "دوسری اطلاعات سے ملایا گیا",
            "له نورو راپورونو سره پرتله شوې",
        ],
        Stage::Shared => ["Passed on", "آگے پہنچائی گئی", "مخکې لېږل شوې"],
        Stage::Closed => ["Closed", "بند", "تړل شوې"],
    };
    names[language.place()]
}

/// The name of a role.
pub fn role(role: Role, language: Language) -> &'static str {
    let names = match role {
        Role::Filer => ["You", "آپ", "تاسو"],
        Role::Partner => ["Partner organisation", "شریک تنظیم", "همکار سازمان"],
        Role::Intake => ["Intake officer", "وصولی افسر", "د ترلاسه کولو مامور"],
        Role::Investigator => ["Investigator", "تفتیشی افسر", "پلټونکی"],
        Role::Remedy => ["Deciding officer", "فیصلہ کرنے والا افسر", "پرېکړه کوونکی مامور"],
        Role::Custodian => ["Custodian", "کلید بردار", "کیلي ساتونکی"],
        Role::Auditor => ["Auditor", "آڈیٹر", "پلټونکی مفتش"],
        Role::Clock => ["The desk's clock", "ڈیسک کی گھڑی", "د ډېسک ساعت"],
    };
    names[language.place()]
}

/// What an entry of a file says was done; nothing for a deed that the desk does not know.
pub fn deed(deed: &str, language: Language) -> Option<&'static str> {
    let names = match deed {
        "file" => ["Filed", "درج کی گئی", "ثبت شوه"],
        "add" => ["Added", "اضافہ", "زیاتونه"],
        "attach" => ["Picture attached", "تصویر منسلک کی گئی", "انځور ونښلول شو"],
        "note" => ["Message from the body", "ادارے کا پیغام", "د ادارې پیغام"],
        "open" => ["Opened and read", "کھول کر پڑھی گئی", "پرانیستل شوه او ولوستل شوه"],
        "recover" => {
            ["Opened by two custodians", "دو کلید برداروں نے کھولی", "دوو کیلي ساتونکو پرانیستله"]
        }
        "missed" => ["A deadline was missed", "مقررہ مدت گزر گئی", "نېټه تېره شوه"],
        "acknowledge" => ["Read and taken on", "پڑھ کر قبول کی گئی", "لوستل شوې او منل شوې"],
        "assign" => ["Given to somebody", "کسی کے سپرد کی گئی", "چا ته وسپارل شوه"],
        "begin-inquiry" => ["Inquiry began", "تفتیش شروع ہوئی", "پلټنه پیل شوه"],
        "answer" => ["Answer", "جواب", "ځواب"],
        "accept" => ["Answer accepted", "جواب قبول", "ځواب ومنل شو"],
        "appeal" => ["Appeal", "اپیل", "اپیل"],
        "publish-findings" => ["Findings", "نتائج", "موندنې"],
        "decide-compensation" => ["Decision on compensation", "معاوضے کا فیصلہ", "د جبران پرېکړه"],
        "record-payment" => ["Payment", "ادائیگی", "ورکړه"],
        "record-accountability" => ["Accountability", "جواب دہی", "حساب ورکونه"],
        "check" => [
            "Compared with other reports",
            "دوسری اطلاعات سے ملایا گیا",
            "له نورو راپورونو سره پرتله شوه",
        ],
        "share" => ["Passed on", "آگے پہنچائی گئی", "مخکې ولېږل شوه"],
        "record-outcome" => ["What came of it", "نتیجہ", "پایله"],
        "close" => ["Closed", "بند کی گئی", "وتړل شوه"],
        "lapse" => [
            "Closed because nobody answered in time",
            "وقت پر جواب نہ آنے سے بند",
            "پر وخت د نه ځواب له امله وتړل شوه",
        ],
        "delete" => ["Deleted", "مٹا دی گئی", "ړنګه شوه"],
        _ => return None,
    };
    Some(names[language.place()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Step;

    #[test]
    fn every_matter_stands_in_the_sentence_that_says_what_a_complaint_is_about() {
        for &one in Matter::ALL {
            for language in Language::ALL {
                let sentence = purpose(FileKind::Grievance, language);
                assert!(sentence.contains(matter(one, language)), "{one:?} {language:?}");
            }
        }
    }

    #[test]
    fn every_step_has_a_name_as_a_deed_in_every_language() {
        for &step in Step::ALL {
            for language in Language::ALL {
                assert!(deed(step.as_str(), language).is_some(), "{step:?}");
            }
        }
        assert_eq!(deed("rob", Language::English), None);
    }
}
