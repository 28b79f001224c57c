//! The pages of staff, in English alone.
//!
//! A list shows what stands open in the database: kind, stage, body, district and days. Content is
//! shown on the page of one file, after the opening was recorded. What a filer wrote is shown as
//! text, in the direction of its first letter, and never as markup.
//!
//! An officer sees the forms of those steps that the table allows from the own seats. That a form is
//! not shown protects nothing: the handlers ask the same table again.

use jiff::civil::Date;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::style::STYLE;
use crate::NO_AUDIT;
use crate::config::DeskConfig;
use crate::entry::{EntryHead, FileId};
use crate::process::{Role, Step};
use crate::server::office::{AttachedParts, FiledContent, OpenedCase, ReadEntry, body_of};
use crate::server::session::StaffSession;
use crate::store::{Opening, StoredFile};
use crate::text::{Language, words};
use crate::vault::Holder;

const ENGLISH: Language = Language::English;

/// The frame of every page of the staff.
pub(super) fn page(
    config: &DeskConfig,
    title: &str,
    session: Option<&StaffSession>,
    main: &Markup,
) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" dir="ltr" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p { bdi { (config.name) } " · staff" }
                    div.warn {
                        p { strong { (NO_AUDIT) } }
                        @if config.is_invented { p { (ENGLISH.phrases().invented) } }
                    }
                    @if let Some(session) = session { (logged_in(session)) }
                }
                main { h1 { (title) } (main) }
            }
        }
    }
}

/// Who is logged in, from which seats, and the way out.
fn logged_in(session: &StaffSession) -> Markup {
    let seats: Vec<String> = session.seats.keys().map(ToString::to_string).collect();
    html! {
        p { bdi { (session.member) } " · " (seats.join(", ")) }
        nav aria-label="Staff" { ul {
            li { a href="/staff" { "Files" } }
            @if session.holds(Role::Auditor) { li { a href="/staff/ledger" { "Inner ledger" } } }
            @if session.holds(Role::Partner) { li { a href="/staff/partner" { "File for others" } } }
        } }
        form method="post" action="/staff/logout" {
            (form_token(session))
            button type="submit" { "Log out" }
        }
    }
}

/// The secret of the session, which every form of the staff carries.
pub(super) fn form_token(session: &StaffSession) -> Markup {
    html! { input type="hidden" name="form" value=(session.form_token.as_str()); }
}

/// The login.
pub(crate) fn login(config: &DeskConfig, token: &str, reason: Option<&str>) -> Markup {
    let main = html! {
        @if let Some(reason) = reason { div.warn role="alert" { p { strong { (reason) } } } }
        form method="post" action="/staff/login" {
            input type="hidden" name="form" value=(token);
            label for="name" { "Name" }
            input #name name="name" required autocomplete="username" maxlength="64";
            label for="password" { "Password" }
            input #password name="password" type="password" required autocomplete="current-password";
            label for="code" { "Code of six digits" }
            input #code name="code" required inputmode="numeric" autocomplete="one-time-code" maxlength="12";
            button type="submit" { "Log in" }
        }
        p { "A session ends after 20 minutes without a request, and after four hours. A new login ends the one before." }
    };
    page(config, "Staff", None, &main)
}

/// A refusal.
pub(crate) fn refused(config: &DeskConfig, reason: &str) -> Markup {
    let main = html! {
        div.warn role="alert" { p { strong { (reason) } } }
        p { a href="/staff" { "Back to the start" } }
    };
    page(config, "Refused", None, &main)
}

/// A refusal of a form with a text, which comes back to be copied: the desk kept it nowhere.
pub(crate) fn unsent(config: &DeskConfig, reason: &str, text: &str) -> Markup {
    let main = html! {
        div.warn role="alert" { p { strong { (reason) } } p { "Nothing was kept. Copy your text before you leave this page." } }
        label for="unsent" { "Your text" }
        textarea #unsent readonly dir="auto" { "\n" (text) }
        p { a href="/staff" { "Back to the start" } }
    };
    page(config, "Refused", None, &main)
}

/// A file's id in addresses.
fn id_text(id: FileId) -> String {
    id.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The files of the own seats, and for auditors and custodians the heads of all.
pub(crate) fn list(
    config: &DeskConfig,
    session: &StaffSession,
    files: &[(StoredFile, Role)],
    all: &[StoredFile],
) -> Markup {
    let mut files: Vec<&StoredFile> = files.iter().map(|(file, _)| file).collect();
    files.sort_by_key(|file| due(file));
    let rest = match session.holds(Role::Auditor) {
        true => "openings",
        false => "recovery",
    };
    let main = html! {
        h2 { "Files of your seats" }
        @if files.is_empty() { p { "None." } }
        @else { (table(config, &files, |id| Some(format!("/staff/file/{}", id_text(id))))) }
        @if !all.is_empty() {
            @let all: Vec<&StoredFile> = all.iter().collect();
            h2 { "All files, without content" }
            (table(config, &all, |id| Some(format!("/staff/file/{}/{rest}", id_text(id)))))
        }
    };
    page(config, "Files", Some(session), &main)
}

/// Files without a deadline come last.
fn due(file: &StoredFile) -> Date {
    file.course.deadline.map_or(Date::MAX, |deadline| deadline.due)
}

/// Files without content: what stands open in the database too.
fn table(
    config: &DeskConfig,
    files: &[&StoredFile],
    address: impl Fn(FileId) -> Option<String>,
) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Files" { table {
            thead { tr {
                th scope="col" { "File" } th scope="col" { "Kind" } th scope="col" { "Stage" }
                th scope="col" { "With" } th scope="col" { "District" } th scope="col" { "Filed" }
                th scope="col" { "Due" } th scope="col" { "Given to" }
            } }
            tbody { @for file in files {
                @let short: String = id_text(file.id).chars().take(8).collect();
                tr {
                    td { @match address(file.id) {
                        Some(address) => a href=(address) { code { (short) } },
                        None => code { (short) },
                    } }
                    td { (file.course.kind.as_str()) }
                    td { (file.course.stage.as_str()) }
                    td { (body_of(config, file)) }
                    td { (file.district) }
                    td { (file.filed_on) }
                    td { @match file.course.deadline {
                        None => "",
                        Some(deadline) => { (deadline.due) @if deadline.is_missed { " missed" } },
                    } }
                    td { bdi { (file.assignee.as_deref().unwrap_or("")) } }
                }
            } }
        } }
    }
}

/// One file, opened, with the steps that can be taken.
pub(crate) fn case(
    config: &DeskConfig,
    session: &StaffSession,
    case: &OpenedCase,
    steps: &[Step],
    investigators: &[String],
) -> Markup {
    let (file, course) = (&case.file, &case.file.course);
    let id = id_text(file.id);
    let main = html! {
        dl {
            dt { "Kind and stage" } dd { (words::kind(course.kind, ENGLISH)) ": " (course.stage.as_str()) }
            dt { "With" } dd { (body_of(config, file)) }
            dt { "District" } dd { (file.district) }
            dt { "Filed" } dd { (file.filed_on) }
            @if let Some(deadline) = course.deadline { dt { "Due" } dd { (deadline.due) } }
            @if let Some(assignee) = &file.assignee { dt { "Given to" } dd { bdi { (assignee) } } }
        }
        @if course.is_overdue() { p.warn { "The deadline has passed." } }
        p { "That you opened this file is recorded. The filer sees the day." }
        @for entry in &case.entries {
            div.entry {
                h2 { (words::deed(&entry.head.deed, ENGLISH).unwrap_or_default()) }
                p { (entry.head.author.as_str()) " · " (entry.head.day) }
                (entry_content(&id, entry))
            }
        }
        @for step in steps { (step_form(session, &id, *step, investigators)) }
        section {
            h2 { "Write to the filer" }
            form method="post" action=(format!("/staff/file/{id}/note")) {
                (form_token(session))
                label for="note" { "Message" }
                textarea #note name="text" required dir="auto" {}
                button type="submit" { "Send message" }
            }
        }
    };
    page(config, "File", Some(session), &main)
}

/// What an entry holds: a text, or a picture as its copy. Originals are never shown.
fn entry_content(id: &str, entry: &ReadEntry) -> Markup {
    let Some(parts) = AttachedParts::read(&entry.head, &entry.text) else {
        let content = FiledContent::read(&entry.text);
        return html! {
            @if let Some(when) = &content.when { p { "Said to have happened: " (when) } }
            @if !content.text.is_empty() { p.said dir="auto" { (content.text.as_str()) } }
        };
    };
    html! {
        @if let Some(copy) = &parts.copy {
            p { img src=(format!("/staff/file/{id}/picture/{}", copy.number))
                width=(copy.width) height=(copy.height)
                alt=(format!("Picture {} as the filer sent it, without what the camera wrote", copy.number)); }
            p.hint { "A copy that the desk made anew. What a picture shows may still tell who took it." }
        } @else {
            p { "The filer sent something that is no picture the desk reads. It is sealed and was not looked at." }
        }
        @if let Some(number) = parts.original {
            p { "The original is sealed as attachment " (number) ": two custodians together can open it." }
        }
    }
}

/// The form of one step. Giving a file to somebody names an investigator of the own body.
fn step_form(session: &StaffSession, id: &str, step: Step, investigators: &[String]) -> Markup {
    let word = step.as_str();
    let field = format!("text-{word}");
    html! {
        section {
            h2 { (word) }
            form method="post" action=(format!("/staff/file/{id}/step/{word}")) {
                (form_token(session))
                @if step == Step::Assign {
                    label for="assignee" { "Investigator" }
                    select #assignee name="assignee" required {
                        option value="" { "Choose" }
                        @for name in investigators { option value=(name) { (name) } }
                    }
                }
                label for=(field) { "Text, which the filer reads" }
                textarea #(field) name="text" dir="auto" {}
                button type="submit" { (word) }
            }
        }
    }
}

/// Who opened a file and what was done with it, for auditors: heads without content.
pub(crate) fn openings(
    config: &DeskConfig,
    session: &StaffSession,
    id: FileId,
    openings: &[Opening],
    heads: Vec<EntryHead>,
) -> Markup {
    let main = html! {
        p { code { (id_text(id)) } }
        h2 { "Opened by" }
        @if openings.is_empty() { p { "Nobody." } }
        ul { @for opening in openings { li { bdi { (opening.member) } " · " (opening.day) } } }
        h2 { "Entries" }
        ol { @for head in heads {
            li { (head.deed) " · " (head.author.as_str()) " · " (head.day) " · " (head.stage.as_str()) }
        } }
    };
    page(config, "Openings", Some(session), &main)
}

/// What a custodian sees of a file.
pub(crate) struct Recovery<'a> {
    /// The file, without content.
    pub(crate) file: &'a StoredFile,
    /// The numbers of its sealed originals.
    pub(crate) originals: Vec<u32>,
    /// The days on which two custodians opened it.
    pub(crate) recovered: Vec<Date>,
}

/// How two custodians recover a file. The page asks for nothing: keys and their passwords never come
/// near the desk's server.
pub(crate) fn recovery(
    config: &DeskConfig,
    session: &StaffSession,
    recovery: &Recovery<'_>,
) -> Markup {
    let Recovery { file, originals, recovered } = recovery;
    let id = id_text(file.id);
    let pairs = file.wraps.0.keys().filter_map(|holder| match holder {
        Holder::Custodians { first, second } => Some((first, second)),
        _ => None,
    });
    // An option and its dashes stay together where a line ends: commands are typed from paper.
    let lend = html! {
        "sanad-desk lend " span { "--data COPY" } " " span { "--file" } " " (id) " "
        span { "--key FIRST.key" } " " span { "--with SECOND" } " " span { "--out lent.txt" }
    };
    let recover = html! {
        "sanad-desk recover " span { "--data DESK" } " " span { "--lent lent.txt" } " "
        span { "--key SECOND.key" }
    };
    let main = html! {
        p { code { (id) } }
        p { (words::kind(file.course.kind, ENGLISH)) ", " "stage " (file.course.stage.as_str()) ", with " (body_of(config, file)) ", filed on " (file.filed_on) }
        div.warn {
            p { strong { "Never type a key or its password into a page." } " This one asks for none. Recover on a machine of your own, with a copy of the desk." }
            p { "The filer sees the day on which two custodians opened the file. So does everybody who is shown the file's proofs." }
        }
        h2 { "Who can open it together" }
        ul { @for (first, second) in pairs {
            li { (first) " lends, " (second) " opens" }
        } }
        h2 { "1. The one who lends" }
        pre { (lend) "\n" }
        p { "What is written into lent.txt tells nothing to anybody but the second custodian. Hand it over on paper or on a medium, not through the desk." }
        h2 { "2. The one who opens" }
        pre { (recover) "\n" }
        p { "This has to be done at the desk's own database: it writes the recovery into the file and into the ledger before anything is shown." }
        @if !originals.is_empty() {
            h2 { "Sealed originals" }
            p { "An original holds what the camera wrote: place, time, device. Open one only if an inquiry cannot do without it." }
            @for number in originals {
                pre {
                    (lend) " " span { "--attachment " (number) } "\n"
                    (recover) " " span { "--original original-" (number) } "\n"
                }
            }
        }
        h2 { "Recovered on" }
        @if recovered.is_empty() { p { "Never." } }
        ul { @for day in recovered { li { (day) } } }
    };
    page(config, "Recovery by two custodians", Some(session), &main)
}
