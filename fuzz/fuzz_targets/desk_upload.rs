//! A form with a picture at the desk, custodians' key files and codes: no panic; what is read has known
//! fields, and the file comes through as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanad_desk::FileId;
use sanad_desk::attachment::{original_wraps, recover_lent_original};
use sanad_desk::custodian::opened_key;
use sanad_desk::server::upload::{UploadFields, UploadedForm};
use sanad_desk::store::{AttachmentForm, SealedAttachment};
use sanad_desk::vault::{Password, SecretKey, TotpSecret};

const FIELDS: UploadFields<'_> = UploadFields { lines: &["receipt", "original"], file: "picture" };
const TYPE: &str = "multipart/form-data; boundary=edge";

fuzz_target!(|data: &[u8]| {
    if let Ok(form) = UploadedForm::read(TYPE, data, FIELDS) {
        for name in FIELDS.lines {
            assert!(!form.get(name).chars().any(char::is_control));
        }
        let head =
            b"--edge\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"\"\r\n\r\n";
        let again = [head.as_slice(), &form.file, b"\r\n--edge--\r\n"].concat();
        assert_eq!(UploadedForm::read(TYPE, &again, FIELDS).unwrap().file, form.file);
    }
    // A sealed original as it lies in a database, which others may have changed.
    let form = AttachmentForm::SealedOriginal;
    let sealed = SealedAttachment { number: 1, entry: 1, form, sealed: data.to_vec() };
    let _ = original_wraps(&sealed);
    assert!(
        recover_lent_original(FileId([0; 16]), &sealed, data, &SecretKey::new([1; 32])).is_err()
    );
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = UploadedForm::read(text, b"--edge--", FIELDS);
        if let Some(secret) = TotpSecret::from_base32(text) {
            assert_eq!(secret.to_base32().as_str(), text);
        }
        // No cost is named in what is tried here: deriving keys at a price that a file names takes hours.
        if let Some(password) =
            Password::new("a password of the fuzzer").filter(|_| !text.contains("memory"))
        {
            assert!(opened_key(text, &password).is_err());
        }
    }
});
