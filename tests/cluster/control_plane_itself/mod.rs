//! The control plane for tests is a real one, and can be made to misbehave.

mod controllers;
mod recorder;
mod trouble;
