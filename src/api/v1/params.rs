//! The query parameters of the native routes, as the description of the routes tells of them. Pure.
//!
//! What is written here is what [`Ask`](super::ask::Ask) and the list of executions take: a value that fits is taken, one
//! that does not is refused.

use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{KnownFormat, Object, ObjectBuilder, Required, SchemaFormat, Type};

use super::{ask, executions, gcs};

/// Not only of white space.
const FILLED: &str = r"\S";

/// Of a history.
pub(in crate::api) struct History;

impl IntoParams for History {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let header = |name, told| parameter(ParameterIn::Header, name, told, text());
        vec![
            query(
                "type",
                "Only rows of this type: `Normal`, `Warning`, or what another emitter wrote.",
                filled(),
            ),
            query("elemType", "Only rows of this element type.", text()),
            query("elemId", "Only rows of this element.", text()),
            query("actionName", "Only rows of this action.", text()),
            query(
                "reason",
                "Only rows of this reason: a code, or a pair.",
                filled(),
            ),
            query(
                "since",
                "Only rows last seen at this time or later.",
                time(),
            ),
            query(
                "until",
                "Only rows first seen at this time or earlier; a time in whole seconds stands for all of its second.",
                time(),
            ),
            query(
                "order",
                "The earliest first, or the latest. Not of a stream, which has an order of its own.",
                one_of(&["asc", "desc"]),
            ),
            query(
                "limit",
                "At most so many rows. Not of a stream, which has no end.",
                number(1, Some(ask::MAX_LIMIT)),
            ),
            query(
                "cursor",
                "Where a page begins, out of `Link`: made by this server, for this path, filter and order.",
                filled(),
            ),
            query(
                "lang",
                "Chinese, English, or both in one text, which is the default.",
                one_of(&["zh", "en", "both"]),
            ),
            query("view", "More keys than the eleven.", one_of(&["full"])),
            query(
                "lastEventId",
                "As the header `Last-Event-ID`, for who cannot set one.",
                text(),
            ),
            header("Last-Event-ID", "Of a stream: begin behind this id."),
            header("If-None-Match", "The `ETag` of what is known already."),
        ]
    }
}

/// Of the list of executions.
pub(in crate::api) struct Executions;

impl IntoParams for Executions {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let words: Vec<_> = std::iter::once("").chain(gcs::WORDS).collect();
        vec![
            query("project_id", "Only those of this tenant.", text()),
            query("name", "Only those whose name contains this.", text()),
            query(
                "workflow_name",
                "Only those of this workflow. Workflows are not recorded: nothing passes.",
                text(),
            ),
            query(
                "batch_name",
                "Only those of this batch. Batches are not recorded: nothing passes.",
                text(),
            ),
            query(
                "status",
                "Only those with this status; no recorded execution is ever in one of the last four.",
                one_of(&words),
            ),
            query(
                "since",
                "Only those that were last told of at this time or later.",
                time(),
            ),
            query(
                "until",
                "Only those that began at this time or earlier; a time in whole seconds stands for all of its second.",
                time(),
            ),
            query("view", "With a summary of each history.", one_of(&["full"])),
            query(
                "offset",
                "How many to leave out; together with `limit`.",
                number(0, None),
            ),
            query(
                "limit",
                "At most so many, together with `offset`; of the full view 200 are the most.",
                number(0, Some(executions::MAX_LIMIT)),
            ),
        ]
    }
}

/// Of an export.
pub(in crate::api) struct Export;

impl IntoParams for Export {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            query(
                "execution",
                "Only this execution, by its id or an alias, with those that it is united with.",
                text(),
            ),
            query("namespace", "Only executions of this namespace.", text()),
            query(
                "since",
                "Only executions that were told of at this time or later.",
                time(),
            ),
        ]
    }
}

fn query(name: &str, told: &str, schema: ObjectBuilder) -> Parameter {
    parameter(ParameterIn::Query, name, told, schema)
}

fn parameter(at: ParameterIn, name: &str, told: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(at)
        .required(Required::False)
        .description(Some(told))
        .schema(Some(schema))
        .build()
}

fn text() -> ObjectBuilder {
    Object::builder().schema_type(Type::String)
}

fn filled() -> ObjectBuilder {
    text().min_length(Some(1)).pattern(Some(FILLED))
}

/// RFC 3339.
fn time() -> ObjectBuilder {
    text().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}

fn one_of(words: &[&str]) -> ObjectBuilder {
    text().enum_values(Some(words.iter().copied()))
}

fn number(least: usize, most: Option<usize>) -> ObjectBuilder {
    Object::builder()
        .schema_type(Type::Integer)
        .minimum(Some(least))
        .maximum(most)
}
