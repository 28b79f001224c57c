//! Named models that equations call like functions (XMILE 1.0, section 3.3.2). A model is such a
//! function if it has a name, at least one variable of access `input`, and exactly one of access
//! `output`.

use std::borrow::Cow;

use crate::document::{Document, Macro, ModelPart};
use crate::name::canonical_name;

/// The document with a macro for each named model that has inputs and one output.
///
/// The inputs are the parameters, in the order of the file. A macro that is there already stands
/// above a model of its name.
pub(super) fn with_models_as_macros(document: &Document) -> Cow<'_, Document> {
    let known = |name: &str| {
        let name = canonical_name(name);
        document.macros.iter().any(|found| canonical_name(&found.name) == name)
    };
    let models = document.models.iter().filter(|model| !known(&model.name));
    let functions: Vec<Macro> = models.filter_map(as_macro).collect();
    if functions.is_empty() {
        return Cow::Borrowed(document);
    }
    let mut extended = document.clone();
    extended.macros.extend(functions);
    Cow::Owned(extended)
}

/// A module that is called like a function. `None` if it is none. The body is the model without its
/// inputs, and its value the output's, by its quoted name.
fn as_macro(model: &ModelPart) -> Option<Macro> {
    let with = |access: &str| {
        let wanted = access.to_owned();
        let has = move |given: &Option<String>| {
            given.as_ref().is_some_and(|given| given.trim().eq_ignore_ascii_case(&wanted))
        };
        model.variables.iter().filter(move |variable| has(&variable.access))
    };
    let mut outputs = with("output");
    let (output, others) = (outputs.next()?, outputs.next());
    let inputs: Vec<String> = with("input").map(|variable| variable.name.clone()).collect();
    if model.name.is_empty() || inputs.is_empty() || others.is_some() {
        return None;
    }
    let inner = model.variables.iter().filter(|variable| !inputs.contains(&variable.name));
    Some(Macro {
        name: model.name.clone(),
        equation: format!("\"{}\"", output.name.replace('"', "\\\"")),
        variables: inner.cloned().collect(),
        parameters: inputs.into_iter().map(|name| (name, None)).collect(),
        has_simulation: model.simulation.is_some(),
        ..Macro::default()
    })
}
