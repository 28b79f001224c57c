//! Which name means what: dimensions, variables, modules and macro arguments.
//!
//! Each model and each call of a macro has a scope; a module adds one for the model that it stands
//! for, under its own name. Within a scope a name is a variable, a curve or an argument. Names of
//! dimensions are apart, since they belong to the file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::compile::ir::NodeId;
use crate::document::{Behavior, Dimension, Document, Element, Kind, ModelPart, Variable};
use crate::equation::{Expr, is_blank};
use crate::error::{Problem, ProblemKind};
use crate::limits::Limits;
use crate::name::canonical_name;

/// Position of a dimension.
pub(crate) type DimensionId = usize;
/// Position of a variable.
pub(crate) type EntityId = usize;
/// Position of a model's or module's names.
pub(crate) type ScopeId = usize;

/// The dimensions of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dimensions {
    /// In the order of the file.
    list: Vec<NamedItem>,
    by_name: BTreeMap<String, DimensionId>,
}

/// A dimension with its elements by name.
#[derive(Debug, Clone)]
struct NamedItem {
    source: Dimension,
    by_name: BTreeMap<String, usize>,
}

impl Dimensions {
    /// The dimensions of a file.
    ///
    /// # Errors
    /// If two have one name, or one has no element or one twice.
    fn new(sources: &[Dimension]) -> Result<Self, Problem> {
        let mut dimensions = Self::default();
        for source in sources {
            let id = dimensions.list.len();
            let by_name: BTreeMap<String, usize> = source
                .elements
                .iter()
                .enumerate()
                .map(|(place, name)| (canonical_name(name), place))
                .collect();
            if by_name.len() != source.elements.len() {
                let message = format!("dimension {} names an element twice", source.name);
                return Err(Problem::new(ProblemKind::Duplicate, message));
            }
            if by_name.is_empty() {
                let message = format!("dimension {} has no elements", source.name);
                return Err(Problem::new(ProblemKind::Missing, message));
            }
            dimensions.list.push(NamedItem { source: source.clone(), by_name });
            if dimensions.by_name.insert(canonical_name(&source.name), id).is_some() {
                let message = format!("dimension {} is defined twice", source.name);
                return Err(Problem::new(ProblemKind::Duplicate, message));
            }
        }
        Ok(dimensions)
    }

    /// A dimension by its name. By its canonical name.
    pub(crate) fn find(&self, name: &str) -> Option<DimensionId> {
        self.by_name.get(name).copied()
    }

    /// Number of its elements. At least one.
    pub(crate) fn size(&self, id: DimensionId) -> usize {
        self.list[id].source.elements.len()
    }

    /// A dimension's name.
    pub(crate) fn name(&self, id: DimensionId) -> &str {
        &self.list[id].source.name
    }

    /// An element's name.
    pub(crate) fn element_name(&self, id: DimensionId, place: usize) -> &str {
        &self.list[id].source.elements[place]
    }

    /// Place of an element by its canonical name.
    pub(crate) fn element(&self, id: DimensionId, name: &str) -> Option<usize> {
        self.list[id].by_name.get(name).copied()
    }

    /// Place of an element, if it is the same in every dimension that has it. `None` where no
    /// dimension has it or two disagree.
    pub(crate) fn place_in_all(&self, element: &str) -> Option<usize> {
        let mut places = self.list.iter().filter_map(|named| named.by_name.get(element));
        let first = *places.next()?;
        places.all(|&place| place == first).then_some(first)
    }

    /// Whether `name` is the name or number of the element at `place`. Numbers count from one; a
    /// name that an element has stands above the number that it looks like.
    pub(crate) fn names(&self, dimension: DimensionId, name: &str, place: usize) -> bool {
        let named = self.element(dimension, name);
        named.or_else(|| name.parse::<usize>().ok()?.checked_sub(1)) == Some(place)
    }

    /// Whether `name` stands for the element at `place`: its own, or that of a dimension which has
    /// an element of the same name (a subrange).
    pub(crate) fn covers(&self, dimension: DimensionId, name: &str, place: usize) -> bool {
        self.names(dimension, name, place)
            || self.element(dimension, name).is_none()
                && self
                    .find(name)
                    .is_some_and(|part| self.carried(dimension, place, part).is_some())
    }

    /// Whether `name` stands for any element: its name or number, or a dimension that shares one.
    fn has(&self, dimension: DimensionId, name: &str) -> bool {
        let places = 0..self.size(dimension);
        let is_number = |name: &str| name.parse().is_ok_and(|at| (1..=places.end).contains(&at));
        let shares = |part| places.clone().any(|at| self.carried(dimension, at, part).is_some());
        self.element(dimension, name).is_some()
            || is_number(name)
            || self.find(name).is_some_and(shares)
    }

    /// The place in `to` of the element that stands at `place` in `from`: the same dimension, or
    /// an element of the same name (a subrange).
    pub(crate) fn carried(
        &self,
        from: DimensionId,
        place: usize,
        to: DimensionId,
    ) -> Option<usize> {
        if from == to {
            return Some(place);
        }
        self.element(to, &canonical_name(self.element_name(from, place)))
    }
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub(crate) enum NamedTarget {
    /// A variable, a curve, or a module's input.
    Entity(EntityId),
    /// A macro's scalar parameter.
    Value(NodeId),
    /// A macro's array parameter: the caller's expression, to be read where the caller stands.
    Argument(Arc<Expr>, Arc<Context>),
}

/// Where an expression is read: whose names, which elements, which axes of a sum.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// Whose names are seen.
    pub scope: ScopeId,
    /// The cell whose equation this is, for `SELF`.
    pub own: Option<(EntityId, usize)>,
    /// The element of each of the variable's dimensions.
    pub bound: Vec<(DimensionId, usize)>,
    /// The element of each axis an array function runs over.
    pub axes: Vec<(Axis, usize)>,
    /// Depth of macro calls.
    pub depth: usize,
    /// Whose equation it is, and its text, for messages.
    pub owner: Arc<str>,
    pub text: Arc<str>,
}

/// One running subscript of an array function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Axis {
    /// What it runs over.
    pub dimension: DimensionId,
    /// First and last place it runs over.
    pub range: (usize, usize),
    /// Which of several equal axes of one reference it is.
    pub occurrence: usize,
}

/// A variable's place in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VariableOrigin {
    /// Place of its model among the models.
    pub model: usize,
    /// Place among the variables of its model.
    pub variable: usize,
}

/// A variable in its place, arrays not yet taken apart. One for each module that stands for the
/// model that defines it.
#[derive(Debug, Clone)]
pub(crate) struct Entity {
    /// Name with the names of its modules, as spelled.
    pub path: String,
    pub scope: ScopeId,
    pub variable: Arc<Variable>,
    pub dimensions: Vec<DimensionId>,
    /// Its first cell; the others follow in row-major order.
    pub first_cell: u32,
    /// Number of elements; zero of a curve that only others call.
    pub cells: usize,
    /// Another variable this one stands for.
    pub alias: Option<EntityId>,
    /// The end of the connections that begin with `alias`.
    end: Option<EntityId>,
    /// Kept from falling below zero, by itself, its model or the file.
    pub non_negative: bool,
    /// Inside a macro call or a built-in function.
    pub hidden: bool,
    /// Where the document defines it, if a model does.
    pub origin: Option<VariableOrigin>,
}

/// Names as one model sees them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    /// Canonical names of this scope's own.
    pub names: BTreeMap<String, NamedTarget>,
    /// Scopes of its modules, by canonical name.
    pub modules: BTreeMap<String, ScopeId>,
    /// Reaches names of other models by qualification; a macro's scope does not.
    pub is_model: bool,
}

/// All names of a document.
#[derive(Debug, Clone, Default)]
pub(crate) struct NameTable {
    pub dimensions: Dimensions,
    pub entities: Vec<Entity>,
    pub scopes: Vec<Scope>,
    /// The first module of each name in the whole file, for names that are qualified from
    /// elsewhere.
    all_modules: BTreeMap<String, ScopeId>,
}

/// The scope of the root model.
pub(crate) const ROOT: ScopeId = 0;

impl NameTable {
    /// All names of a document.
    ///
    /// # Errors
    /// Every name that is taken twice, also by two models, and every module without a model.
    pub(crate) fn new(document: &Document, limits: &Limits) -> Result<Self, Vec<Problem>> {
        let dimensions = Dimensions::new(&document.dimensions).map_err(|fault| vec![fault])?;
        let mut world = Self { dimensions, ..Self::default() };
        let mut problems = models_named_twice(document);
        let root = document.models.iter().position(|model| model.name.is_empty()).unwrap_or(0);
        let mut builder =
            ScopeBuilder { document, limits, world: &mut world, problems: &mut problems };
        builder.model(root, "", &mut Vec::new());
        if let Err(fault) = world.follow_connections() {
            problems.push(fault);
        }
        if problems.is_empty() { Ok(world) } else { Err(problems) }
    }

    /// Follows every connection to its end.
    ///
    /// # Errors
    ///
    /// Connections that lead in a circle.
    fn follow_connections(&mut self) -> Result<(), Problem> {
        let mut is_followed = vec![false; self.entities.len()];
        for entity in 0..self.entities.len() {
            let mut way = Vec::new();
            let mut next = entity;
            while let Some(source) = self.entities[next].alias
                && !is_followed[next]
            {
                is_followed[next] = true;
                way.push(next);
                next = source;
            }
            let end = self.source(next);
            if way.contains(&end) {
                let message = "its connections lead in a circle";
                let fault = Problem::new(ProblemKind::Circular, message);
                return Err(fault.of(&self.entities[end].path, ""));
            }
            // An input that is connected to a graphical function has no value of its own either.
            let is_curve = self.entities[end].cells == 0;
            for input in way {
                self.entities[input].end = Some(end);
                if is_curve {
                    self.entities[input].cells = 0;
                }
            }
        }
        Ok(())
    }

    /// The variable whose values an entity has: itself, or for a connected input the end of its
    /// connections.
    pub(crate) fn source(&self, entity: EntityId) -> EntityId {
        self.entities[entity].end.unwrap_or(entity)
    }

    /// What `name` means in `scope`; qualified names are followed through modules. A leading dot
    /// means the root model. A module is looked for in the scope, then in the whole file.
    pub(crate) fn resolve(&self, scope: ScopeId, name: &str) -> Option<&NamedTarget> {
        if let Some(target) = self.scopes[scope].names.get(name) {
            return Some(target);
        }
        if !self.scopes[scope].is_model {
            return None;
        }
        if let Some(rest) = name.strip_prefix('.') {
            let root = self.scopes[ROOT].names.get(rest);
            return root.or_else(|| self.scopes[scope].names.get(rest));
        }
        let (module, rest) = name.split_once('.')?;
        let inner = self.scopes[scope].modules.get(module).or_else(|| self.all_modules.get(module));
        self.resolve(*inner?, rest)
    }

    /// Adds a variable with its cells.
    ///
    /// # Errors
    ///
    /// If a dimension does not exist, there are too many dimensions or elements, an element is
    /// defined that does not exist or twice, or the scope has the name already.
    pub(crate) fn add(
        &mut self,
        scope: ScopeId,
        path: String,
        variable: Arc<Variable>,
        first_cell: usize,
        limits: &Limits,
    ) -> Result<EntityId, Problem> {
        let dimensions = variable
            .dimensions
            .iter()
            .map(|name| {
                self.dimensions.find(&canonical_name(name)).ok_or_else(|| {
                    let message = format!("there is no dimension {name}");
                    Problem::new(ProblemKind::Unknown, message)
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        if dimensions.len() > limits.dimensions {
            let message =
                format!("{} dimensions; the limit is {}", dimensions.len(), limits.dimensions);
            return Err(Problem::new(ProblemKind::Limit, message));
        }
        let cells = dimensions
            .iter()
            .try_fold(1_usize, |cells, &id| cells.checked_mul(self.dimensions.size(id)))
            .filter(|&cells| cells <= limits.array_elements)
            .ok_or_else(|| {
                let message = format!("the array has more than {} elements", limits.array_elements);
                Problem::new(ProblemKind::Limit, message)
            })?;
        let id = self.entities.len();
        let key = canonical_name(&variable.name);
        self.entities.push(Entity {
            path,
            scope,
            variable,
            dimensions,
            first_cell: first_cell as u32,
            cells,
            alias: None,
            end: None,
            non_negative: false,
            hidden: false,
            origin: None,
        });
        let inner = self.entities[id].variable.graphical.as_ref().and_then(|gf| gf.name.clone());
        let names = &mut self.scopes[scope].names;
        if names.insert(key, NamedTarget::Entity(id)).is_some() {
            return Err(Problem::new(ProblemKind::Duplicate, "the name is defined twice"));
        }
        self.check_elements(&self.entities[id])?;
        let names = &mut self.scopes[scope].names;
        if let Some(inner) = inner {
            names.entry(canonical_name(&inner)).or_insert(NamedTarget::Entity(id));
        }
        Ok(id)
    }

    /// Index of the element definition for a place, if the variable defines elements singly. `None`
    /// also where it defines others and not this one.
    pub(crate) fn element_at(&self, entity: EntityId, place: usize) -> Option<usize> {
        let found = &self.entities[entity];
        if found.variable.elements.is_empty() {
            return None;
        }
        let places = self.subscripts(found, place);
        let of = |exact: bool| {
            // Of several subranges that take the element in, the last counts.
            let mut elements = found.variable.elements.iter();
            elements.rposition(|element| self.is_for(element, found, &places, exact))
        };
        // An element named stands above one that a subrange takes in.
        of(true).or_else(|| of(false))
    }

    /// Whether an element's definition is for the cell at `places`. By its own names, or, if not
    /// `exact`, by subranges too.
    fn is_for(&self, element: &Element, array: &Entity, places: &[usize], exact: bool) -> bool {
        let mut parts = element.subscripts.iter().zip(&array.dimensions).zip(places);
        element.subscripts.len() == places.len()
            && parts.all(|((name, &dimension), &place)| {
                let name = canonical_name(name);
                if exact {
                    self.dimensions.names(dimension, &name, place)
                } else {
                    self.dimensions.covers(dimension, &name, place)
                }
            })
    }

    /// Refuses definitions of elements that the variable does not have, and of one element twice:
    /// what they say would be lost.
    ///
    /// # Errors
    ///
    /// With the subscripts of the first of them.
    fn check_elements(&self, array: &Entity) -> Result<(), Problem> {
        let mut seen = BTreeSet::new();
        for element in &array.variable.elements {
            let spelt = element.subscripts.join(", ");
            let names: Vec<String> =
                element.subscripts.iter().map(|name| canonical_name(name)).collect();
            if names.len() != array.dimensions.len() {
                let message = format!(
                    "the element [{spelt}] has {} subscripts, and the variable {} dimensions",
                    names.len(),
                    array.dimensions.len()
                );
                return Err(Problem::new(ProblemKind::Array, message));
            }
            for (name, &dimension) in names.iter().zip(&array.dimensions) {
                if !self.dimensions.has(dimension, name) {
                    let of = self.dimensions.name(dimension);
                    let message = format!("[{spelt}] is no element: {of} has no {name}");
                    return Err(Problem::new(ProblemKind::Array, message));
                }
            }
            if !seen.insert(names) {
                let message = format!("the element [{spelt}] is defined twice");
                return Err(Problem::new(ProblemKind::Duplicate, message));
            }
        }
        Ok(())
    }

    /// Subscripts of a cell by its place in row-major order.
    pub(crate) fn subscripts(&self, entity: &Entity, mut place: usize) -> Vec<usize> {
        let mut places = vec![0; entity.dimensions.len()];
        for (slot, &dimension) in places.iter_mut().zip(&entity.dimensions).rev() {
            let size = self.dimensions.size(dimension);
            *slot = place % size;
            place /= size;
        }
        places
    }

    /// Place of a cell in row-major order by its subscripts.
    pub(crate) fn flat(&self, entity: &Entity, places: &[usize]) -> usize {
        let sizes = entity.dimensions.iter().map(|&id| self.dimensions.size(id));
        places.iter().zip(sizes).fold(0, |flat, (&place, size)| flat * size + place)
    }

    /// Name of a cell: `path` or `path[element, element]`.
    pub(crate) fn cell_name(&self, entity: &Entity, place: usize) -> String {
        if entity.dimensions.is_empty() {
            return entity.path.clone();
        }
        let names: Vec<&str> = self
            .subscripts(entity, place)
            .into_iter()
            .zip(&entity.dimensions)
            .map(|(place, &id)| self.dimensions.element_name(id, place))
            .collect();
        format!("{}[{}]", entity.path, names.join(", "))
    }
}

/// Names being gathered. Problems are gathered, too, so that one fault does not hide another.
struct ScopeBuilder<'a> {
    document: &'a Document,
    limits: &'a Limits,
    world: &'a mut NameTable,
    problems: &'a mut Vec<Problem>,
}

impl ScopeBuilder<'_> {
    /// Adds a model's variables and, through its modules, those of its submodels.
    fn model(&mut self, index: usize, prefix: &str, above: &mut Vec<usize>) -> ScopeId {
        let document = self.document;
        let model = &document.models[index];
        let scope = self.world.scopes.len();
        self.world.scopes.push(Scope { is_model: true, ..Scope::default() });
        let behavior = model.behavior.unwrap_or(document.behavior);
        for (place, variable) in model.variables.iter().enumerate() {
            if variable.kind != Kind::Module {
                let origin = VariableOrigin { model: index, variable: place };
                self.variable(scope, prefix, variable, behavior, origin);
            }
        }
        above.push(index);
        let modules: Vec<&Variable> =
            model.variables.iter().filter(|variable| variable.kind == Kind::Module).collect();
        for module in &modules {
            self.module(scope, prefix, module, above);
        }
        above.pop();
        for module in modules {
            self.connect(scope, module);
        }
        scope
    }

    /// Gathers a variable, its elements included. Beyond the limit of variables nothing more is
    /// added, and that is said once.
    fn variable(
        &mut self,
        scope: ScopeId,
        prefix: &str,
        variable: &Variable,
        behavior: Behavior,
        origin: VariableOrigin,
    ) {
        let path = format!("{prefix}{}", variable.name);
        let first = self
            .world
            .entities
            .last()
            .map_or(0, |entity| entity.first_cell as usize + entity.cells);
        if first > self.limits.operations {
            if self.problems.is_empty() {
                let message =
                    format!("the model has more than {} variables", self.limits.operations);
                self.problems.push(Problem::new(ProblemKind::Limit, message));
            }
            return;
        }
        let shared = Arc::new(variable.clone());
        match self.world.add(scope, path.clone(), shared, first, self.limits) {
            Ok(id) => {
                let inherited = match variable.kind {
                    Kind::Stock => behavior.stocks_non_negative,
                    Kind::Flow => behavior.flows_non_negative,
                    _ => false,
                };
                let entity = &mut self.world.entities[id];
                entity.origin = Some(origin);
                entity.non_negative = variable.non_negative.unwrap_or(inherited);
                if !has_cells(variable) {
                    entity.cells = 0;
                }
            }
            Err(problem) => self.problems.push(problem.of(&path, "")),
        }
    }

    /// Gathers a module: the names of its model, under its own. Faults: a model that is not in the
    /// file, contains itself, is nested too deep or has simulation settings of its own.
    fn module(&mut self, scope: ScopeId, prefix: &str, module: &Variable, above: &mut Vec<usize>) {
        let wanted = canonical_name(module.model_name.as_deref().unwrap_or(&module.name));
        let named = |model: &ModelPart| canonical_name(&model.name) == wanted;
        let fault = |kind, message: String| Problem::new(kind, message).of(&module.name, "");
        let Some(index) = self.document.models.iter().position(named) else {
            let message = format!("the module's model {wanted} is not in the file");
            return self.problems.push(fault(ProblemKind::Unknown, message));
        };
        if above.contains(&index) {
            let message = "the module contains itself".to_owned();
            return self.problems.push(fault(ProblemKind::Circular, message));
        }
        let instances = self.world.scopes.len();
        if above.len() >= self.limits.module_depth || instances > self.limits.array_elements {
            let message = format!("modules are nested more than {} deep", self.limits.module_depth);
            return self.problems.push(fault(ProblemKind::Limit, message));
        }
        if self.document.models[index].simulation.is_some() {
            let message = "a submodel with simulation settings of its own is not simulated";
            return self.problems.push(fault(ProblemKind::Unsupported, message.to_owned()));
        }
        let inner = self.model(index, &format!("{prefix}{}.", module.name), above);
        let key = canonical_name(&module.name);
        self.world.scopes[scope].modules.insert(key.clone(), inner);
        self.world.all_modules.entry(key).or_insert(inner);
    }

    /// Ties a module's inputs to the values they stand for. The target is a qualified name in the
    /// model that holds the module, or a name inside the module; the source is looked for in the
    /// holding model. A leading dot is passed over where the name is found without it. A name tied
    /// to itself is passed over.
    fn connect(&mut self, scope: ScopeId, module: &Variable) {
        let Some(&inner) = self.world.scopes[scope].modules.get(&canonical_name(&module.name))
        else {
            return;
        };
        for connection in &module.connections {
            let entity = |world: &NameTable, scope, name: &str| match world.resolve(scope, name) {
                Some(NamedTarget::Entity(id)) => Some(*id),
                _ => None,
            };
            let (to, from) = (qualified(&connection.to), qualified(&connection.from));
            let near = |name: &str| name.strip_prefix('.').unwrap_or(name).to_owned();
            let target = if to.starts_with('.') {
                entity(self.world, scope, &near(&to)).or_else(|| entity(self.world, scope, &to))
            } else {
                entity(self.world, scope, &to)
                    .filter(|_| to.contains('.'))
                    .or_else(|| entity(self.world, inner, &to))
            };
            let source = entity(self.world, scope, &near(&from))
                .or_else(|| entity(self.world, scope, &from));
            match (target, source) {
                (Some(target), Some(source)) if target != source => {
                    let known = self.world.entities[target].alias.replace(source);
                    if known.is_some_and(|known| known != source) {
                        let message = "the input is connected to two values";
                        let fault = Problem::new(ProblemKind::Duplicate, message);
                        self.problems.push(fault.of(&self.world.entities[target].path, ""));
                    }
                }
                (Some(_), Some(_)) => {}
                (target, _) => {
                    let missing = if target.is_none() { &connection.to } else { &connection.from };
                    let message = format!("the connection's {missing} is not a variable");
                    self.problems
                        .push(Problem::new(ProblemKind::Unknown, message).of(&module.name, ""));
                }
            }
        }
    }
}

/// Models of one name: a module of that name could stand for either. That of the root may be left
/// out, of one model.
fn models_named_twice(document: &Document) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let twice = document.models.iter().filter(|model| !seen.insert(canonical_name(&model.name)));
    let said = |model: &ModelPart| match model.name.as_str() {
        "" => "two models have no name".to_owned(),
        name => format!("two models have the name {name}"),
    };
    twice.map(|model| Problem::new(ProblemKind::Duplicate, said(model))).collect()
}

/// A name of several parts, each in its canonical form.
fn qualified(name: &str) -> String {
    name.split('.').map(canonical_name).collect::<Vec<_>>().join(".")
}

/// A graphical function that nothing is put through has no value of its own.
pub(crate) fn has_cells(variable: &Variable) -> bool {
    let has_equation = variable.equations.iter().any(|text| !is_blank(text))
        || variable.elements.iter().any(|element| element.equation.is_some());
    let has_table = variable.graphical.is_some()
        || variable.elements.iter().any(|element| element.graphical.is_some());
    variable.kind != Kind::GraphicalFunction && (has_equation || !has_table)
}
