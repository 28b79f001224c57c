//! Documents for machines, made from the one list of routes: OpenAPI 3.1 and a DCAT catalogue.
//!
//! Both are JSON. An address that is added to the routes is in them without a further word.

use serde_json::{Map, Value, json};

use crate::answer::OutputFormat;
use crate::fault::{Fault, FaultKind};
use crate::query::{Kind, Parameter};
use crate::route::{Answers, Route};
use crate::scene::Scene;

/// Parameters that every table takes besides its own: parts of it. Pages take neither: they choose
/// their rows themselves.
pub(crate) static PAGING: [Parameter; 2] = [
    Parameter::optional("limit", Kind::Whole(1, 1_000_000), "Rows of this part; all when absent."),
    Parameter::optional(
        "cursor",
        Kind::Cursor,
        "Where this part begins: from the Link of the part before.",
    ),
];

/// This interface as OpenAPI 3.1.
///
/// Pages are left out. A table whose path does not end in a parameter has five paths: one that goes
/// by `Accept`, and one for each form.
///
/// # Errors
///
/// A fault where the case cannot be read, whose title the document bears.
pub(crate) fn openapi(scene: &Scene<'_>, routes: &'static [Route]) -> Result<String, Fault> {
    let facts = scene.facts()?;
    let mut paths = Map::new();
    for route in routes.iter().filter(|route| !route.is_page()) {
        paths.insert(route.path.to_owned(), json!({ "get": operation(route, "") }));
        if route.is_table() && !route.path.ends_with('}') {
            for form in OutputFormat::OF_TABLES {
                let path = format!("{}.{}", route.path, form.ending());
                paths.insert(path, json!({ "get": operation(route, form.ending()) }));
            }
        }
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("Sanad: {}", facts.case.title),
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Read-only tables of a legitimacy observatory. No account, no key.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": { "schemas": { "Problem": problem_schema() } },
    });
    Ok(format!("{document:#}\n"))
}

/// The schema of a problem document: the members of RFC 9457, and `where` and `do`, which are ours.
/// All are always there; they may be empty.
fn problem_schema() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "description": "A problem document (RFC 9457).",
        "required": ["type", "title", "status", "detail", "instance", "where", "do"],
        "properties": {
            "type": { "type": "string", "enum": FaultKind::ALL.map(|one| format!("/api#problem-{}", one.name())) },
            "title": text, "status": { "type": "integer" }, "detail": text, "instance": text,
            "where": text, "do": text,
        },
    })
}

/// One operation: parameters, the forms of its answer, and every status that it may have. `ending`
/// is the form that the path asks for, empty where `Accept` decides.
fn operation(route: &Route, ending: &str) -> Value {
    let in_path = route.names_in_path();
    let own = route.parameters.iter().map(|one| parameter(one, in_path.contains(&one.name)));
    let paging = PAGING.iter().filter(|_| route.is_table()).map(|one| parameter(one, false));
    let parameters: Vec<Value> = own.chain(paging).collect();
    let content: Map<String, Value> = match route.answers {
        Answers::Table(_) => {
            let forms = OutputFormat::OF_TABLES.into_iter();
            let asked = forms.filter(|form| ending.is_empty() || form.ending() == ending);
            asked.map(|form| (form.media().to_owned(), schema_of(form))).collect()
        }
        _ => [("application/json".to_owned(), json!({ "schema": { "type": "object" } }))]
            .into_iter()
            .collect(),
    };
    let problem = |about: &str| {
        json!({
            "description": about,
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        })
    };
    let id: String = format!("{}{ending}", route.path)
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("_");
    json!({
        "operationId": id,
        "summary": route.title,
        "description": route.about,
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "The table, or a part of it.",
                "headers": {
                    "ETag": { "schema": { "type": "string" }, "description": "Changes with anything that the answer follows from." },
                    "Link": { "schema": { "type": "string" }, "description": "The next part, where there is one." },
                    "Sanad-Rows": { "schema": { "type": "integer" }, "description": "Rows of the whole table." },
                },
                "content": content,
            },
            "304": { "description": "Nothing has changed since the ETag sent." },
            "400": problem("A parameter does not fit."),
            "404": problem("There is no such thing, or no data for it."),
            "406": problem("The form is not offered."),
            "410": problem("The cursor belongs to an earlier state."),
            "413": problem("The answer would be too large."),
            "414": { "description": "The address is longer than 65,534 bytes; the answer has no body." },
            "431": { "description": "Address and headers are longer than 131,072 bytes; the answer has no body." },
            "503": problem("The answer is not ready, or too many wait; Retry-After says when to come again."),
        },
    })
}

/// What can be said of a body in a form; columns stand in the codebook and not here.
fn schema_of(form: OutputFormat) -> Value {
    match form {
        OutputFormat::Json => {
            json!({ "schema": { "type": "array", "items": { "type": "object" } } })
        }
        OutputFormat::Csv => json!({ "schema": { "type": "string" } }),
        _ => json!({}),
    }
}

/// A parameter with its type, bounds and default. A default is left out where there is none.
fn parameter(one: &Parameter, is_in_path: bool) -> Value {
    let mut schema = match one.kind {
        Kind::Month => {
            json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$", "example": "2021-05" })
        }
        Kind::Day => json!({ "type": "string", "format": "date" }),
        Kind::Choice(words) => json!({ "type": "string", "enum": words }),
        Kind::Text => {
            json!({ "type": "string", "minLength": usize::from(one.is_required), "maxLength": 200 })
        }
        Kind::Cursor => {
            json!({ "type": "string", "pattern": "^[0-9]+[.][a-z0-9-]+$", "maxLength": 200 })
        }
        Kind::Statement => json!({ "type": "string", "maxLength": 16384 }),
        Kind::Whole(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Kind::Wholes(..) => json!({ "type": "string", "pattern": "^[0-9]+(,[0-9]+)*$" }),
        Kind::Named => json!({ "type": "object", "additionalProperties": { "type": "number" } }),
    };
    if !one.default.is_empty()
        && let Some(fields) = schema.as_object_mut()
    {
        let default = match one.kind {
            Kind::Whole(..) => one.default.parse::<i64>().map_or(Value::Null, Value::from),
            _ => Value::from(one.default),
        };
        fields.insert("default".to_owned(), default);
    }
    let is_required = one.is_required || is_in_path;
    let mut described = json!({
        "name": one.name,
        "in": if is_in_path { "path" } else { "query" },
        "required": is_required,
        "description": one.about,
        "schema": schema,
    });
    // A form sends every field: an empty one stands for none.
    if !is_required && let Some(members) = described.as_object_mut() {
        members.insert("allowEmptyValue".to_owned(), Value::Bool(true));
    }
    described
}

/// The tables, and the sources that they follow from, as a DCAT catalogue in JSON-LD.
///
/// Listed are tables that can be had without a parameter, each with its four forms, and every
/// import of the observatory with its version, licence and citation. Addresses are relative to this
/// server.
///
/// # Errors
///
/// A fault where the case cannot be read.
pub(crate) fn catalogue(scene: &Scene<'_>, routes: &'static [Route]) -> Result<String, Fault> {
    let facts = scene.facts()?;
    let whole = |route: &&Route| {
        route.is_table()
            && !route.path.contains('{')
            && route.parameters.iter().all(|one| !one.is_required)
    };
    let tables = routes.iter().filter(whole).map(|route| {
        let distributions: Vec<Value> = OutputFormat::OF_TABLES
            .into_iter()
            .map(|form| {
                json!({
                    "@type": "dcat:Distribution",
                    "dcat:accessURL": format!("{}.{}", route.path, form.ending()),
                    "dcat:mediaType": form.media(),
                })
            })
            .collect();
        json!({
            "@type": "dcat:Dataset",
            "dct:identifier": route.path,
            "dct:title": route.title,
            "dct:description": route.about,
            "dcat:distribution": distributions,
        })
    });
    let sources = scene.edition.observatory.snapshots().iter().map(|one| {
        let source = &one.source;
        json!({
            "@type": "dcat:Dataset",
            "dct:identifier": one.id,
            "dct:title": source.title,
            "owl:versionInfo": source.version,
            "dct:bibliographicCitation": source.citation,
            "dct:license": source.licence,
            "dcat:landingPage": source.url,
            "dct:temporal": match (source.coverage.from, source.coverage.to) {
                (Some(from), Some(to)) => json!({ "dcat:startDate": from.to_string(), "dcat:endDate": to.to_string() }),
                _ => Value::Null,
            },
        })
    });
    let datasets: Vec<Value> = tables.chain(sources).collect();
    let document = json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "owl": "http://www.w3.org/2002/07/owl#",
        },
        "@type": "dcat:Catalog",
        "dct:title": format!("Sanad: {}", facts.case.title),
        "dct:identifier": scene.edition.key,
        "dcat:dataset": datasets,
    });
    Ok(format!("{document:#}\n"))
}
