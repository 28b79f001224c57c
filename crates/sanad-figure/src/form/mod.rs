//! One module per form.
pub mod tile_map;
