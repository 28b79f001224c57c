//! Constants of a document, set to other values in its text.
//!
//! For what a run's [`Inputs`](crate::Inputs) cannot do: to hand on a calibrated model as a file
//! that another program opens. Only texts of equations change; comments in braces inside them are
//! lost with the number that they stood beside.

use std::collections::BTreeMap;

use crate::compile::Model;
use crate::compile::ir::CellId;
use crate::compile::scope::{EntityId, VariableOrigin};
use crate::document::{Document, Element, Variable};
use crate::equation::{is_blank, parse_list};
use crate::error::Error;
use crate::limits::Limits;
use crate::xmile::write_number;

impl Document {
    /// This document with constants set to other values, to be written or compiled.
    ///
    /// Names are those of [`Model::constants`]; an array's name sets all its elements. The last
    /// setting of a name counts.
    ///
    /// # Errors
    ///
    /// If the document does not compile; if a name is no variable, is computed by the model, or
    /// belongs to a submodel that several modules share; if a value is not finite.
    ///
    /// ```
    /// use sanad_scenario::{Model, read_xmile, write_xmile};
    /// let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
    ///   <model><variables><aux name="Birth Rate"><eqn>0.03</eqn></aux></variables></model></xmile>"#;
    /// let document = read_xmile(text.as_bytes(), &Default::default())?;
    /// let changed = document.with_constants(&[("birth rate".to_owned(), 0.05)])?;
    /// assert!(write_xmile(&changed).contains("<eqn>0.05</eqn>"));
    /// # Ok::<(), sanad_scenario::Error>(())
    /// ```
    pub fn with_constants(&self, constants: &[(String, f64)]) -> Result<Self, Error> {
        let model = Model::compile(self)?;
        let mut changed = self.clone();
        let mut values: BTreeMap<EntityId, BTreeMap<usize, f64>> = BTreeMap::new();
        for (name, value) in constants {
            if !value.is_finite() {
                return Err(Error::settings(format!("{name} cannot be {value}: it is not finite")));
            }
            for cell in model.constant_cells(name)? {
                let cell = &model.cells[cell as usize];
                values.entry(cell.entity).or_default().insert(cell.place, *value);
            }
        }
        for (entity, values) in values {
            let origin = model.sole_origin(entity)?;
            let variable = &mut changed.models[origin.model].variables[origin.variable];
            model.rewrite(entity, variable, &values);
        }
        Ok(changed)
    }
}

impl Model {
    /// The cells of a name, all of them constants. One for a scalar or an element, all elements for
    /// an array's name.
    ///
    /// # Errors
    ///
    /// If there is no such variable, or one of its elements is computed.
    fn constant_cells(&self, name: &str) -> Result<Vec<CellId>, Error> {
        let elements = self.elements(name);
        if elements.is_empty() {
            return Err(Error::settings(format!("{name} is not a variable of the model")));
        }
        let cell = |element: &String| {
            let cell = self.find(element).filter(|_| self.constant(element).is_some());
            cell.ok_or_else(|| {
                let message =
                    format!("{element} is computed by the model; only constants can be set");
                Error::settings(message)
            })
        };
        elements.iter().map(cell).collect()
    }

    /// Where a variable is defined, if it is the only one that is defined there. A submodel that
    /// several modules use defines a variable once for all of them.
    fn sole_origin(&self, entity: EntityId) -> Result<VariableOrigin, Error> {
        let path = &self.world.entities[entity].path;
        let origin = self.world.entities[entity].origin.ok_or_else(|| {
            Error::settings(format!("{path} belongs to a macro and cannot be set"))
        })?;
        let shared = self.world.entities.iter().filter(|other| other.origin == Some(origin));
        if shared.count() > 1 {
            let message = format!(
                "{path} belongs to a model that several modules use; it would change in all of them"
            );
            return Err(Error::settings(message));
        }
        Ok(origin)
    }

    /// Puts numbers in the place of the texts of some elements. A variable whose elements differ
    /// gets an equation for each, as the standard has arrays that are not the same for all (section
    /// 3.7.1). Where every element gets the same number, one equation is enough. Elements that are
    /// not set keep their own texts and graphical functions.
    fn rewrite(&self, entity: EntityId, variable: &mut Variable, values: &BTreeMap<usize, f64>) {
        let found = &self.world.entities[entity];
        let numbers: BTreeMap<u64, f64> = values.values().map(|x| (x.to_bits(), *x)).collect();
        if let (true, Some(&value)) = (values.len() == found.cells, numbers.values().next())
            && numbers.len() == 1
        {
            variable.equations = vec![write_number(value)];
            variable.elements.clear();
            return;
        }
        let elements = (0..found.cells).map(|place| {
            let own = self.world.element_at(entity, place).map(|i| &variable.elements[i]);
            let places = self.world.subscripts(found, place).into_iter().zip(&found.dimensions);
            let equation = match values.get(&place) {
                Some(&value) => Some(write_number(value)),
                None => own
                    .and_then(|own| own.equation.clone())
                    .or_else(|| text_of(&variable.equations, place, found.cells)),
            };
            Element {
                subscripts: places
                    .map(|(place, &id)| self.world.dimensions.element_name(id, place).to_owned())
                    .collect(),
                equation,
                graphical: own.and_then(|own| own.graphical.clone()),
            }
        });
        variable.elements = elements.collect();
        variable.equations.clear();
    }
}

/// The text of an element among a variable's equations: the only one, its own of several, or its
/// item of a list. `None` where there are several and none is its own.
fn text_of(equations: &[String], place: usize, cells: usize) -> Option<String> {
    let texts: Vec<&String> = equations.iter().filter(|text| !is_blank(text)).collect();
    let text = match texts.as_slice() {
        [one] => one,
        several => return several.get(place).map(|text| (*text).clone()),
    };
    let items = parse_list(text, Limits::default().equation_depth).unwrap_or_default();
    if items.len() != cells || cells < 2 {
        return Some((*text).clone());
    }
    let span = items[place].span;
    Some(text[span.start..span.end].to_owned())
}
