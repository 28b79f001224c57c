//! Which place a point lies in.

use geo::coordinate_position::{CoordPos, CoordinatePosition};
use geo::indexed::IntervalTreeMultiPolygon;
use geo::{BoundingRect, Contains, Coord, MultiPolygon, Rect};
use sanad_core::place::Level;

use super::Boundary;

/// An area made ready for many questions.
pub(super) struct PreparedArea {
    bounds: Option<Rect<f64>>,
    tree: IntervalTreeMultiPolygon<f64>,
    shape: MultiPolygon<f64>,
}

impl PreparedArea {
    /// A shape made ready for many questions whether a point lies in it.
    pub(super) fn new(shape: &MultiPolygon<f64>) -> Self {
        Self {
            bounds: shape.bounding_rect(),
            tree: IntervalTreeMultiPolygon::new(shape),
            shape: shape.clone(),
        }
    }

    /// Whether `point` may lie in the area or on its border.
    fn is_near(&self, point: Coord<f64>) -> bool {
        self.bounds.is_some_and(|bounds| {
            (bounds.min().x..=bounds.max().x).contains(&point.x)
                && (bounds.min().y..=bounds.max().y).contains(&point.y)
        })
    }

    /// Whether `point` lies inside, not on the border.
    pub(super) fn holds(&self, point: Coord<f64>) -> bool {
        self.is_near(point) && self.tree.contains(&point)
    }

    /// Whether `point` lies on the border.
    pub(super) fn touches(&self, point: Coord<f64>) -> bool {
        self.is_near(point) && self.shape.coordinate_position(&point) == CoordPos::OnBoundary
    }
}

/// Borders made ready for questions about points.
///
/// ```
/// use sanad_core::place::Level;
/// use sanad_source::boundaries::{read, Boundaries};
///
/// let file = r#"{"type": "FeatureCollection", "features": [{"type": "Feature",
///   "properties": {"ADM1_EN": "North", "ADM1_PCODE": "XX1"},
///   "geometry": {"type": "Polygon", "coordinates": [[[0,0],[1,0],[1,1],[0,1],[0,0]]]}}]}"#;
/// let boundaries = Boundaries::new(read(file.as_bytes())?.boundaries);
/// assert_eq!(boundaries.locate(0.5, 0.5, Level::Adm1), Some("XX1"));
/// assert_eq!(boundaries.locate(0.5, 1.5, Level::Adm1), None);
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub struct Boundaries {
    list: Vec<Boundary>,
    prepared: Vec<PreparedArea>,
}

impl core::fmt::Debug for Boundaries {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.debug_struct("Boundaries").field("list", &self.list).finish_non_exhaustive()
    }
}

impl Boundaries {
    /// Puts borders in order of level and identifier and builds their index. Of several with the
    /// same level and identifier the first is kept.
    #[must_use]
    pub fn new(mut list: Vec<Boundary>) -> Self {
        list.sort_by(|a, b| a.level.cmp(&b.level).then_with(|| a.id.cmp(&b.id)));
        list.dedup_by(|b, a| a.level == b.level && a.id == b.id);
        let prepared = list.iter().map(|boundary| PreparedArea::new(&boundary.shape)).collect();
        Self { list, prepared }
    }

    /// The place of `level` in which a point lies. Degrees north and east.
    ///
    /// A point on a border that no place holds in its inside goes to the place whose identifier
    /// comes first, so that the answer does not depend on the order of a file.
    #[must_use]
    pub fn locate(&self, latitude: f64, longitude: f64, level: Level) -> Option<&str> {
        let point = Coord { x: longitude, y: latitude };
        let of_level = || self.list.iter().zip(&self.prepared).filter(|(it, _)| it.level == level);
        of_level()
            .find(|(_, prepared)| prepared.holds(point))
            .or_else(|| of_level().find(|(_, prepared)| prepared.touches(point)))
            .map(|(boundary, _)| boundary.id.as_str())
    }

    /// The border of the place with this level and identifier.
    #[must_use]
    pub fn get(&self, level: Level, id: &str) -> Option<&Boundary> {
        self.iter_level(level).find(|boundary| boundary.id == id)
    }

    /// All borders, in order of level and identifier.
    pub fn iter(&self) -> impl Iterator<Item = &Boundary> {
        self.list.iter()
    }

    /// The borders of `level`, in order of identifier.
    pub fn iter_level(&self, level: Level) -> impl Iterator<Item = &Boundary> {
        self.list.iter().filter(move |boundary| boundary.level == level)
    }

    /// How many borders there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
