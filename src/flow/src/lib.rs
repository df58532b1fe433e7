//! `.flow` bundles and the VisualFlow documents inside them, compiled to plans the engine can step.

mod nodes;
mod python;
