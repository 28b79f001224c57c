//! References to array elements, and the axes that array functions run over.
//!
//! Nothing of an array is left in the graph: `A[*]` inside a SUM becomes as many cells as it has
//! elements, and a subscript that is only known while running becomes a choice among all elements
//! that it may mean.

use std::sync::Arc;

use crate::compile::ir::{NodeId, Op};
use crate::compile::lower::{Lowerer, with_axes};
use crate::compile::scope::{Axis, Context, EntityId, NamedTarget};
use crate::equation::{Expr, ExpressionNode, Subscript};
use crate::error::{Problem, ProblemKind};

/// One subscript after reading: an element, or a number only known while running.
#[derive(Debug, Clone, Copy)]
enum ArrayPlace {
    /// Place in the dimension, from zero.
    Fixed(usize),
    /// No element: the value is zero, or NaN if the file asks so.
    Outside,
    /// A number, from one, that a step computes.
    Dynamic(NodeId),
}

/// A fault of arrays.
fn fault(message: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::Array, message)
}

/// Subscripts with the contexts they are read in.
type BoundSubscripts = Vec<(Subscript, Arc<Context>)>;

impl Lowerer<'_> {
    /// A variable's name without subscripts.
    ///
    /// # Errors
    ///
    /// If it has a dimension for which neither an array function nor the equation's own variable
    /// says the element.
    pub(crate) fn whole_name(
        &mut self,
        entity: EntityId,
        context: &Arc<Context>,
    ) -> Result<NodeId, Problem> {
        let places = self.implied_places(entity, context)?;
        self.at_places(entity, &places)
    }

    /// `A'`: the dimensions in reverse order. Of a name with as many dimensions as the equation's
    /// variable these are taken one by one in reverse, so that dimensions of one size need not be
    /// one dimension; any other operand is read with the axes and elements reversed.
    pub(crate) fn transposed(
        &mut self,
        inner: &Expr,
        context: &Arc<Context>,
    ) -> Result<NodeId, Problem> {
        let mut reversed = (**context).clone();
        reversed.bound.reverse();
        reversed.axes.reverse();
        if let ExpressionNode::Name(name) = &inner.node
            && let Some(NamedTarget::Entity(entity)) =
                self.world.resolve(context.scope, name).cloned()
        {
            let dimensions = self.world.entities[entity].dimensions.clone();
            if dimensions.len() == reversed.bound.len() {
                let sizes = &self.world.dimensions;
                let fits = dimensions
                    .iter()
                    .zip(&reversed.bound)
                    .all(|(&id, &(_, place))| place < sizes.size(id));
                if !fits {
                    return Err(fault(format!("{name}' does not fit the array it is used in")));
                }
                let places: Vec<ArrayPlace> =
                    reversed.bound.iter().map(|&(_, place)| ArrayPlace::Fixed(place)).collect();
                return self.at_places(entity, &places);
            }
        }
        self.lower(inner, &Arc::new(reversed))
    }

    /// `name[…]`
    pub(crate) fn subscripted(
        &mut self,
        name: &str,
        subscripts: &[Subscript],
        context: &Arc<Context>,
    ) -> Result<NodeId, Problem> {
        let (entity, given) = self.array(name, subscripts, context)?;
        let places = self.places(entity, &given)?;
        self.at_places(entity, &places)
    }

    /// The array a name stands for and its subscripts with the contexts they are read in; a
    /// macro's array argument is replaced by what the caller passed.
    fn array(
        &self,
        name: &str,
        subscripts: &[Subscript],
        context: &Arc<Context>,
    ) -> Result<(EntityId, BoundSubscripts), Problem> {
        let here: BoundSubscripts =
            subscripts.iter().map(|subscript| (subscript.clone(), Arc::clone(context))).collect();
        match self.world.resolve(context.scope, name) {
            Some(NamedTarget::Entity(entity)) => Ok((*entity, here)),
            Some(NamedTarget::Argument(expr, place)) => {
                let place = with_axes(place, context);
                match &expr.node {
                    ExpressionNode::Name(inner) => {
                        let (entity, _) = self.array(inner, &[], &place)?;
                        Ok((entity, here))
                    }
                    ExpressionNode::Subscripted(inner, outer) => {
                        let (entity, outer) = self.array(inner, outer, &place)?;
                        let mut given = here.into_iter();
                        let filled = outer.into_iter().map(|(subscript, place)| match subscript {
                            Subscript::All => given.next().unwrap_or((subscript, place)),
                            _ => (subscript, place),
                        });
                        Ok((entity, filled.collect()))
                    }
                    _ => Err(fault(format!("{name} is not an array here"))),
                }
            }
            Some(NamedTarget::Value(_)) => Err(fault(format!("{name} is not an array"))),
            None => Err(self.unknown(name, context)),
        }
    }

    /// Places for a name without subscripts: running axes first, then the elements of the
    /// equation's own variable, by dimension. Of a dimension that comes twice, the first is put to
    /// the first. An element of a subrange is found by its name in the whole.
    fn implied_places(
        &self,
        entity: EntityId,
        context: &Context,
    ) -> Result<Vec<ArrayPlace>, Problem> {
        let found = &self.world.entities[entity];
        let mut places = Vec::with_capacity(found.dimensions.len());
        let mut used = vec![false; context.bound.len()];
        for (position, &dimension) in found.dimensions.iter().enumerate() {
            let occurrence = found.dimensions[..position]
                .iter()
                .filter(|&&earlier| earlier == dimension)
                .count();
            let running = context
                .axes
                .iter()
                .find(|(axis, _)| axis.dimension == dimension && axis.occurrence == occurrence);
            if let Some((_, place)) = running {
                places.push(ArrayPlace::Fixed(*place));
                continue;
            }
            let same = (0..used.len()).find(|&i| !used[i] && context.bound[i].0 == dimension);
            let alike = same.or_else(|| {
                (0..used.len()).find(|&i| {
                    let (from, place) = context.bound[i];
                    !used[i] && self.world.dimensions.carried(from, place, dimension).is_some()
                })
            });
            let Some(i) = alike else {
                let name = self.world.dimensions.name(dimension);
                let path = &found.path;
                return Err(fault(format!("{path} is an array over {name}; say which element")));
            };
            used[i] = true;
            let (from, place) = context.bound[i];
            let place = self.world.dimensions.carried(from, place, dimension);
            places.push(place.map_or(ArrayPlace::Outside, ArrayPlace::Fixed));
        }
        Ok(places)
    }

    /// The positions that subscripts name, one for each dimension.
    ///
    /// # Errors
    ///
    /// If there are more or fewer subscripts than dimensions.
    fn places(
        &mut self,
        entity: EntityId,
        given: &[(Subscript, Arc<Context>)],
    ) -> Result<Vec<ArrayPlace>, Problem> {
        let dimensions = self.world.entities[entity].dimensions.clone();
        if given.len() != dimensions.len() {
            let path = &self.world.entities[entity].path;
            let noun = if dimensions.len() == 1 { "subscript" } else { "subscripts" };
            let message =
                format!("{path} takes {} {noun} and is given {}", dimensions.len(), given.len());
            return Err(fault(message));
        }
        let mut places = Vec::with_capacity(given.len());
        let mut seen: Vec<Axis> = Vec::new();
        for ((subscript, context), &dimension) in given.iter().zip(&dimensions) {
            places.push(self.place(subscript, dimension, context, &mut seen)?);
        }
        Ok(places)
    }

    /// The position that one subscript names. A number is rounded to the nearest whole one. An
    /// element's name stands above a variable's of the same spelling.
    fn place(
        &mut self,
        subscript: &Subscript,
        dimension: usize,
        context: &Arc<Context>,
        seen: &mut Vec<Axis>,
    ) -> Result<ArrayPlace, Problem> {
        if let Subscript::Position(number, span) = subscript {
            let bound = context.bound.get(number - 1).ok_or_else(|| {
                fault(format!("there is no dimension number {number} here")).at(*span)
            })?;
            let size = self.world.dimensions.size(dimension);
            return Ok(if bound.1 < size {
                ArrayPlace::Fixed(bound.1)
            } else {
                ArrayPlace::Outside
            });
        }
        if let Some(axis) = self.axis(subscript, dimension, context, seen)? {
            return self.place_on_axis(axis, dimension, context);
        }
        let Subscript::Index(index) = subscript else { return Ok(ArrayPlace::Outside) };
        if let ExpressionNode::Name(name) = &index.node
            && let Some(place) = self.named_place(name, dimension, context)
        {
            return Ok(place);
        }
        let node = self.lower(index, context)?;
        Ok(match self.graph.value(node) {
            Some(number) => self.numbered_place(number, dimension),
            None => ArrayPlace::Dynamic(node),
        })
    }

    /// A position by its number, from one; outside the dimension it is no place.
    fn numbered_place(&self, number: f64, dimension: usize) -> ArrayPlace {
        let size = self.world.dimensions.size(dimension) as f64;
        let rounded = number.round();
        if rounded >= 1.0 && rounded <= size {
            ArrayPlace::Fixed(rounded as usize - 1)
        } else {
            ArrayPlace::Outside
        }
    }

    /// The position on a dimension that the equation runs over.
    fn place_on_axis(
        &self,
        axis: Axis,
        dimension: usize,
        context: &Context,
    ) -> Result<ArrayPlace, Problem> {
        let running = context.axes.iter().find(|(found, _)| *found == axis);
        let place = match running {
            Some((_, place)) => self.world.dimensions.carried(axis.dimension, *place, dimension),
            // Outside an array function, a star stands for the element of the equation's own
            // variable.
            None => context
                .bound
                .iter()
                .find_map(|&(from, place)| self.world.dimensions.carried(from, place, dimension)),
        };
        place.map(ArrayPlace::Fixed).ok_or_else(|| {
            let name = self.world.dimensions.name(dimension);
            fault(format!("a range over {name} needs an array function such as SUM around it"))
        })
    }

    /// An element's name, or a dimension's name standing for the element at hand.
    fn named_place(&self, name: &str, dimension: usize, context: &Context) -> Option<ArrayPlace> {
        let dimensions = &self.world.dimensions;
        if let Some(place) = dimensions.element(dimension, name) {
            return Some(ArrayPlace::Fixed(place));
        }
        if let Some((over, element)) = name.split_once('.') {
            let over = dimensions.find(over)?;
            return dimensions.element(over, element).map(ArrayPlace::Fixed);
        }
        let over = dimensions.find(name)?;
        let bound = context.bound.iter().find(|(id, _)| *id == over).map(|&(_, place)| place);
        let place = bound?;
        let carried = dimensions.carried(over, place, dimension).or(Some(place));
        Some(
            carried
                .filter(|&place| place < dimensions.size(dimension))
                .map_or(ArrayPlace::Outside, ArrayPlace::Fixed),
        )
    }

    /// The axis a subscript opens, if it opens one.
    fn axis(
        &mut self,
        subscript: &Subscript,
        dimension: usize,
        context: &Arc<Context>,
        seen: &mut Vec<Axis>,
    ) -> Result<Option<Axis>, Problem> {
        let full = |size: usize| (0, size - 1);
        let (dimension, range) = match subscript {
            Subscript::All => (dimension, full(self.world.dimensions.size(dimension))),
            Subscript::AllOf(name, span) => {
                let found = self.world.dimensions.find(name).ok_or_else(|| {
                    let message = format!("there is no dimension {name}");
                    Problem::new(ProblemKind::Unknown, message).at(*span)
                })?;
                (found, full(self.world.dimensions.size(found)))
            }
            Subscript::Range(from, to) => {
                let from = self.range_end(from, dimension, context)?;
                let to = self.range_end(to, dimension, context)?;
                (dimension, (from, to.max(from)))
            }
            Subscript::Index(Expr { node: ExpressionNode::Name(name), .. }) => {
                let is_element = self.world.dimensions.element(dimension, name).is_some();
                match self.world.dimensions.find(name) {
                    Some(found)
                        if !is_element && !context.bound.iter().any(|(id, _)| *id == found) =>
                    {
                        (found, full(self.world.dimensions.size(found)))
                    }
                    _ => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        let alike = |axis: &&Axis| axis.dimension == dimension && axis.range == range;
        let occurrence = seen.iter().filter(alike).count();
        let axis = Axis { dimension, range, occurrence };
        seen.push(axis.clone());
        Ok(Some(axis))
    }

    /// One end of a range of positions. An element's name, or a number that is known before the
    /// run.
    ///
    /// # Errors
    ///
    /// If it is not known, or lies outside the dimension.
    fn range_end(
        &mut self,
        expr: &Expr,
        dimension: usize,
        context: &Arc<Context>,
    ) -> Result<usize, Problem> {
        let named = match &expr.node {
            ExpressionNode::Name(name) => self.named_place(name, dimension, context),
            _ => None,
        };
        let place = match named {
            Some(place) => place,
            None => {
                let node = self.lower(expr, context)?;
                let number = self.graph.value(node).ok_or_else(|| {
                    fault("the ends of a range must be known before the run").at(expr.span)
                })?;
                self.numbered_place(number, dimension)
            }
        };
        match place {
            ArrayPlace::Fixed(place) => Ok(place),
            _ => Err(fault("the range reaches outside the dimension").at(expr.span)),
        }
    }

    /// The element at the places; a number not yet known becomes a choice among elements. A choice
    /// has the number first, the value outside second, and the elements behind.
    fn at_places(&mut self, entity: EntityId, places: &[ArrayPlace]) -> Result<NodeId, Problem> {
        let outside = if self.document.invalid_index_is_nan { f64::NAN } else { 0.0 };
        if places.iter().any(|place| matches!(place, ArrayPlace::Outside)) {
            return Ok(self.graph.constant(outside));
        }
        let found = &self.world.entities[entity];
        if found.cells == 0 {
            let message = format!("{} is a graphical function; give it an argument", found.path);
            return Err(fault(message));
        }
        let dynamic = places.iter().position(|place| matches!(place, ArrayPlace::Dynamic(_)));
        let Some(position) = dynamic else {
            let fixed: Vec<usize> = places
                .iter()
                .map(|place| if let ArrayPlace::Fixed(place) = place { *place } else { 0 })
                .collect();
            let cell = found.first_cell + self.world.flat(found, &fixed) as u32;
            return Ok(self.graph.add(Op::Cell(cell)));
        };
        let ArrayPlace::Dynamic(index) = places[position] else {
            return Ok(self.graph.constant(outside));
        };
        let size = self.world.dimensions.size(found.dimensions[position]);
        let mut items = vec![index, self.graph.constant(outside)];
        for place in 0..size {
            let mut fixed = places.to_vec();
            fixed[position] = ArrayPlace::Fixed(place);
            items.push(self.at_places(entity, &fixed)?);
        }
        Ok(self.graph.add(Op::Index(items.into())))
    }

    /// Place of the graphical function that a call names.
    ///
    /// # Errors
    ///
    /// If a subscript is only known while running: a curve cannot be chosen then.
    pub(crate) fn table_place(
        &mut self,
        name: &str,
        subscripts: &[Subscript],
        context: &Arc<Context>,
    ) -> Result<(EntityId, usize), Problem> {
        let (entity, given) = self.array(name, subscripts, context)?;
        let places = if given.is_empty() {
            self.implied_places(entity, context)?
        } else {
            self.places(entity, &given)?
        };
        let fixed: Option<Vec<usize>> = places
            .iter()
            .map(|place| if let ArrayPlace::Fixed(place) = place { Some(*place) } else { None })
            .collect();
        let fixed = fixed.ok_or_else(|| {
            fault("which graphical function is meant must be known before the run")
        })?;
        Ok((entity, self.world.flat(&self.world.entities[entity], &fixed)))
    }

    /// `name(n)` of an array: its n-th element in row-major order. Outside 1 to the number of
    /// elements it is what an element outside is.
    pub(crate) fn flat_element(&mut self, entity: EntityId, index: NodeId) -> NodeId {
        let found = &self.world.entities[entity];
        let (first, count) = (found.first_cell, found.cells as u32);
        let outside = if self.document.invalid_index_is_nan { f64::NAN } else { 0.0 };
        let mut items = vec![index, self.graph.constant(outside)];
        for cell in first..first + count {
            items.push(self.graph.add(Op::Cell(cell)));
        }
        self.graph.add(Op::Index(items.into()))
    }

    /// A dimension's name as a value: the number of the element at hand; `Dimension.element`: its
    /// number. An element's bare name, as converters of Vensim's files write it, is its number in
    /// the variable's own dimension, or in any if all that have it agree.
    pub(crate) fn dimension_value(
        &mut self,
        name: &str,
        context: &Context,
    ) -> Result<Option<NodeId>, Problem> {
        let dimensions = &self.world.dimensions;
        if let Some((over, element)) = name.split_once('.')
            && let Some(place) =
                dimensions.find(over).and_then(|over| dimensions.element(over, element))
        {
            return Ok(Some(self.graph.constant(place as f64 + 1.0)));
        }
        let Some(over) = dimensions.find(name) else {
            let own = context.bound.iter().find_map(|&(over, _)| dimensions.element(over, name));
            let place = own.or_else(|| dimensions.place_in_all(name));
            return Ok(place.map(|place| self.graph.constant(place as f64 + 1.0)));
        };
        let bound = context.bound.iter().find(|(id, _)| *id == over).map(|&(_, place)| place);
        let running = || {
            let axis = context.axes.iter().find(|(axis, _)| axis.dimension == over);
            axis.map(|(_, place)| *place)
        };
        let place = bound.or_else(running).ok_or_else(|| {
            fault(format!("the dimension {name} has no element at hand in this equation"))
        })?;
        Ok(Some(self.graph.constant(place as f64 + 1.0)))
    }

    /// Every element of an array expression, in row-major order of its axes. Equal axes run
    /// together: `SUM(A[*] * B[*])` is a sum of products, not of all pairs.
    pub(crate) fn elements(
        &mut self,
        expr: &Expr,
        context: &Arc<Context>,
    ) -> Result<Vec<NodeId>, Problem> {
        if let Some(values) = self.table_values(expr, context) {
            return Ok(values.into_iter().map(|value| self.graph.constant(value)).collect());
        }
        let mut axes = Vec::new();
        self.free_axes(expr, context, &mut axes)?;
        let counts: Vec<usize> = axes.iter().map(|axis| axis.range.1 - axis.range.0 + 1).collect();
        let total = counts.iter().try_fold(1_usize, |total, &count| total.checked_mul(count));
        let total =
            total.filter(|&total| total <= self.limits.array_elements).ok_or_else(|| {
                let message = format!("more than {} elements", self.limits.array_elements);
                Problem::new(ProblemKind::Limit, message).at(expr.span)
            })?;
        let mut found = Vec::with_capacity(total);
        for number in 0..total {
            let mut inner = (**context).clone();
            let mut rest = number;
            for (axis, &count) in axes.iter().zip(&counts).rev() {
                inner.axes.insert(0, (axis.clone(), axis.range.0 + rest % count));
                rest /= count;
            }
            found.push(self.lower(expr, &Arc::new(inner))?);
        }
        Ok(found)
    }

    /// The points of a graphical function that is given as an array. `None` if the expression is no
    /// name, or the name has values of its own.
    fn table_values(&mut self, expr: &Expr, context: &Context) -> Option<Vec<f64>> {
        let ExpressionNode::Name(name) = &expr.node else { return None };
        let Some(NamedTarget::Entity(entity)) = self.world.resolve(context.scope, name).cloned()
        else {
            return None;
        };
        if self.world.entities[entity].cells > 0 {
            return None;
        }
        let table = self.table(entity, 0).ok()?;
        Some(self.tables[table as usize].values().to_vec())
    }

    /// The axes of an expression that nothing fixes, in order of appearance. Axes inside an array
    /// function are that function's own and no part of them.
    pub(crate) fn free_axes(
        &mut self,
        expr: &Expr,
        context: &Arc<Context>,
        axes: &mut Vec<Axis>,
    ) -> Result<(), Problem> {
        let mut open = |axis: Axis| {
            if !axes.contains(&axis) {
                axes.push(axis);
            }
        };
        match &expr.node {
            ExpressionNode::Name(name) => match self.world.resolve(context.scope, name).cloned() {
                Some(NamedTarget::Entity(entity)) => {
                    let dimensions = &self.world.entities[entity].dimensions;
                    for (position, &dimension) in dimensions.iter().enumerate() {
                        let earlier = dimensions[..position].iter();
                        let occurrence = earlier.filter(|&&other| other == dimension).count();
                        let range = (0, self.world.dimensions.size(dimension) - 1);
                        open(Axis { dimension, range, occurrence });
                    }
                }
                Some(NamedTarget::Argument(inner, place)) => {
                    self.free_axes(&inner, &with_axes(&place, context), axes)?;
                }
                _ => {}
            },
            ExpressionNode::Subscripted(name, subscripts) => {
                let (entity, given) = self.array(name, subscripts, context)?;
                let dimensions = self.world.entities[entity].dimensions.clone();
                let mut seen = Vec::new();
                for ((subscript, place), dimension) in given.iter().zip(dimensions) {
                    if let Some(axis) = self.axis(subscript, dimension, place, &mut seen)?
                        && !axes.contains(&axis)
                    {
                        axes.push(axis);
                    }
                }
            }
            ExpressionNode::Call { name, arguments, .. } => {
                if !is_array_function(name, arguments.len()) {
                    for argument in arguments {
                        self.free_axes(argument, context, axes)?;
                    }
                }
            }
            ExpressionNode::Unary(_, inner) | ExpressionNode::Transposed(inner) => {
                self.free_axes(inner, context, axes)?;
            }
            ExpressionNode::Binary(_, left, right) => {
                self.free_axes(left, context, axes)?;
                self.free_axes(right, context, axes)?;
            }
            ExpressionNode::If(parts) => {
                for part in parts.iter() {
                    self.free_axes(part, context, axes)?;
                }
            }
            ExpressionNode::Number(_) => {}
        }
        Ok(())
    }
}

/// Functions that take a whole array, so that axes inside them are their own.
fn is_array_function(name: &str, arguments: usize) -> bool {
    match name {
        "sum" | "prod" | "size" | "stddev" | "rank" | "vmin" | "vmax" => true,
        "min" | "max" | "mean" => arguments == 1,
        _ => false,
    }
}
