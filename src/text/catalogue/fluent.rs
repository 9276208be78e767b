//! What we need of Fluent: bundles, the names in a pattern, formatting without holes. Pure.

use std::collections::BTreeSet;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Message, Pattern, PatternElement},
    parser,
};
use unic_langid::LanguageIdentifier;

use super::Param;

/// The texts of one language. Shared between threads, hence the concurrent kind.
pub(super) type Bundle = FluentBundle<FluentResource>;

pub(super) fn bundle(language: &str) -> Bundle {
    let language: LanguageIdentifier = language.parse().expect("zh and en are language tags");
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // The marks would be bytes inside our texts that no reader of the contract expects.
    bundle.set_use_isolating(false);
    bundle
}

/// The files are part of this binary and a test holds that they parse; were one broken after all,
/// the rest of it is still worth having.
pub(super) fn resource(source: &str) -> FluentResource {
    FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial)
}

/// The messages of a file, in its order.
pub(super) fn messages(source: &'static str) -> impl Iterator<Item = Message<&'static str>> {
    let resource = parser::parse_runtime(source).unwrap_or_else(|(partial, _)| partial);
    resource.body.into_iter().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message),
        _ => None,
    })
}

/// The names of all parameters in a pattern.
pub(super) fn parameters(pattern: &Pattern<&'static str>) -> BTreeSet<&'static str> {
    fn of_expression(expression: &Expression<&'static str>, names: &mut BTreeSet<&'static str>) {
        match expression {
            Expression::Inline(inline) => of_inline(inline, names),
            Expression::Select { selector, variants } => {
                of_inline(selector, names);
                for variant in variants {
                    names.extend(parameters(&variant.value));
                }
            }
        }
    }
    fn of_inline(inline: &InlineExpression<&'static str>, names: &mut BTreeSet<&'static str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                names.insert(id.name);
            }
            InlineExpression::Placeable { expression } => of_expression(expression, names),
            InlineExpression::FunctionReference { arguments, .. } => {
                for argument in &arguments.positional {
                    of_inline(argument, names);
                }
            }
            _ => {}
        }
    }
    let mut names = BTreeSet::new();
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            of_expression(expression, &mut names);
        }
    }
    names
}

/// None if the key is absent or Fluent reports an error, such as a missing parameter.
pub(super) fn format(
    bundle: &Bundle,
    key: &str,
    attribute: Option<&str>,
    params: &[Param<'_>],
) -> Option<String> {
    let message = bundle.get_message(key)?;
    let pattern = match attribute {
        Some(attribute) => message.get_attribute(attribute)?.value(),
        None => message.value()?,
    };
    let mut args = FluentArgs::with_capacity(params.len());
    // Backwards, so that the first of two with one name stays.
    for (name, value) in params.iter().rev().filter(|(_, value)| !value.is_empty()) {
        args.set(*name, *value);
    }
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&args), &mut errors);
    errors.is_empty().then(|| text.into_owned())
}
