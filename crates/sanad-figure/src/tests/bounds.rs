//! Nothing is drawn outside its viewBox, no text is too small, no id is used twice, and the markup
//! is well formed.

use std::collections::BTreeSet;

use super::samples;
use crate::text;

/// The tags of a fragment with what follows each up to the next tag.
fn tags(svg: &str) -> impl Iterator<Item = (&str, &str)> {
    svg.split('<').skip(1).filter_map(|part| part.split_once('>'))
}

fn attr<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let key = format!(" {name}=\"");
    let start = tag.find(&key)? + key.len();
    tag[start..].split('"').next()
}

fn number(tag: &str, name: &str) -> f64 {
    attr(tag, name).and_then(|v| v.parse().ok()).unwrap_or(0.0)
}

/// Numbers and commands of a path.
fn tokens(d: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for c in d.chars() {
        let joins = c.is_ascii_digit() || c == '.';
        let is_number =
            |t: &String| t.ends_with(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
        match out.last_mut() {
            Some(last) if joins && is_number(last) => last.push(c),
            _ if c == ' ' => out.push(String::new()),
            _ => out.push(c.to_string()),
        }
    }
    out.retain(|t| !t.is_empty());
    out
}

/// Every point a path visits (control points included).
fn points(d: &str) -> Vec<[f64; 2]> {
    let tokens = tokens(d);
    let mut out: Vec<[f64; 2]> = Vec::new();
    let (mut at, mut k, mut command) = ([0.0, 0.0], 0, 'M');
    let value = |k: usize| tokens.get(k).and_then(|t| t.parse::<f64>().ok()).unwrap_or(f64::NAN);
    while k < tokens.len() {
        if let Some(c) = tokens[k].chars().next().filter(char::is_ascii_alphabetic) {
            (command, k) = (c, k + 1);
            if c.eq_ignore_ascii_case(&'z') {
                continue;
            }
        }
        let used = match command {
            'H' => {
                at[0] = value(k);
                1
            }
            'V' => {
                at[1] = value(k);
                1
            }
            'h' => {
                at[0] += value(k);
                1
            }
            'l' => {
                at = [at[0] + value(k), at[1] + value(k + 1)];
                2
            }
            _ => {
                at = [value(k), value(k + 1)];
                2
            }
        };
        out.push(at);
        k += used;
    }
    out
}

fn text_box(tag: &str, content: &str) -> [f64; 4] {
    let plain = content
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    let size = number(tag, "font-size");
    let is_bold = attr(tag, "class").is_some_and(|c| c.contains("sf-strong"));
    let wide = text::width(&plain, size, is_bold);
    let x = number(tag, "x");
    let left = match attr(tag, "text-anchor") {
        Some("middle") => x - wide / 2.0,
        Some("end") => x - wide,
        _ => x,
    };
    let y = number(tag, "y");
    [left, y - 0.75 * size, left + wide, y + 0.2 * size]
}

fn element_box(tag: &str, content: &str) -> Option<[f64; 4]> {
    let name = tag.split([' ', '/']).next()?;
    match name {
        "rect" => {
            let (x, y) = (number(tag, "x"), number(tag, "y"));
            Some([x, y, x + number(tag, "width"), y + number(tag, "height")])
        }
        "line" => {
            let (a, b) =
                ([number(tag, "x1"), number(tag, "y1")], [number(tag, "x2"), number(tag, "y2")]);
            Some([a[0].min(b[0]), a[1].min(b[1]), a[0].max(b[0]), a[1].max(b[1])])
        }
        "circle" => {
            let (x, y, r) = (number(tag, "cx"), number(tag, "cy"), number(tag, "r"));
            Some([x - r, y - r, x + r, y + r])
        }
        "path" => points(attr(tag, "d")?).into_iter().fold(None, |b: Option<[f64; 4]>, p| {
            let b = b.unwrap_or([p[0], p[1], p[0], p[1]]);
            Some([b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])])
        }),
        "text" => Some(text_box(tag, content)),
        _ => None,
    }
}

fn outside(svg: &str) -> Vec<String> {
    let mut view = [0.0, 0.0];
    let mut found = Vec::new();
    let mut in_pattern = false;
    for (tag, content) in tags(svg) {
        in_pattern = (in_pattern || tag.starts_with("pattern")) && tag != "/pattern";
        if let Some(v) = attr(tag, "viewBox") {
            let parts: Vec<f64> = v.split(' ').filter_map(|p| p.parse().ok()).collect();
            view = [parts[2], parts[3]];
        }
        let Some(b) = element_box(tag, content).filter(|_| !in_pattern) else { continue };
        let is_inside =
            b[0] >= -1.0 && b[1] >= -1.0 && b[2] <= view[0] + 1.0 && b[3] <= view[1] + 1.0;
        if !is_inside {
            found.push(format!("{b:?} outside {view:?}: {tag} {content}"));
        }
    }
    found
}

#[test]
fn nothing_is_drawn_outside_its_view_box() {
    for strained in [false, true] {
        for figure in samples::all(strained) {
            let found = outside(&figure.svg);
            assert!(found.is_empty(), "{} (strained {strained}):\n{}", figure.id, found.join("\n"));
        }
    }
}

/// Pairs of texts of one drawing that cover each other.
fn collisions(svg: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut drawn: Vec<([f64; 4], &str)> = Vec::new();
    for (tag, content) in tags(svg) {
        if tag.starts_with("svg") {
            drawn.clear();
        }
        if !tag.starts_with("text ") {
            continue;
        }
        let b = text_box(tag, content);
        let slack = 0.03 * (b[2] - b[0]) + 1.0;
        for (o, other) in &drawn {
            let is_hit = b[0] + slack < o[2]
                && o[0] + slack < b[2]
                && b[1] + 1.5 < o[3]
                && o[1] + 1.5 < b[3];
            if is_hit {
                found.push(format!("{other:?} and {content:?} at {b:?}"));
            }
        }
        drawn.push((b, content));
    }
    found
}

#[test]
fn no_two_texts_cover_each_other() {
    let mut found = Vec::new();
    for strained in [false, true] {
        for figure in samples::all(strained) {
            let own = collisions(&figure.svg);
            found.extend(own.iter().map(|f| format!("{} (strained {strained}): {f}", figure.id)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_coordinate_is_a_number() {
    for figure in samples::all(true) {
        assert!(!figure.svg.contains("NaN") && !figure.svg.contains("inf\""), "{}", figure.id);
    }
}

#[test]
fn no_text_is_smaller_than_eleven_pixels_on_a_phone() {
    for figure in samples::all(true) {
        let mut scale = 1.0_f64;
        for (tag, content) in tags(&figure.svg) {
            if let Some(v) = attr(tag, "viewBox") {
                let wide: f64 = v.split(' ').nth(2).and_then(|p| p.parse().ok()).unwrap();
                let is_wide = attr(tag, "class").is_some_and(|c| c.contains("sf-wide"));
                scale = if is_wide { 1.0 } else { (328.0 / wide).min(1.0) };
            }
            if tag.starts_with("text ") {
                let is_grown = attr(tag, "class").is_some_and(|c| c.contains("sf-grow"));
                let size = if is_grown && scale < 1.0 { 16.5 } else { number(tag, "font-size") };
                assert!(size * scale >= 10.8, "{}: {size} at {scale} {content}", figure.id);
            }
        }
    }
}

#[test]
fn ids_are_unique_and_every_reference_resolves() {
    let mut seen = BTreeSet::new();
    for figure in samples::all(true) {
        for (tag, _) in tags(&figure.svg) {
            if let Some(id) = attr(tag, "id") {
                assert!(id.starts_with(&figure.id), "{id}");
                assert!(seen.insert(id.to_owned()), "{id} twice");
            }
        }
        for used in figure.svg.split("url(#").skip(1) {
            let id = used.split(')').next().unwrap();
            assert!(seen.contains(id), "{id} of {} is not defined", figure.id);
        }
    }
}

#[test]
fn tags_are_balanced_in_fragments_and_standalone_files() {
    for figure in samples::all(true) {
        for svg in [figure.svg.as_str(), figure.standalone_svg()] {
            let mut open: Vec<&str> = Vec::new();
            for (tag, _) in tags(svg) {
                let name = tag.split([' ', '/']).find(|n| !n.is_empty()).unwrap();
                if tag.starts_with('/') {
                    assert_eq!(open.pop(), Some(name), "{}", figure.id);
                } else if !tag.ends_with('/') {
                    open.push(name);
                }
            }
            assert!(open.is_empty(), "{}: {open:?}", figure.id);
        }
    }
}

#[test]
fn no_figure_asks_for_anything_outside_the_file() {
    for figure in samples::all(true) {
        let html = figure.to_html().replace("http://www.w3.org/2000/svg", "");
        for word in ["http", "@import", "<script", "<image", "xlink", "src="] {
            assert!(!html.contains(word), "{}: {word}", figure.id);
        }
    }
}

#[test]
fn every_css_rule_begins_with_a_class_of_this_crate() {
    let css = crate::stylesheet();
    for rule in css.split('}') {
        let selector = rule.rsplit_once('{').map_or("", |r| r.0);
        let selector = selector.rsplit('{').next().unwrap().trim();
        assert!(selector.is_empty() || selector.starts_with(".sanad-"), "{selector}");
    }
}

#[test]
fn every_stroke_and_every_small_mark_reaches_three_to_one_on_white() {
    for figure in samples::all(true) {
        for (tag, _) in tags(&figure.svg) {
            let fill = attr(tag, "fill").filter(|_| tag.starts_with("circle"));
            for colour in [attr(tag, "stroke"), fill].into_iter().flatten() {
                let is_paper = matches!(colour, "#fff" | "#ffffff" | "none");
                assert!(
                    is_paper || crate::colour::contrast(colour, "#ffffff") >= 3.0,
                    "{}: {colour}",
                    figure.id
                );
            }
        }
    }
}

#[test]
fn these_checks_see_faults() {
    let svg = |body: &str| format!("<svg class=\"sf\" viewBox=\"0 0 100 50\">{body}</svg>");
    let label = |x: u32| format!("<text x=\"{x}\" y=\"20\" font-size=\"12\">some words</text>");
    assert_eq!(outside(&svg(&label(10))).len(), 0);
    assert_eq!(outside(&svg(&label(70))).len(), 1);
    assert_eq!(outside(&svg("<rect x=\"90\" y=\"0\" width=\"20\" height=\"5\"/>")).len(), 1);
    assert_eq!(outside(&svg("<path d=\"M5 5l10-10z\"/>")).len(), 1);
    assert_eq!(outside(&svg("<path d=\"M5 5H90V40Q50 60 5 5Z\"/>")).len(), 1);
    assert_eq!(collisions(&svg(&(label(10) + &label(30)))).len(), 1);
}
