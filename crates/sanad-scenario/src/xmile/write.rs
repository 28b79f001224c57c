//! A document as the tree of an XMILE 1.0 file. What has the standard's default is left out, so
//! that a file that was read is not longer when it is written.

use std::collections::BTreeSet;

use crate::document::{
    Behavior, Conveyor, Document, Element, Graphical, Interpolation, Kind, Leak, Macro, Method,
    ModelPart, SimulationSpecs, Variable,
};
use sanad_core::xml::XmlElement;

/// The namespace of XMILE 1.0 (OASIS 2015).
const NAMESPACE: &str = "http://docs.oasis-open.org/xmile/ns/XMILE/v1.0";

/// The whole file. In this order: header, settings, units, dimensions, behaviour, other elements,
/// models, macros.
pub(super) fn document(document: &Document) -> XmlElement {
    let mut root =
        XmlElement::new("xmile").attribute("version", "1.0").attribute("xmlns", NAMESPACE);
    root.children.push(header(document));
    root.children.push(simulation(&document.simulation));
    root.children.extend(unit_definitions(document));
    root.children.extend(dimensions(document));
    root.children.extend(behavior(document.behavior));
    root.children.extend(document.extras.iter().cloned());
    root.children.extend(document.models.iter().map(model));
    root.children.extend(document.macros.iter().map(write_macro));
    let declarations = declarations(&root, document);
    root.attributes.extend(declarations);
    root
}

/// A declaration for every prefix that the tree uses: the document's own, the known one of isee
/// systems, else a name that keeps the file well formed.
fn declarations(root: &XmlElement, document: &Document) -> Vec<(String, String)> {
    let mut prefixes = BTreeSet::new();
    collect_prefixes(root, &mut prefixes);
    let namespace = |prefix: &str| {
        let declared = document.namespaces.iter().find(|(known, _)| known == prefix);
        match (declared, prefix) {
            (Some((_, namespace)), _) => namespace.clone(),
            (None, "isee") => "http://iseesystems.com/XMILE".to_owned(),
            (None, _) => format!("urn:{prefix}"),
        }
    };
    prefixes.iter().map(|prefix| (format!("xmlns:{prefix}"), namespace(prefix))).collect()
}

/// The prefixes of namespaces that an element uses.
fn collect_prefixes<'t>(part: &'t XmlElement, found: &mut BTreeSet<&'t str>) {
    let keys = part.attributes.iter().map(|(key, _)| key.as_str());
    for name in keys.chain([part.name.as_str()]) {
        if let Some((prefix, _)) = name.split_once(':')
            && !matches!(prefix, "xml" | "xmlns" | "")
        {
            found.insert(prefix);
        }
    }
    part.children.iter().for_each(|child| collect_prefixes(child, found));
}

/// The header, as it was read or made anew. One that was read keeps its vendor and product.
fn header(document: &Document) -> XmlElement {
    if let Some(header) = &document.header {
        return header.clone();
    }
    let mut header = XmlElement::new("header");
    header.children.push(XmlElement::with_text("vendor", "Sanad"));
    let version = env!("CARGO_PKG_VERSION");
    header.children.push(XmlElement::with_text("product", "Sanad").attribute("version", version));
    if !document.name.is_empty() {
        header.children.push(XmlElement::with_text("name", &document.name));
    }
    header
}

/// Shortest text that reads back as the same number. A whole number is written without a point.
pub(crate) fn number(value: f64) -> String {
    format!("{value:?}").trim_end_matches(".0").to_owned()
}

/// Start, stop, step and method.
fn simulation(specs: &SimulationSpecs) -> XmlElement {
    let method = match specs.method {
        Method::Euler => "Euler",
        Method::Rk2 => "RK2",
        Method::Rk4 => "RK4",
    };
    let mut part = XmlElement::new("sim_specs").attribute("method", method);
    if !specs.time_units.is_empty() {
        part = part.attribute("time_units", &specs.time_units);
    }
    if let Some(interval) = specs.save_interval {
        part = part.attribute("isee:save_interval", &number(interval));
    }
    part.children.push(XmlElement::with_text("start", &number(specs.start)));
    part.children.push(XmlElement::with_text("stop", &number(specs.stop)));
    let mut dt = XmlElement::with_text("dt", &number(specs.dt));
    if specs.dt_is_reciprocal {
        dt = dt.attribute("reciprocal", "true");
    }
    part.children.push(dt);
    part
}

/// Units that the file defines.
fn unit_definitions(document: &Document) -> Option<XmlElement> {
    let mut part = XmlElement::new("model_units");
    for unit in &document.units {
        let mut element = XmlElement::new("unit").attribute("name", &unit.name);
        if unit.disabled {
            element = element.attribute("disabled", "true");
        }
        if !unit.equation.is_empty() {
            element.children.push(XmlElement::with_text("eqn", &unit.equation));
        }
        let aliases = unit.aliases.iter().map(|alias| XmlElement::with_text("alias", alias));
        element.children.extend(aliases);
        part.children.push(element);
    }
    (!part.children.is_empty()).then_some(part)
}

/// Dimensions of arrays. None if there are none.
fn dimensions(document: &Document) -> Option<XmlElement> {
    let mut part = XmlElement::new("dimensions");
    for dimension in &document.dimensions {
        let mut element = XmlElement::new("dim").attribute("name", &dimension.name);
        if dimension.numbered {
            element = element.attribute("size", &dimension.elements.len().to_string());
        } else {
            let elements = dimension.elements.iter();
            element.children =
                elements.map(|name| XmlElement::new("elem").attribute("name", name)).collect();
        }
        part.children.push(element);
    }
    (!part.children.is_empty()).then_some(part)
}

/// What holds for all variables, if it is not the default. The default is that both kinds may be
/// negative.
fn behavior(behavior: Behavior) -> Option<XmlElement> {
    (behavior != Behavior::default()).then(|| explicit_behavior(behavior))
}

/// The same, written out. Of a model even where it is the default, since it then stands above the
/// file's.
fn explicit_behavior(behavior: Behavior) -> XmlElement {
    let mut part = XmlElement::new("behavior");
    let kinds = [("stock", behavior.stocks_non_negative), ("flow", behavior.flows_non_negative)];
    for (name, on) in kinds {
        let mut kind = XmlElement::new(name);
        kind.children.push(flag("non_negative", on));
        part.children.push(kind);
    }
    part
}

/// An option that is set or not.
fn flag(name: &str, on: bool) -> XmlElement {
    if on { XmlElement::new(name) } else { XmlElement::with_text(name, "false") }
}

/// A model with its variables. Groups stand behind the variables, in the same element.
fn model(model: &ModelPart) -> XmlElement {
    let mut part = XmlElement::new("model");
    if !model.name.is_empty() {
        part = part.attribute("name", &model.name);
    }
    part.children.extend(model.simulation.as_ref().map(simulation));
    part.children.extend(model.behavior.map(explicit_behavior));
    let mut variables = XmlElement::new("variables");
    variables.children = model.variables.iter().map(variable).collect();
    for group in &model.groups {
        let mut element = XmlElement::new("group").attribute("name", &group.name);
        if !group.documentation.is_empty() {
            element.children.push(XmlElement::with_text("doc", &group.documentation));
        }
        let members = group.members.iter();
        element
            .children
            .extend(members.map(|name| XmlElement::new("entity").attribute("name", name)));
        variables.children.push(element);
    }
    part.children.push(variables);
    part.children.extend(model.extras.iter().cloned());
    part
}

/// A variable with its equations and options. A graphical function that others call is an element
/// of its own kind, named as the variable is.
fn variable(variable: &Variable) -> XmlElement {
    if variable.kind == Kind::GraphicalFunction {
        let mut function = variable.graphical.clone().unwrap_or_default();
        function.name = Some(variable.name.clone());
        return graphical(&function);
    }
    let mut part = XmlElement::new(tag(variable.kind)).attribute("name", &variable.name);
    if let Some(access) = &variable.access {
        part = part.attribute("access", access);
    }
    if let Some(name) = &variable.model_name {
        part = part.attribute("isee:model", name);
    }
    if let Some(leak) = &variable.leak {
        part = leak_zone(part, leak);
    }
    part.children = properties(variable);
    part
}

/// The element of a kind of variable.
fn tag(kind: Kind) -> &'static str {
    match kind {
        Kind::Stock => "stock",
        Kind::Flow => "flow",
        Kind::Auxiliary => "aux",
        Kind::GraphicalFunction => "gf",
        Kind::Module => "module",
    }
}

/// Where along the conveyor a leak is.
fn leak_zone(mut part: XmlElement, leak: &Leak) -> XmlElement {
    if leak.zone_start != 0.0 {
        part = part.attribute("leak_start", &number(leak.zone_start));
    }
    if leak.zone_end != 1.0 {
        part = part.attribute("leak_end", &number(leak.zone_end));
    }
    part
}

/// The children of a variable.
fn properties(variable: &Variable) -> Vec<XmlElement> {
    let mut parts = Vec::new();
    let text = |name: &str, text: &String| XmlElement::with_text(name, text);
    if !variable.dimensions.is_empty() {
        let mut dimensions = XmlElement::new("dimensions");
        let names = variable.dimensions.iter();
        dimensions.children =
            names.map(|name| XmlElement::new("dim").attribute("name", name)).collect();
        parts.push(dimensions);
    }
    parts.extend(variable.elements.iter().map(element));
    parts.extend(variable.equations.iter().map(|eqn| text("eqn", eqn)));
    parts.extend(variable.initial_equation.iter().map(|eqn| text("init_eqn", eqn)));
    parts.extend(variable.inflows.iter().map(|flow| text("inflow", flow)));
    parts.extend(variable.outflows.iter().map(|flow| text("outflow", flow)));
    parts.extend(variable.non_negative.map(|on| flag("non_negative", on)));
    parts.extend(variable.graphical.as_ref().map(graphical));
    parts.extend(variable.conveyor.as_ref().map(conveyor));
    parts.extend(variable.is_queue.then(|| XmlElement::new("queue")));
    parts.extend(variable.is_overflow.then(|| XmlElement::new("overflow")));
    if let Some(leak) = &variable.leak {
        parts.push(XmlElement::with_text("leak", leak.fraction.as_deref().unwrap_or("")));
        parts.extend(leak.integers.then(|| XmlElement::new("leak_integers")));
    }
    parts.extend(variable.multiplier.iter().map(|eqn| text("multiplier", eqn)));
    parts.extend(variable.connections.iter().map(|connection| {
        XmlElement::new("connect")
            .attribute("to", &connection.to)
            .attribute("from", &connection.from)
    }));
    parts.extend(variable.units.iter().map(|units| text("units", units)));
    if !variable.documentation.is_empty() {
        parts.push(text("doc", &variable.documentation));
    }
    parts.extend(variable.extras.iter().cloned());
    parts
}

/// An array's element with its own equation.
fn element(element: &Element) -> XmlElement {
    let mut part =
        XmlElement::new("element").attribute("subscript", &element.subscripts.join(", "));
    part.children.extend(element.equation.as_ref().map(|eqn| XmlElement::with_text("eqn", eqn)));
    part.children.extend(element.graphical.as_ref().map(graphical));
    part
}

/// A graphical function. Points are written as numbers of full precision, separated by commas.
fn graphical(function: &Graphical) -> XmlElement {
    let mut part = XmlElement::new("gf");
    if let Some(name) = &function.name {
        part = part.attribute("name", name);
    }
    part = match function.interpolation {
        Interpolation::Continuous => part,
        Interpolation::Extrapolate => part.attribute("type", "extrapolate"),
        Interpolation::Discrete => part.attribute("type", "discrete"),
    };
    let scale = |name: &str, (min, max): (f64, f64)| {
        XmlElement::new(name).attribute("min", &number(min)).attribute("max", &number(max))
    };
    let points = |name: &str, values: &[f64]| {
        let texts: Vec<String> = values.iter().map(|&value| number(value)).collect();
        XmlElement::with_text(name, &texts.join(","))
    };
    part.children.extend(function.x_scale.map(|bounds| scale("xscale", bounds)));
    part.children.extend(function.y_scale.map(|bounds| scale("yscale", bounds)));
    part.children.extend(function.x.as_deref().map(|values| points("xpts", values)));
    part.children.push(points("ypts", &function.y));
    part
}

/// A conveyor's options. Flags that have their default are left out.
fn conveyor(conveyor: &Conveyor) -> XmlElement {
    let mut part = XmlElement::new("conveyor");
    let flags = [
        ("discrete", conveyor.discrete, false),
        ("batch_integrity", conveyor.batch_integrity, false),
        ("one_at_a_time", conveyor.one_at_a_time, true),
        ("exponential_leak", conveyor.exponential_leak, false),
    ];
    for (name, value, default) in flags {
        if value != default {
            part = part.attribute(name, if value { "true" } else { "false" });
        }
    }
    let texts = [
        ("len", Some(&conveyor.transit_time)),
        ("capacity", conveyor.capacity.as_ref()),
        ("in_limit", conveyor.inflow_limit.as_ref()),
        ("sample", conveyor.sample.as_ref()),
        ("arrest", conveyor.arrest.as_ref()),
    ];
    let texts = texts.iter().filter_map(|(name, text)| text.map(|text| (name, text)));
    part.children = texts.map(|(name, text)| XmlElement::with_text(name, text)).collect();
    part
}

/// A macro.
fn write_macro(written: &Macro) -> XmlElement {
    let mut part = XmlElement::new("macro").attribute("name", &written.name);
    if let Some(filter) = &written.filter {
        part = part.attribute("filter", filter);
    }
    for (name, default) in &written.parameters {
        let mut parameter = XmlElement::with_text("parm", name);
        if let Some(default) = default {
            parameter = parameter.attribute("default", default);
        }
        part.children.push(parameter);
    }
    part.children.push(XmlElement::with_text("eqn", &written.equation));
    if !written.variables.is_empty() {
        let mut variables = XmlElement::new("variables");
        variables.children = written.variables.iter().map(variable).collect();
        part.children.push(variables);
    }
    part.children.extend(written.extras.iter().cloned());
    part
}
