//! The tree of a file as a document. Elements that are not understood are kept for writing back,
//! next to what they stood under; where they are of no vendor, a note says so.

use crate::document::{
    Behavior, Dimension, Document, Group, Macro, Method, ModelPart, SimulationSpecs, UnitDefinition,
};
use crate::error::Error;
use crate::limits::Limits;
use crate::xmile::read_variable::{is_variable, variable};
use sanad_core::xml::XmlElement;

/// Reads everything under `<xmile>`.
///
/// # Errors
///
/// If the root is another element, there is no model, or a part of it cannot be read.
pub(super) fn document(root: XmlElement, limits: &Limits) -> Result<Document, Error> {
    if root.name != "xmile" {
        let message = format!("the root element is <{}>, not <xmile>", root.name);
        return Err(Error::document(root.line, message));
    }
    once(&root, &["sim_specs", "dimensions", "behavior"])?;
    let mut document = Document { namespaces: namespaces(&root), ..Document::default() };
    for part in root.children {
        top_level(part, &mut document, limits)?;
    }
    if document.models.is_empty() {
        return Err(Error::document(root.line, "the file has no <model>"));
    }
    Ok(document)
}

/// The prefixes that the root element declares.
fn namespaces(root: &XmlElement) -> Vec<(String, String)> {
    let declared = root.attributes.iter().filter_map(|(key, value)| {
        let prefix = key.strip_prefix("xmlns:")?;
        Some((prefix.to_owned(), value.clone()))
    });
    declared.collect()
}

/// A child of the root. Models and macros are added.
fn top_level(part: XmlElement, document: &mut Document, limits: &Limits) -> Result<(), Error> {
    match part.name.as_str() {
        "header" => header(part, document),
        "sim_specs" => document.simulation = simulation(&part, &mut document.notes)?,
        "model_units" => document.units = units(&part),
        "dimensions" => document.dimensions = dimensions(&part, limits)?,
        "behavior" => document.behavior = behavior(&part, Behavior::default()),
        "model" => {
            let model = model(part, document.behavior, &mut document.notes)?;
            document.models.push(model);
        }
        "macro" => document.macros.push(read_macro(part, &mut document.notes)?),
        _ => document.extras.push(part),
    }
    Ok(())
}

/// What the header says of the model; the rest is kept as it is. `invalid_index_value` is NaN only
/// if the file says so; anything else is zero.
fn header(part: XmlElement, document: &mut Document) {
    if let Some(name) = part.child("name") {
        document.name = name.text.clone();
    }
    let arrays = part.child("options").and_then(|options| options.child("uses_arrays"));
    let invalid = arrays.and_then(|arrays| arrays.get("invalid_index_value"));
    document.invalid_index_is_nan = invalid.is_some_and(|value| value.eq_ignore_ascii_case("nan"));
    document.header = Some(part);
}

/// `<sim_specs>` with the defaults of the standard. A start or stop that the file lacks, and a
/// method that does not exist here, are noted, not refused: the start is then 0 and the stop 100.
///
/// # Errors
///
/// If a start, stop, step or save interval is no number, or stands there twice.
fn simulation(part: &XmlElement, notes: &mut Vec<String>) -> Result<SimulationSpecs, Error> {
    once(part, &["start", "stop", "dt"])?;
    let mut specs = SimulationSpecs::default();
    for child in &part.children {
        match child.name.as_str() {
            "start" => specs.start = number(child, &child.text)?,
            "stop" => specs.stop = number(child, &child.text)?,
            "dt" => {
                specs.dt = number(child, &child.text)?;
                specs.dt_is_reciprocal = child.get("reciprocal").is_some_and(is_true);
            }
            _ => {}
        }
    }
    for (name, used) in [("start", specs.start), ("stop", specs.stop)] {
        if part.child(name).is_none() {
            notes.push(format!("line {}: <sim_specs> has no <{name}>; {used} is used", part.line));
        }
    }
    if let Some(methods) = part.get("method") {
        let (found, is_asked_for) = method(methods);
        specs.method = found;
        if !is_asked_for {
            let used = match found {
                Method::Euler => "Euler's",
                Method::Rk2 => "the second-order Runge–Kutta",
                Method::Rk4 => "the fourth-order Runge–Kutta",
            };
            let line = part.line;
            notes.push(format!("line {line}: no method {methods} is known; {used} is used"));
        }
    }
    if let Some(interval) = part.get("isee:save_interval") {
        specs.save_interval = Some(number(part, interval)?);
    }
    specs.time_units = part.get("time_units").unwrap_or_default().to_owned();
    Ok(specs)
}

/// The first method in a list of fallbacks that exists here, and whether it is the one asked for
/// first. RK4 stands in for the methods that choose their own steps, Euler's for unknown ones.
fn method(names: &str) -> (Method, bool) {
    for (place, name) in names.split(',').enumerate() {
        let is_first = place == 0;
        match name.trim().to_ascii_lowercase().as_str() {
            "euler" => return (Method::Euler, is_first),
            "rk2" => return (Method::Rk2, is_first),
            "rk4" => return (Method::Rk4, is_first),
            "rk45" | "gear" => return (Method::Rk4, false),
            _ => {}
        }
    }
    (Method::Euler, names.trim().is_empty())
}

/// A number in plain text, as the standard's section 3.2.1 spells numbers. No words such as `inf`
/// or `nan`, and nothing infinite.
///
/// # Errors
///
/// With the element's name and line.
pub(super) fn number(place: &XmlElement, text: &str) -> Result<f64, Error> {
    let text = text.trim();
    let parsed = text.parse::<f64>().ok().filter(|value| {
        value.is_finite()
            && text
                .chars()
                .all(|character| matches!(character, '0'..='9' | '.' | '-' | '+' | 'e' | 'E'))
    });
    parsed.ok_or_else(|| {
        let message = format!("<{}>: {text:?} is not a number", place.name);
        Error::document(place.line, message)
    })
}

/// Whether an option is set: an empty element is, and so are `true` and 1.
pub(super) fn is_true(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text.eq_ignore_ascii_case("true") || text == "1"
}

/// Units that the file defines. A unit without a name is passed over.
fn units(part: &XmlElement) -> Vec<UnitDefinition> {
    let unit = |element: &XmlElement| UnitDefinition {
        name: element.get("name").unwrap_or_default().to_owned(),
        equation: element.child("eqn").map(|eqn| eqn.text.clone()).unwrap_or_default(),
        aliases: element
            .children
            .iter()
            .filter(|child| child.name == "alias")
            .map(|child| child.text.clone())
            .collect(),
        disabled: element.get("disabled").is_some_and(is_true),
    };
    part.children
        .iter()
        .filter(|child| child.name == "unit" && child.get("name").is_some())
        .map(unit)
        .collect()
}

/// Dimensions of arrays.
fn dimensions(part: &XmlElement, limits: &Limits) -> Result<Vec<Dimension>, Error> {
    part.children
        .iter()
        .filter(|child| child.name == "dim")
        .map(|dim| dimension(dim, limits))
        .collect()
}

/// A dimension with its elements, named or numbered. Names stand above a size. With neither it has
/// no elements, which compiling refuses.
///
/// # Errors
///
/// If an element has no name, or the size is not a whole number from one to the limit.
fn dimension(part: &XmlElement, limits: &Limits) -> Result<Dimension, Error> {
    let name = required(part, "name")?;
    let named: Vec<String> = part
        .children
        .iter()
        .filter(|child| child.name == "elem")
        .map(|child| required(child, "name"))
        .collect::<Result<_, _>>()?;
    let Some(size) = part.get("size") else {
        return Ok(Dimension { name, numbered: false, elements: named });
    };
    if !named.is_empty() {
        return Ok(Dimension { name, numbered: false, elements: named });
    }
    let size = number(part, size)?;
    if !(size >= 1.0 && size.fract() == 0.0) {
        let message = format!("dimension {name}: {size} is not a size");
        return Err(Error::document(part.line, message));
    }
    if size > limits.array_elements as f64 {
        return Err(Error::too_large("size of a dimension", size as usize, limits.array_elements));
    }
    let elements = (1..=size as usize).map(|place| place.to_string()).collect();
    Ok(Dimension { name, numbered: true, elements })
}

/// Which kinds of variables are kept above zero where they say nothing themselves. What is said of
/// stocks or flows stands above what is said of both.
fn behavior(part: &XmlElement, inherited: Behavior) -> Behavior {
    let mut behavior = inherited;
    if let Some(all) = part.child("non_negative") {
        behavior.stocks_non_negative = is_true(&all.text);
        behavior.flows_non_negative = is_true(&all.text);
    }
    let specific = |kind: &str| {
        part.child(kind).and_then(|kind| kind.child("non_negative")).map(|flag| is_true(&flag.text))
    };
    behavior.stocks_non_negative = specific("stock").unwrap_or(behavior.stocks_non_negative);
    behavior.flows_non_negative = specific("flow").unwrap_or(behavior.flows_non_negative);
    behavior
}

/// Refuses children that stand there twice where only one can hold: one of them would be lost.
///
/// # Errors
///
/// With the child's name and both lines.
pub(super) fn once(part: &XmlElement, names: &[&str]) -> Result<(), Error> {
    for name in names {
        let mut found = part.children.iter().filter(|child| child.name == *name);
        let (Some(first), Some(second)) = (found.next(), found.next()) else { continue };
        let owner = part.get("name").map_or(String::new(), |name| format!(" {name}"));
        let message = format!(
            "<{}>{owner} has <{name}> twice, here and on line {}; keep the one that is meant",
            part.name, first.line
        );
        return Err(Error::document(second.line, message));
    }
    Ok(())
}

/// An attribute that must be there.
///
/// # Errors
///
/// If it is missing or blank.
pub(super) fn required(part: &XmlElement, attribute: &str) -> Result<String, Error> {
    part.get(attribute)
        .filter(|value| !value.trim().is_empty())
        .map(str::to_owned)
        .ok_or_else(|| Error::document(part.line, format!("<{}> has no {attribute}", part.name)))
}

/// A model or module: its variables, views left as they are.
///
/// # Errors
///
/// If it is encrypted, lies in another file, or a variable of it cannot be read.
fn model(
    part: XmlElement,
    inherited: Behavior,
    notes: &mut Vec<String>,
) -> Result<ModelPart, Error> {
    let mut model =
        ModelPart { name: part.get("name").unwrap_or_default().to_owned(), ..ModelPart::default() };
    if part.get("encryption-scheme").is_some() {
        return Err(Error::document(part.line, "the model is encrypted"));
    }
    if part.get("resource").is_some() {
        let message = "models in other files are not read; put the model into this file";
        return Err(Error::document(part.line, message));
    }
    once(&part, &["sim_specs", "behavior"])?;
    for child in part.children {
        match child.name.as_str() {
            "sim_specs" => model.simulation = Some(simulation(&child, notes)?),
            "behavior" => model.behavior = Some(behavior(&child, inherited)),
            "variables" => contents(child.children, &mut model, notes)?,
            // The drafts before 1.0 put variables directly under the model.
            name if is_variable(name) || name == "group" => {
                contents(vec![child], &mut model, notes)?
            }
            _ => model.extras.push(child),
        }
    }
    Ok(model)
}

/// What a model holds, vendors' elements kept. An element without a vendor's prefix that is no
/// variable is noted.
fn contents(
    parts: Vec<XmlElement>,
    model: &mut ModelPart,
    notes: &mut Vec<String>,
) -> Result<(), Error> {
    for part in parts {
        if part.name == "group" {
            model.groups.push(group(&part));
        } else if is_variable(&part.name) {
            variable(part, &mut model.variables, notes)?;
        } else {
            if !part.name.contains(':') {
                notes.push(format!("line {}: <{}> is not understood", part.line, part.name));
            }
            // Under the model, where extras are written, these would mean something.
            if !["sim_specs", "behavior", "variables"].contains(&part.name.as_str()) {
                model.extras.push(part);
            }
        }
    }
    Ok(())
}

/// A group of variables. Its members are names and may name nothing.
fn group(part: &XmlElement) -> Group {
    Group {
        name: part.get("name").unwrap_or_default().to_owned(),
        documentation: part.child("doc").map(|doc| doc.text.clone()).unwrap_or_default(),
        members: part
            .children
            .iter()
            .filter(|child| child.name == "entity")
            .filter_map(|child| child.get("name").map(str::to_owned))
            .collect(),
    }
}

/// A macro with its parameters and equations. A parameter's name is the text of its element;
/// vendors' elements within its variables are dropped.
fn read_macro(part: XmlElement, notes: &mut Vec<String>) -> Result<Macro, Error> {
    let mut read = Macro {
        name: required(&part, "name")?,
        filter: part.get("filter").map(str::to_owned),
        ..Macro::default()
    };
    once(&part, &["eqn"])?;
    for child in part.children {
        match child.name.as_str() {
            "parm" => {
                let default = child.get("default").map(str::to_owned);
                read.parameters.push((child.text, default));
            }
            "eqn" => read.equation = child.text,
            "sim_specs" => {
                read.has_simulation = true;
                read.extras.push(child);
            }
            "variables" => {
                for inner in child.children.into_iter().filter(|inner| is_variable(&inner.name)) {
                    variable(inner, &mut read.variables, notes)?;
                }
            }
            _ => read.extras.push(child),
        }
    }
    Ok(read)
}
