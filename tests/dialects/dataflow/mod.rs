//! Google Dataflow's workerMessages, spoken by Google's clients and held to real protobuf.

mod bad_input;
mod encodings;
mod history;
mod real_clients;
