//! A form at the desk, and what is typed into its fields: no panic; a form that is read has known
//! fields, each once, without control characters, and is read again from what it says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanad_desk::ledger::{Ledger, Proof};
use sanad_desk::server::form::{FormField, TypedForm, typed_number, western_digits};
use sanad_desk::vault::Receipt;

const FIELDS: [FormField; 3] =
    [FormField::Line("receipt"), FormField::Line("year"), FormField::Text("text")];

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fuzz_target!(|data: &[u8]| {
    if let Ok(form) = TypedForm::read(data, &FIELDS) {
        let fields = ["receipt", "year", "text"].map(|name| (name, form.get(name)));
        for (_, value) in fields {
            assert!(!value.chars().any(|letter| letter.is_control() && !"\n\t".contains(letter)));
        }
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let body = body.join("&");
        // Three times as many bytes can be more than a form may have.
        if let Ok(again) = TypedForm::read(body.as_bytes(), &FIELDS) {
            assert!(fields.iter().all(|(name, value)| again.get(name) == *value));
        }
        if let Ok(receipt) = Receipt::read(form.get("receipt")) {
            assert!(Receipt::read(&receipt.to_groups()) == Ok(receipt));
        }
        if let Ok(Some(number)) = typed_number(form.get("year")) {
            assert!(number <= 9_999);
        }
    }
    if let Ok(text) = std::str::from_utf8(data) {
        assert_eq!(western_digits(&western_digits(text)), western_digits(text));
        if let Ok(proof) = Proof::read(text) {
            assert_eq!(proof.to_text(), text);
        }
        if let Ok(ledger) = Ledger::read(text) {
            assert_eq!(ledger.to_text(), text);
        }
    }
});
