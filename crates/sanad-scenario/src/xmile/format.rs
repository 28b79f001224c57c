//! What a file is that is not XMILE, for an error that says what to do with it. Only the beginning
//! and a few marks are looked at. The order matters: what is compressed or binary is recognised
//! before any text is looked for in it.

use crate::error::Error;

/// Another program's file: how it is known, what it is, and what to do.
struct ForeignFormat {
    /// Whether the bytes, or as many as the limit lets in, are of this format.
    matches: fn(&[u8]) -> bool,
    /// What it is, to follow "the file is".
    found: &'static str,
    /// What to do, to follow a semicolon.
    advice: &'static str,
}

/// Files of other programs that are met with, by how they begin.
const FORMATS: [ForeignFormat; 8] = [
    ForeignFormat {
        matches: |bytes| bytes.starts_with(b"PK\x03\x04"),
        found: "a zip archive",
        advice: "unpack it and give the .xmile, .stmx or .itmx file inside",
    },
    ForeignFormat {
        matches: |bytes| bytes.starts_with(&[0x1f, 0x8b]) || bytes.starts_with(b"BZh"),
        found: "a compressed file",
        advice: "unpack it and give the .xmile, .stmx or .itmx file inside",
    },
    ForeignFormat {
        matches: |bytes| bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]),
        found: "text in UTF-16",
        advice: "save it as UTF-8, which XMILE asks for",
    },
    ForeignFormat {
        matches: |bytes| bytes.contains(&0),
        found: "a binary file, such as a model of STELLA or iThink before version 10 (.stm, .itm) \
                or a packaged Vensim model (.vpm, .vpmx, .vmfx)",
        advice: "open it in its program and export it as XMILE (.stmx, .itmx or .xmile)",
    },
    ForeignFormat {
        matches: is_vensim,
        found: "a Vensim model (.mdl)",
        advice: "export it from Vensim, or convert it, as XMILE (.xmile)",
    },
    ForeignFormat { matches: is_json, found: "JSON", advice: "export the model as XMILE (.xmile)" },
    ForeignFormat {
        matches: |bytes| root_is(bytes, &["AnyLogicWorkspace", "AnyLogic"]),
        found: "an AnyLogic model (.alp)",
        advice: "AnyLogic exports no XMILE; build the model in a program that does",
    },
    ForeignFormat {
        matches: |bytes| root_is(bytes, &["InsightMakerModel", "mxGraphModel"]),
        found: "an Insight Maker model",
        advice: "convert it to XMILE (.xmile)",
    },
];

/// The error for a file that is known to be of another format. Bytes of no format known here are
/// let through to the XML reader.
pub(super) fn check(bytes: &[u8]) -> Result<(), Error> {
    match FORMATS.iter().find(|format| (format.matches)(bytes)) {
        Some(format) => Err(Error::other_format(format.found, format.advice)),
        None => Ok(()),
    }
}

/// Bytes without a byte order mark and leading space.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start()
}

/// Whether a part occurs.
fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Vensim's text begins with its encoding, or has equations that end in `~ units ~ comment |`; a
/// line of `\\\---///` opens its sketch. A text that begins with `<` is none.
fn is_vensim(bytes: &[u8]) -> bool {
    let text = without_mark(bytes);
    if text.starts_with(b"<") {
        return false;
    }
    text.starts_with(b"{UTF-8}")
        || contains(text, br"\\\---///")
        || (contains(text, b"~") && contains(text, b"|") && contains(text, b"="))
}

/// Whether a text begins like JSON. An object or an array whose first item is a name, a text or an
/// object, or that is empty. `{UTF-8}` of Vensim is none.
fn is_json(bytes: &[u8]) -> bool {
    let text = without_mark(bytes);
    let after = text.get(1..).unwrap_or_default().trim_ascii_start();
    match text.first() {
        Some(b'{') => after.starts_with(b"\"") || after.starts_with(b"}"),
        Some(b'[') => {
            after.starts_with(b"{") || after.starts_with(b"\"") || after.starts_with(b"]")
        }
        _ => false,
    }
}

/// Whether the first element has one of these names. Declarations and comments before it are passed
/// over.
fn root_is(bytes: &[u8], names: &[&str]) -> bool {
    let text = without_mark(bytes);
    let mut tags = text.split(|&byte| byte == b'<').skip(1);
    let root = tags.find(|tag| !tag.starts_with(b"?") && !tag.starts_with(b"!"));
    root.is_some_and(|root| {
        let end = root.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(root.len());
        names.iter().any(|name| name.as_bytes() == &root[..end])
    })
}
