//! The pages of filers.
//!
//! Every page is whole without a script and without a second request: the style sheet stands in it,
//! and in the form of a filing the one script, which does nothing that a filer would miss.
//! It has to stay under 30 KiB in every language, which a test holds. Directions are those of the
//! language; what was typed gets the direction of its first letter (`dir="auto"`), and receipts,
//! dates and numbers stand from left to right inside a `bdi`, so that their groups keep their order
//! between words that run the other way.
//!
//! Fields that could leave a trace say `autocomplete="off"`. Browsers may keep what was typed all the
//! same; that is among what is not protected.

use maud::{Markup, PreEscaped, html};

use super::layout::DeskFrame;
use super::style::PROOF_OF_WORK;
use crate::config::Channel;
use crate::process::{Role, Stage, Step, stage_time, steps_open_to};
use crate::server::form::TypedForm;
use crate::server::office::{
    AttachedParts, FiledContent, OpenedCase, ReadEntry, Tombstone, body_of,
};
use crate::server::proof_of_work::{NO_ANSWER, Puzzle, WORK_BITS};
use crate::text::{Language, words};
use crate::vault::Receipt;

/// The receipt as a filer copies it, in groups of four, in the digits of the page.
fn receipt_digits(frame: &DeskFrame<'_>, receipt: &Receipt) -> Markup {
    let groups = receipt.to_groups();
    html! {
        bdi.receipt dir="ltr" {
            @for (place, group) in groups.split(' ').enumerate() {
                @if place > 0 { " " }
                span { (frame.language.digits(group)) }
            }
        }
    }
}

/// A link with a sentence.
fn link(address: &str, text: &str) -> Markup {
    html! { p { a href=(address) { (text) } } }
}

/// The first page of a language.
pub(crate) fn home(frame: &DeskFrame<'_>) -> Markup {
    let says = frame.says();
    let main = html! {
        p { (says.home_lead) }
        p { (says.kept) }
        (link(&frame.address("file"), says.to_file))
        (link(&frame.address("receipt"), says.to_return))
        (link(&frame.address("record"), says.to_record))
        (link(&frame.address("verify"), says.to_verify))
    };
    frame.page(says.home_title, Some(""), &main)
}

/// The choice of a channel.
pub(crate) fn channels(frame: &DeskFrame<'_>) -> Markup {
    let says = frame.says();
    let open: Vec<&Channel> =
        frame.config.channels.iter().filter(|channel| channel.is_open).collect();
    let main = html! {
        @if open.is_empty() { p { (says.no_channel) } }
        @for channel in open {
            div.box {
                h2 {
                    a href=(frame.address(&format!("file/{}", channel.id))) {
                        (frame.channel_title(channel))
                    }
                }
                // A channel of one matter says itself what it is about.
                @if channel.matter.is_none() { p { (words::purpose(channel.kind, frame.language)) } }
                p { (says.goes_to) ": " (frame.body_name(&channel.body)) }
                p { (says.body_reads) ": " (languages_read(channel)) }
            }
        }
    };
    frame.page(says.choose_channel, Some("file"), &main)
}

/// The languages that the body of a channel reads, each by its own name.
fn languages_read(channel: &Channel) -> Markup {
    let languages = channel.languages.iter().filter_map(|tag| Language::from_tag(tag));
    html! {
        @for (place, language) in languages.enumerate() {
            @if place > 0 { " · " }
            bdi lang=(language.tag()) { (language.phrases().language) }
        }
    }
}

/// What a form is before anything is typed into it.
pub(crate) struct BlankForm<'a> {
    /// The channel.
    pub(crate) channel: &'a Channel,
    /// The receipt under which it will be kept.
    pub(crate) receipt: &'a Receipt,
    /// The puzzle of the receipt, where the channel has a share for filings with a proof of work.
    pub(crate) puzzle: Option<Puzzle>,
}

/// The form of a channel. `typed` is what was sent and could not be kept, with the reason.
pub(crate) fn filing_form(
    frame: &DeskFrame<'_>,
    blank: &BlankForm<'_>,
    typed: Option<(&TypedForm, &str)>,
) -> Markup {
    let BlankForm { channel, receipt, puzzle } = blank;
    let says = frame.says();
    let value = |name| typed.map_or("", |(form, _)| form.get(name));
    let address = format!("file/{}", channel.id);
    let main = html! {
        @if let Some((_, reason)) = typed {
            div.warn role="alert" { p { strong { (reason) } } p { (says.nothing_kept) } }
        }
        p { (frame.channel_title(channel)) " · " (says.goes_to) ": " (frame.body_name(&channel.body)) }
        (unprotected(frame))
        form method="post" action=(frame.address(&address)) autocomplete="off" accept-charset="utf-8"
            data-puzzle=[puzzle.map(Puzzle::to_hex)] data-bits=[puzzle.map(|_| WORK_BITS)] {
            div.box {
                h2 { (says.receipt_title) }
                (receipt_digits(frame, receipt))
                p { (says.receipt_first) }
                input type="hidden" name="receipt" value=(receipt.to_groups().as_str());
                label.tick {
                    input type="checkbox" name="noted" value="yes" required checked[value("noted") == "yes"];
                    (says.receipt_noted)
                }
            }
            label for="district" { (says.district) }
            select #district name="district" required {
                option value="" { (says.choose) }
                @for id in &channel.districts {
                    option value=(id) lang="en" selected[value("district") == id] {
                        (frame.config.districts.get(id).map_or(id.as_str(), String::as_str))
                    }
                }
            }
            (date_fields(frame, value))
            label for="text" { (says.text) }
            p #text-hint .hint { (says.text_hint) }
            textarea #text name="text" required aria-describedby="text-hint" dir="auto" { (value("text")) }
            p { (says.resend) }
            @if puzzle.is_some() { (work_field(frame, value("work"))) }
            button type="submit" { (says.send) }
        }
        @if puzzle.is_some() { script { (PreEscaped(PROOF_OF_WORK)) } }
    };
    frame.page(says.form_title, Some(&address), &main)
}

/// The field of an answer, and what the script says. Without scripts nothing of it is seen, and the
/// field is as long as with an answer, so that the length of what is sent tells nothing.
fn work_field(frame: &DeskFrame<'_>, answer: &str) -> Markup {
    let says = frame.says();
    let answer = if answer.len() == NO_ANSWER.len() { answer } else { NO_ANSWER };
    html! {
        input type="hidden" name="work" value=(answer);
        div role="status" {
            p #work-runs .hint hidden { (says.work_runs) }
            p #work-done .hint hidden { (says.work_done) }
        }
    }
}

/// Three fields of a date, all of which may stay empty. They take digits of every kind.
fn date_fields<'a>(frame: &DeskFrame<'_>, value: impl Fn(&'static str) -> &'a str) -> Markup {
    let says = frame.says();
    let fields = [("year", says.year), ("month", says.month), ("day", says.day)];
    html! {
        fieldset aria-describedby="when-hint" {
            legend { (says.when_title) }
            p #when-hint .hint { (says.when_hint) }
            div.row {
                @for (name, label) in fields {
                    div {
                        label for=(name) { (label) }
                        input #(name) name=(name) inputmode="numeric" dir="ltr" maxlength="6" value=(value(name));
                    }
                }
            }
        }
    }
}

/// What is not protected, on the page on which people write.
fn unprotected(frame: &DeskFrame<'_>) -> Markup {
    let says = frame.says();
    html! {
        section.warn aria-labelledby="unprotected" {
            h2 #unprotected { (says.unprotected_title) }
            ul { @for sentence in crate::text::not_protected(frame.language) { li { (sentence) } } }
            p { (says.kept) }
        }
    }
}

/// What is said after sending.
pub(crate) fn sent(frame: &DeskFrame<'_>, receipt: &Receipt, said: &str) -> Markup {
    let says = frame.says();
    let main = html! {
        p role="status" { strong { (said) } }
        div.box {
            h2 { (says.receipt_title) }
            (receipt_digits(frame, receipt))
        }
        (attaching(frame, receipt))
        (link(&frame.address("receipt"), says.to_return))
    };
    frame.page(says.sent_title, None, &main)
}

/// The form in which a filer gives the receipt.
pub(crate) fn return_form(frame: &DeskFrame<'_>, reason: Option<&str>) -> Markup {
    let says = frame.says();
    let main = html! {
        @if let Some(reason) = reason { div.warn role="alert" { p { strong { (reason) } } } }
        form method="post" action=(frame.address("receipt")) autocomplete="off" accept-charset="utf-8" {
            label for="receipt" { (says.receipt) }
            p #receipt-hint .hint { (says.receipt_digits) }
            input #receipt name="receipt" inputmode="numeric" dir="ltr" maxlength="60" required aria-describedby="receipt-hint";
            button type="submit" { (says.open) }
        }
    };
    frame.page(says.to_return, Some("receipt"), &main)
}

/// A form of the filer's own file, which carries the receipt.
fn own_form(frame: &DeskFrame<'_>, receipt: &Receipt, rest: &str, inside: &Markup) -> Markup {
    html! {
        form method="post" action=(frame.address(&format!("receipt/{rest}"))) autocomplete="off" accept-charset="utf-8" {
            input type="hidden" name="receipt" value=(receipt.to_groups().as_str());
            (inside)
        }
    }
}

/// Where a file stands, what was written, and what the filer can do.
pub(crate) fn status(
    frame: &DeskFrame<'_>,
    receipt: &Receipt,
    case: &OpenedCase,
    reason: Option<&str>,
) -> Markup {
    let says = frame.says();
    let course = &case.file.course;
    let steps = steps_open_to(course.kind, course.stage, Role::Filer);
    let main = html! {
        @if let Some(reason) = reason { div.warn role="alert" { p { strong { (reason) } } } }
        (standing(frame, case))
        h2 { (says.entries) }
        p.hint { (says.proof_hint) }
        @for entry in &case.entries { (shown_entry(frame, receipt, entry)) }
        @for day in &case.opened_on {
            div.entry { p { (words::deed("open", frame.language).unwrap_or_default()) " · " (frame.day(*day)) } }
        }
        @if course.stage != Stage::Closed { (adding(frame, receipt, "")) (attaching(frame, receipt)) }
        @if steps.contains(&Step::Accept) {
            section {
                h2 { (says.accept_title) }
                (own_form(frame, receipt, "accept", &html! { button type="submit" { (says.accept) } }))
            }
        }
        @if steps.contains(&Step::Appeal) { (appealing(frame, receipt, "")) }
        (deleting(frame, receipt))
    };
    frame.page(says.status_title, None, &main)
}

/// The stage, the body that has the file, what falls due and who has to act.
fn standing(frame: &DeskFrame<'_>, case: &OpenedCase) -> Markup {
    let says = frame.says();
    let course = &case.file.course;
    let duty = stage_time(course.kind, course.stage).map(|time| time.duty);
    html! {
        dl {
            dt { (says.stage) }
            dd { (words::kind(course.kind, frame.language)) ": " (words::stage(course.stage, frame.language)) }
            dt { (says.with_body) }
            dd { (frame.body_name(body_of(frame.config, &case.file))) }
            @if let Some((deadline, duty)) = course.deadline.zip(duty) {
                dt { (says.due) }
                dd { (frame.day(deadline.due)) }
                dt { (says.has_to_act) }
                dd { (words::role(duty, frame.language)) }
            }
        }
        @if course.is_overdue() { p.warn { (says.overdue) } }
    }
}

/// One entry: what was done, by which role, on which day, the text, and the way to its proof.
/// Names of the staff are not shown.
fn shown_entry(frame: &DeskFrame<'_>, receipt: &Receipt, entry: &ReadEntry) -> Markup {
    let says = frame.says();
    let deed = words::deed(&entry.head.deed, frame.language).unwrap_or_default();
    html! {
        div.entry {
            h3 { (deed) }
            p { (words::role(entry.head.author, frame.language)) " · " (frame.day(entry.head.day)) }
            @match AttachedParts::read(&entry.head, &entry.text) {
                Some(parts) => (shown_parts(frame, receipt, &parts)),
                None => (shown_text(frame, &FiledContent::read(&entry.text))),
            }
            @match entry.ledger_day {
                None => p.hint { (says.not_in_ledger) },
                Some(day) => {
                    p.hint { (says.in_ledger) " " (frame.day(day)) }
                    (own_form(frame, receipt, "proof", &html! {
                        input type="hidden" name="entry" value=(entry.head.number);
                        button type="submit" { (says.proof) }
                    }))
                }
            }
        }
    }
}

/// What was written, and when it is said to have happened.
fn shown_text(frame: &DeskFrame<'_>, content: &FiledContent) -> Markup {
    html! {
        @if let Some(when) = &content.when {
            p { (frame.says().when_title) " " (frame.digits(when)) }
        }
        @if !content.text.is_empty() { p.said dir="auto" { (content.text.as_str()) } }
    }
}

/// What was attached: the copy, which the filer can look at, and whether the original is kept.
fn shown_parts(frame: &DeskFrame<'_>, receipt: &Receipt, parts: &AttachedParts) -> Markup {
    let says = frame.says();
    html! {
        @if let Some(copy) = &parts.copy {
            p { (says.copy_kept) " · " (frame.digits(&format!("{} × {}", copy.width, copy.height))) }
            (own_form(frame, receipt, "picture", &html! {
                input type="hidden" name="number" value=(copy.number);
                button type="submit" { (says.show_copy) }
            }))
        }
        @if parts.original.is_some() { p { (says.original_kept) } }
    }
}

/// The form that attaches a picture. Ids are its own: it stands on a page with others.
fn attaching(frame: &DeskFrame<'_>, receipt: &Receipt) -> Markup {
    let says = frame.says();
    html! {
        section {
            h2 { (says.attach_title) }
            form method="post" action=(frame.address("receipt/attach")) enctype="multipart/form-data" autocomplete="off" {
                input type="hidden" name="receipt" value=(receipt.to_groups().as_str());
                p #picture-hint .hint { (says.attach_hint) }
                label for="picture" { (says.picture) }
                input #picture type="file" name="picture" required accept="image/png,image/jpeg" aria-describedby="picture-hint";
                label.tick {
                    input type="checkbox" name="original" value="yes";
                    (says.keep_original)
                }
                button type="submit" { (says.attach) }
            }
        }
    }
}

/// The form that attaches, after a file that could not be kept.
pub(crate) fn attach_again(frame: &DeskFrame<'_>, receipt: &Receipt, reason: &str) -> Markup {
    let says = frame.says();
    let main = html! {
        div.warn role="alert" { p { strong { (reason) } } }
        (attaching(frame, receipt))
        (link(&frame.address("receipt"), says.to_return))
    };
    frame.page(says.refused_title, None, &main)
}

/// The form that adds a text. `typed` is what was sent before and could not be kept.
fn adding(frame: &DeskFrame<'_>, receipt: &Receipt, typed: &str) -> Markup {
    let says = frame.says();
    let inside = html! {
        label for="add-text" { (says.add_text) }
        textarea #add-text name="text" required dir="auto" { (typed) }
        button type="submit" { (says.add) }
    };
    html! { section { h2 { (says.add_title) } (own_form(frame, receipt, "add", &inside)) } }
}

/// The form of an appeal, which needs reasons. `typed` is what was sent before and could not be kept.
fn appealing(frame: &DeskFrame<'_>, receipt: &Receipt, typed: &str) -> Markup {
    let says = frame.says();
    let inside = html! {
        p #appeal-hint .hint { (says.appeal_hint) }
        label for="appeal-text" { (says.appeal_text) }
        textarea #appeal-text name="text" required dir="auto" aria-describedby="appeal-hint" { (typed) }
        button type="submit" { (says.appeal) }
    };
    html! { section { h2 { (says.appeal_title) } (own_form(frame, receipt, "appeal", &inside)) } }
}

/// Which of the two forms of the own file a text was typed into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnTextForm {
    /// The one that adds.
    Add,
    /// The one that appeals.
    Appeal,
}

/// A form of the own file that could not be taken.
pub(crate) struct UnsentText<'a> {
    /// Which form.
    pub(crate) form: OwnTextForm,
    /// What was typed into it.
    pub(crate) text: &'a str,
    /// Why it was not taken.
    pub(crate) reason: &'a str,
    /// Whether nothing of it was kept for certain. Where the desk has a fault nobody can say.
    pub(crate) is_surely_not_kept: bool,
}

/// A form of the own file that comes back with its text and the reason: the text is kept nowhere else.
pub(crate) fn text_again(
    frame: &DeskFrame<'_>,
    receipt: &Receipt,
    unsent: &UnsentText<'_>,
) -> Markup {
    let says = frame.says();
    let main = html! {
        div.warn role="alert" {
            p { strong { (unsent.reason) } }
            @if unsent.is_surely_not_kept { p { (says.nothing_kept) } }
        }
        @match unsent.form {
            OwnTextForm::Add => (adding(frame, receipt, unsent.text)),
            OwnTextForm::Appeal => (appealing(frame, receipt, unsent.text)),
        }
        (link(&frame.address("receipt"), says.to_return))
    };
    frame.page(says.refused_title, None, &main)
}

/// The form that deletes, with what deleting does and does not do.
fn deleting(frame: &DeskFrame<'_>, receipt: &Receipt) -> Markup {
    let says = frame.says();
    let inside = html! {
        p.hint { (says.delete_hint) }
        label.tick { input type="checkbox" name="sure" value="yes" required; (says.delete_sure) }
        button type="submit" { (says.delete) }
    };
    html! { section { h2 { (says.delete_title) } (own_form(frame, receipt, "delete", &inside)) } }
}

/// What is said after deleting.
pub(crate) fn deleted(frame: &DeskFrame<'_>, tombstone: &Tombstone) -> Markup {
    let says = frame.says();
    let main = html! {
        p role="status" { (says.deleted_lead) }
        pre dir="ltr" { (tombstone.statement.to_text()) "salt " (tombstone.salt.to_hex()) "\n" }
    };
    frame.page(says.deleted_title, None, &main)
}

/// A refusal.
pub(crate) fn refused(frame: &DeskFrame<'_>, reason: &str) -> Markup {
    let main = html! { div.warn role="alert" { p { strong { (reason) } } } };
    frame.page(frame.says().refused_title, None, &main)
}
