//! Borders of countries, provinces and districts as GeoJSON with the attributes of OCHA COD-AB or
//! geoBoundaries.
//!
//! | attribute | OCHA COD-AB | geoBoundaries |
//! | --- | --- | --- |
//! | level | the highest *n* of `ADMn_PCODE` | `shapeType` |
//! | id | `ADMn_PCODE` | `shapeISO` where it is a code of ISO 3166 that one feature has; else for countries `shapeGroup`; else `shapeID` |
//! | name | `ADMn_EN` (or `admn_name`, or another language) | `shapeName` |
//! | parent | the code of level *n* − 1 | `shapeGroup` for provinces |
//! | valid on | `validOn`, else `date` | – |
//!
//! A key is used only where it identifies: fillers such as `ADM1`, `NA` or one value for all
//! features count as empty, judged over the whole file.
//!
//! Names of attributes are compared without case. Coordinates are degrees (WGS 84), longitude
//! first, as RFC 7946 has it. Rings that are too short or leave the globe are left out; rings that
//! are open are closed; rings that cross the antimeridian are split there; all this is noted, and so are rings that cross themselves and holes outside
//! their polygon. Borders are kept as published: nothing is snapped, simplified or repaired.
//! A border in a file is the publisher's; this crate takes no side in a dispute about it.

use std::collections::BTreeMap;
use std::io::Read;

use chrono::NaiveDate;
use geo::{Area, Centroid, Contains, InteriorPoint, MultiPolygon};
use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::place::Level;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::form;
use crate::format::{Content, Publication, SourceFormat};

mod antimeridian;
mod attributes;
mod locate;
mod rings;
mod wkb;

pub use attributes::NamedAttributes;
use attributes::{Attributes, FeatureAttributes, FileKeys, Refusal};
pub use locate::Boundaries;
pub use wkb::{decode_wkb, encode_wkb};

/// The largest file that is read.
const LIMIT_BYTES: u64 = 1 << 30;
/// What a file of this format is, for messages.
const EXPECTED: &str = "GeoJSON in UTF-8";

/// The format.
pub const FORMAT: SourceFormat = SourceFormat::new(
    "boundaries",
    "Boundaries with OCHA COD-AB or geoBoundaries attributes (GeoJSON)",
    Publication {
        id: "boundaries",
        title: "Boundaries",
        citation: "OCHA COD-AB or geoBoundaries, as the file's publisher asks",
        licence: "not stated on a card",
        url: "",
    },
    Content::Boundaries,
);

/// The border of one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Boundary {
    /// How fine the place is.
    pub level: Level,
    /// P-code, or the publisher's identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// Identifier of the place it lies in.
    pub parent: Option<String>,
    /// The day on which the border was in force, where the publisher states it.
    pub valid_on: Option<NaiveDate>,
    /// The area: degrees, longitude first; outer rings against the clock, holes with it.
    pub shape: MultiPolygon<f64>,
}

impl Boundary {
    /// A point of the area that stands for it: the centroid, or a point inside where the centroid falls
    /// outside, as it does with islands and crescents. Degrees, longitude first.
    #[must_use]
    pub fn point_inside(&self) -> Option<[f64; 2]> {
        let centroid = self.shape.centroid().filter(|point| self.shape.contains(point));
        let point = centroid.or_else(|| self.shape.interior_point())?;
        Some([point.x(), point.y()])
    }

    /// The area in square degrees at the equator: planar, narrowed by the cosine of the point's
    /// latitude. Good enough to compare neighbours by.
    #[must_use]
    pub fn relative_area(&self) -> f64 {
        let latitude = self.point_inside().map_or(0.0, |[_, latitude]| latitude);
        self.shape.unsigned_area() * latitude.to_radians().cos()
    }

    /// All rings, each as points of longitude and latitude of which the last repeats the first;
    /// with each whether it is a hole. For maps: drawn with the even-odd rule, holes stay open.
    pub fn rings(&self) -> impl Iterator<Item = (bool, &[geo::Coord<f64>])> {
        self.shape.iter().flat_map(|polygon| {
            let holes = polygon.interiors().iter().map(|ring| (true, ring.0.as_slice()));
            core::iter::once((false, polygon.exterior().0.as_slice())).chain(holes)
        })
    }
}

/// A file of borders, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The borders, in the order of the file.
    pub boundaries: Vec<Boundary>,
    /// Names of the places that the features lie in, by code, where the file says them.
    pub parent_names: BTreeMap<String, String>,
    /// Features in the file.
    pub features_read: u64,
    /// Remarks; `row` counts features from 1.
    pub diagnostics: Vec<Diagnostic>,
}

impl Reading {
    /// The finest areas of the file alone, as places of `level`: where a case has provinces at the level
    /// that the file calls its second.
    #[must_use]
    pub fn finest_at(mut self, level: Level) -> Self {
        let finest = self.boundaries.iter().map(|area| area.level).max();
        if finest != Some(level) {
            self.boundaries.retain(|area| Some(area.level) == finest);
            self.boundaries.iter_mut().for_each(|area| area.level = level);
        }
        self
    }
}

/// A GeoJSON document (RFC 7946), its features not read yet.
#[derive(Deserialize)]
struct Collection<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    crs: Option<serde_json::Value>,
    #[serde(borrow)]
    features: Option<Vec<&'a RawValue>>,
}

/// Reads a file of borders.
///
/// # Errors
///
/// - [`Error::Read`] when `input` fails, [`Error::TooLarge`] above 1 GiB.
/// - [`Error::Empty`], [`Error::Form`], [`Error::Json`], [`Error::NotFeatures`] when this is not
///   GeoJSON in degrees.
/// - [`Error::Attributes`] when no feature has attributes of a known scheme.
///
/// ```
/// use sanad_source::boundaries::read;
///
/// let file = r#"{"type": "FeatureCollection", "features": [{"type": "Feature",
///   "properties": {"ADM1_EN": "North", "ADM1_PCODE": "XX1", "ADM0_PCODE": "XX"},
///   "geometry": {"type": "Polygon", "coordinates": [[[0,0],[1,0],[1,1],[0,1],[0,0]]]}}]}"#;
/// let reading = read(file.as_bytes())?;
/// assert_eq!(reading.boundaries[0].id, "XX1");
/// assert_eq!(reading.boundaries[0].parent.as_deref(), Some("XX"));
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(input: impl Read) -> Result<Reading> {
    read_with(input, None)
}

/// Reads a file of borders whose attributes follow no known scheme, by the names that a person gives.
///
/// # Errors
///
/// Those of [`read`], and [`Error::NoAttribute`] where no feature has an attribute that is named.
///
/// ```
/// use sanad_core::place::Level;
/// use sanad_source::boundaries::{NamedAttributes, read_named};
///
/// let file = r#"{"type": "FeatureCollection", "features": [{"type": "Feature",
///   "properties": {"label": "North", "iso": "XX-N"},
///   "geometry": {"type": "Polygon", "coordinates": [[[0,0],[1,0],[1,1],[0,1],[0,0]]]}}]}"#;
/// let names = NamedAttributes {
///     name: "label".to_owned(),
///     code: "iso".to_owned(),
///     parent: None,
///     parent_name: None,
///     level: Level::Adm1,
/// };
/// let reading = read_named(file.as_bytes(), &names)?;
/// assert_eq!(reading.boundaries[0].id, "XX-N");
/// let wrong = NamedAttributes { code: "code".to_owned(), ..names };
/// let error = read_named(file.as_bytes(), &wrong).unwrap_err();
/// assert!(error.to_string().contains("iso, label"));
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read_named(input: impl Read, names: &NamedAttributes) -> Result<Reading> {
    read_with(input, Some(names))
}

/// Boundaries of a file, their names in these attributes or where publishers usually keep them.
fn read_with(input: impl Read, names: Option<&NamedAttributes>) -> Result<Reading> {
    let bytes = read_all(input)?;
    let text = check_form(&bytes)?;
    let collection: Collection<'_> = serde_json::from_str(text).map_err(not_json)?;
    let features = features(&collection)?;
    let all: Vec<Attributes> = features.iter().map(|feature| attributes_of(feature)).collect();
    let absent = names.and_then(|names| {
        names.each().find(|name| !all.iter().any(|attributes| attributes.has(name)))
    });
    if let Some(name) = absent {
        let found = attributes::names(features);
        return Err(Error::NoAttribute { name: name.to_owned(), found });
    }
    let mut keys = FileKeys::default();
    all.iter().for_each(|attributes| keys.add(attributes));
    let mut reading = Reading { features_read: features.len() as u64, ..Reading::default() };
    reading.parent_names = all.iter().filter_map(|attributes| attributes.parent(names)).collect();
    let mut recognised = false;
    for ((number, feature), attributes) in (1_u64..).zip(features).zip(&all) {
        let (kept, said) = (reading.boundaries.len(), reading.diagnostics.len());
        let described = match names {
            Some(names) => attributes.named(names),
            None => attributes::describe(attributes, &keys),
        };
        recognised |= reading.add(number, feature.get(), described);
        if reading.boundaries.len() == kept {
            reading.diagnostics[said..].iter_mut().for_each(|diagnostic| diagnostic.kept = false);
        }
    }
    if recognised {
        Ok(reading)
    } else {
        Err(Error::Attributes { found: attributes::names(features) })
    }
}

impl Reading {
    /// Adds a feature; says whether its attributes follow a known scheme.
    fn add(
        &mut self,
        number: u64,
        text: &str,
        described: core::result::Result<FeatureAttributes, Refusal>,
    ) -> bool {
        let feature: geojson::Feature = match text.parse() {
            Ok(feature) => feature,
            Err(error) => {
                let found = error.to_string();
                self.reject(number, "feature", Issue::BadGeometry, &found, "a GeoJSON feature");
                return false;
            }
        };
        let described = match described {
            Ok(described) => described,
            Err(refusal) => {
                let Refusal { column, issue, found, expected, .. } = refusal;
                self.reject(number, column, issue, &found, expected);
                return refusal.known_scheme;
            }
        };
        let shape = match feature.geometry.map(|geometry| geometry.value) {
            Some(value) => rings::shape(value, number, &mut self.diagnostics),
            None => {
                self.reject(number, "geometry", Issue::Missing, "", "a Polygon or MultiPolygon");
                None
            }
        };
        let Some(shape) = shape else { return true };
        if self.has(described.level, &described.id) {
            let expected = "an identifier that no earlier feature has";
            self.reject(number, described.id_column, Issue::DuplicateId, &described.id, expected);
            return true;
        }
        self.diagnostics.extend(described.diagnostic(number));
        self.boundaries.push(described.with_shape(shape));
        true
    }

    /// Whether a boundary of this level and identifier was read before.
    fn has(&self, level: Level, id: &str) -> bool {
        self.boundaries.iter().any(|boundary| boundary.level == level && boundary.id == id)
    }

    /// Leaves a feature out, with the reason.
    fn reject(&mut self, number: u64, column: &str, issue: Issue, found: &str, expected: &str) {
        self.diagnostics.push(Diagnostic::rejected(number, column, issue, found, expected));
    }
}

/// The attributes alone, so that the keys of the whole file are known before its first feature is
/// read; none where the feature is not as it should be, which is said when it is read.
fn attributes_of(feature: &RawValue) -> Attributes {
    #[derive(Deserialize)]
    struct Bare {
        properties: Option<serde_json::Map<String, serde_json::Value>>,
    }
    let bare = serde_json::from_str::<Bare>(feature.get()).ok();
    Attributes::new(&bare.and_then(|bare| bare.properties).unwrap_or_default())
}

/// All bytes of a file, up to the limit.
fn read_all(input: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut limited = input.take(LIMIT_BYTES + 1);
    limited
        .read_to_end(&mut bytes)
        .map_err(|cause| Error::Read { read_bytes: bytes.len() as u64, cause })?;
    if bytes.len() as u64 > LIMIT_BYTES {
        return Err(Error::TooLarge { limit_bytes: LIMIT_BYTES });
    }
    Ok(bytes)
}

/// The text of a file that can be GeoJSON.
fn check_form(bytes: &[u8]) -> Result<&str> {
    form::check_text(bytes, EXPECTED)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = core::str::from_utf8(bytes).map_err(|_| Error::Form {
        found: "bytes that are not UTF-8",
        expected: EXPECTED,
        advice: "convert it, for instance: iconv -f LATIN1 -t UTF-8 FILE",
    })?;
    if text.trim_start().starts_with('[') {
        return Err(Error::NotFeatures { found: "a list".to_owned() });
    }
    Ok(text)
}

/// What is wrong with a text that is no GeoJSON.
fn not_json(cause: serde_json::Error) -> Error {
    if cause.is_data() {
        return Error::NotFeatures { found: cause.to_string() };
    }
    Error::Json { line: cause.line(), column: cause.column(), cause }
}

/// The features of a collection; a document of another type is refused.
fn features<'a>(collection: &'a Collection<'a>) -> Result<&'a [&'a RawValue]> {
    let kind = collection.kind.as_deref().unwrap_or("JSON without a type");
    match &collection.features {
        Some(features) if kind == "FeatureCollection" => {
            check_reference_system(collection.crs.as_ref())?;
            if features.is_empty() {
                return Err(Error::NotFeatures {
                    found: "a collection without features".to_owned(),
                });
            }
            Ok(features)
        }
        _ => Err(Error::NotFeatures { found: kind.chars().take(60).collect() }),
    }
}

/// Older files may name a coordinate reference system; only degrees on WGS 84 are read.
fn check_reference_system(crs: Option<&serde_json::Value>) -> Result<()> {
    let name = crs.and_then(|crs| crs.get("properties")?.get("name")?.as_str());
    match name {
        Some(name) if !["CRS84", "4326"].iter().any(|known| name.ends_with(known)) => {
            Err(Error::Form {
                found: "coordinates in another reference system than WGS 84 degrees",
                expected: EXPECTED,
                advice: "export it again in EPSG:4326",
            })
        }
        _ => Ok(()),
    }
}
