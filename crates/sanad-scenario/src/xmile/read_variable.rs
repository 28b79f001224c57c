//! One variable's element. What a child means does not depend on the kind of variable here; that a
//! flow has no use for an inflow is the document's to bear.

use std::collections::BTreeSet;

use crate::document::{
    Connection, Conveyor, Element, Graphical, Interpolation, Kind, Leak, Variable,
};
use crate::error::Error;
use crate::name::canonical_name;
use crate::xmile::read::{is_true, number, once, required};
use sanad_core::xml::XmlElement;

/// Whether an element of that name defines a variable.
pub(super) fn is_variable(name: &str) -> bool {
    matches!(name, "stock" | "flow" | "aux" | "gf" | "module")
}

/// Reads a variable into `variables`. Variables found inside it (a closing tag was missing) are
/// read after it.
///
/// # Errors
///
/// If it has no name, holds a number that is not one, says twice what can hold once, lies in another
/// file, or is an oven.
pub(super) fn variable(
    part: XmlElement,
    variables: &mut Vec<Variable>,
    notes: &mut Vec<String>,
) -> Result<(), Error> {
    let mut read = Variable { name: required(&part, "name")?, ..Variable::default() };
    read.access = part.get("access").map(str::to_owned);
    read.kind = match part.name.as_str() {
        "stock" => Kind::Stock,
        "flow" => Kind::Flow,
        "gf" => Kind::GraphicalFunction,
        "module" => Kind::Module,
        _ => Kind::Auxiliary,
    };
    if read.kind == Kind::GraphicalFunction {
        read.graphical = Some(graphical(&part)?);
        variables.push(read);
        return Ok(());
    }
    if read.kind == Kind::Module && part.get("resource").is_some() {
        let message = format!("module {}: models in other files are not read", read.name);
        return Err(Error::document(part.line, message));
    }
    read.model_name =
        part.get("isee:model").or_else(|| part.get("simlin:model_name")).map(str::to_owned);
    once(&part, SINGLE)?;
    flows_once(&part, "inflow", &read.name)?;
    flows_once(&part, "outflow", &read.name)?;
    let leak_zone = (optional(&part, "leak_start", 0.0)?, optional(&part, "leak_end", 1.0)?);
    let mut nested = Vec::new();
    for child in part.children {
        if is_variable(&child.name) && child.get("name").is_some() && child.name != "gf" {
            nested.push(child);
        } else {
            property(child, &mut read, leak_zone)?;
        }
    }
    let name = read.name.clone();
    variables.push(read);
    for inner in nested {
        notes.push(format!("line {}: <{}> stands inside {name}", inner.line, inner.name));
        variable(inner, variables, notes)?;
    }
    Ok(())
}

/// What a variable says once. Units and documentation are not among them: nothing is computed from
/// them, and the last counts.
const SINGLE: &[&str] =
    &["init_eqn", "non_negative", "multiplier", "dimensions", "gf", "conveyor", "queue", "leak"];

/// Refuses a flow that a stock lists twice at one end: it would be counted twice.
///
/// # Errors
///
/// With the flow's name and its second line.
fn flows_once(part: &XmlElement, list: &str, stock: &str) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for child in part.children.iter().filter(|child| child.name == list) {
        let name = &child.text;
        if !seen.insert(canonical_name(name)) {
            let message = format!(
                "<{}> {stock} has <{list}> {name} twice; keep the one that is meant",
                part.name
            );
            return Err(Error::document(child.line, message));
        }
    }
    Ok(())
}

/// A number of an attribute, or its default.
fn optional(part: &XmlElement, attribute: &str, default: f64) -> Result<f64, Error> {
    part.get(attribute).map_or(Ok(default), |text| number(part, text))
}

/// One child of a variable. Children that are not understood are kept for writing back. Equations,
/// flows, elements and connections are added.
fn property(child: XmlElement, read: &mut Variable, zone: (f64, f64)) -> Result<(), Error> {
    match child.name.as_str() {
        "eqn" => read.equations.push(child.text),
        "init_eqn" => read.initial_equation = Some(child.text),
        "units" => read.units = Some(child.text),
        "doc" => read.documentation = child.text,
        "inflow" => read.inflows.push(child.text),
        "outflow" => read.outflows.push(child.text),
        "non_negative" => read.non_negative = Some(is_true(&child.text)),
        "multiplier" => read.multiplier = Some(child.text),
        "dimensions" => read.dimensions = dimension_names(&child)?,
        "element" => read.elements.push(element(&child)?),
        "gf" => read.graphical = Some(graphical(&child)?),
        "conveyor" => read.conveyor = Some(conveyor(&child)),
        "queue" => read.is_queue = true,
        "overflow" => read.is_overflow = true,
        "leak" | "leak_integers" => leak(&child, read, zone),
        "connect" => {
            let (to, from) = (required(&child, "to")?, required(&child, "from")?);
            read.connections.push(Connection { to, from });
        }
        "oven" => {
            let message = "ovens are not part of XMILE 1.0 and are not simulated";
            return Err(Error::document(child.line, message));
        }
        _ => read.extras.push(child),
    }
    Ok(())
}

/// The dimensions that a variable runs over.
fn dimension_names(part: &XmlElement) -> Result<Vec<String>, Error> {
    part.children.iter().filter(|dim| dim.name == "dim").map(|dim| required(dim, "name")).collect()
}

/// An array's element with an equation of its own.
fn element(part: &XmlElement) -> Result<Element, Error> {
    let subscripts = required(part, "subscript")?;
    once(part, &["eqn", "gf"])?;
    Ok(Element {
        subscripts: subscripts.split(',').map(|name| name.trim().to_owned()).collect(),
        equation: part.child("eqn").map(|eqn| eqn.text.clone()),
        graphical: part.child("gf").map(graphical).transpose()?,
    })
}

/// A graphical function: points, or values at equal distances. The drafts' `discrete="true"` means
/// the same as the type.
fn graphical(part: &XmlElement) -> Result<Graphical, Error> {
    once(part, &["xscale", "yscale", "xpts", "ypts"])?;
    let points = |name: &str| part.child(name).map(numbers).transpose();
    let scale = |name: &str| part.child(name).map(bounds).transpose();
    let discrete = part.get("discrete").is_some_and(is_true);
    Ok(Graphical {
        name: part.get("name").map(str::to_owned),
        interpolation: match part.get("type").map(str::to_ascii_lowercase).as_deref() {
            Some("extrapolate") => Interpolation::Extrapolate,
            Some("discrete") => Interpolation::Discrete,
            _ if discrete => Interpolation::Discrete,
            _ => Interpolation::Continuous,
        },
        x_scale: scale("xscale")?,
        y_scale: scale("yscale")?,
        x: points("xpts")?,
        y: points("ypts")?.unwrap_or_default(),
    })
}

/// Numbers in a list. Separated by the first character of `sep`, a comma by default. One separator
/// may end the list; where white space separates, any amount of it is one separator.
///
/// # Errors
///
/// If an item is no number. An empty one is none either, since without it those behind it would
/// move to other places.
fn numbers(part: &XmlElement) -> Result<Vec<f64>, Error> {
    let separator = part.get("sep").and_then(|text| text.chars().next()).unwrap_or(',');
    if separator.is_whitespace() {
        return part.text.split_whitespace().map(|text| number(part, text)).collect();
    }
    let list = part.text.trim();
    let list = list.strip_suffix(separator).unwrap_or(list);
    if list.is_empty() {
        return Ok(Vec::new());
    }
    let item = |(place, text): (usize, &str)| {
        if text.trim().is_empty() {
            let message = format!("<{}>: item {} of the list is empty", part.name, place + 1);
            return Err(Error::document(part.line, message));
        }
        number(part, text)
    };
    list.split(separator).enumerate().map(item).collect()
}

/// A range with its two ends.
///
/// # Errors
///
/// If one of them is missing or no number.
fn bounds(part: &XmlElement) -> Result<(f64, f64), Error> {
    let bound = |name: &str| number(part, part.get(name).unwrap_or_default());
    Ok((bound("min")?, bound("max")?))
}

/// A stock as a conveyor. The flags have the standard's defaults: none is set but `one_at_a_time`.
fn conveyor(part: &XmlElement) -> Conveyor {
    let text = |name: &str| {
        part.child(name).map(|child| child.text.clone()).filter(|text| !text.is_empty())
    };
    let flag = |name: &str, default: bool| part.get(name).map_or(default, is_true);
    Conveyor {
        transit_time: text("len").unwrap_or_default(),
        capacity: text("capacity"),
        inflow_limit: text("in_limit"),
        sample: text("sample"),
        arrest: text("arrest"),
        discrete: flag("discrete", false),
        batch_integrity: flag("batch_integrity", false),
        one_at_a_time: flag("one_at_a_time", true),
        exponential_leak: flag("exponential_leak", false),
    }
}

/// A flow as a conveyor's leak. `<leak>` and `<leak_integers>` may both stand there and make one
/// leak. The zone was read from the flow's own attributes.
fn leak(part: &XmlElement, read: &mut Variable, zone: (f64, f64)) {
    let leak = read.leak.get_or_insert_with(Leak::default);
    (leak.zone_start, leak.zone_end) = zone;
    if part.name == "leak_integers" {
        leak.integers = true;
    } else if !part.text.is_empty() {
        leak.fraction = Some(part.text.clone());
    }
}
