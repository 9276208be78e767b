//! The shape of what is posted, where a type alone cannot say it. Pure.

use std::borrow::Cow;

use utoipa::openapi::schema::{AllOfBuilder, AnyOfBuilder, ArrayBuilder, Schema};
use utoipa::openapi::{KnownFormat, Object, Ref, RefOr, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::items::MAX_ITEMS;
use super::wire::NewEvent as Keys;

type Schemas = Vec<(String, RefOr<Schema>)>;

/// One event, or an array of them.
pub(in crate::api) struct NewEvents;

/// One event: its keys, and that one of the times has to be there.
pub(in crate::api) struct NewEvent;

impl PartialSchema for NewEvents {
    fn schema() -> RefOr<Schema> {
        let one = Ref::from_schema_name(NewEvent::name());
        let many = ArrayBuilder::new().items(one.clone());
        let any = AnyOfBuilder::new()
            .item(one)
            .item(many.max_items(Some(MAX_ITEMS)));
        any.description(Some(
            "An event, or an array of them; none only begins the execution.",
        ))
        .into()
    }
}

impl ToSchema for NewEvents {
    fn name() -> Cow<'static, str> {
        "NewEvents".into()
    }

    fn schemas(schemas: &mut Schemas) {
        schemas.push((NewEvent::name().into(), NewEvent::schema()));
        NewEvent::schemas(schemas);
    }
}

impl PartialSchema for NewEvent {
    fn schema() -> RefOr<Schema> {
        let time = || {
            let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
            Object::builder()
                .schema_type(Type::String)
                .format(Some(format))
        };
        let has = |key: &str| Object::builder().property(key, time()).required(key);
        let times = AnyOfBuilder::new()
            .item(has("firstTimestamp"))
            .item(has("lastTimestamp"));
        let both = AllOfBuilder::new()
            .item(Ref::from_schema_name(Keys::name()))
            .item(times);
        both.description(Some(
            "An event as it is posted: the keys of an event as it is read, and three more. `reason` and one of the two \
             times are required, and the last is not before the first.",
        ))
        .into()
    }
}

impl ToSchema for NewEvent {
    fn name() -> Cow<'static, str> {
        "NewEvent".into()
    }

    fn schemas(schemas: &mut Schemas) {
        schemas.push((Keys::name().into(), Keys::schema()));
        Keys::schemas(schemas);
    }
}
