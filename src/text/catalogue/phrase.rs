//! Recognising a message that its emitter words in a known way. Pure.

use fluent_syntax::ast::{Expression, InlineExpression, Pattern, PatternElement};
use memchr::memmem;

/// The fixed texts of an English phrase and the parameters between them.
///
/// Kubernetes and its kin publish messages as finished English. The English phrase of the catalogue
/// is the format they use, and so it is also what finds the parameters again.
pub(super) struct Shape<S> {
    head: Option<S>,
    /// Each parameter with the text that follows it, if there is any.
    rest: Vec<(S, Option<S>)>,
}

impl<S: AsRef<str> + Clone> Shape<S> {
    /// The shape of a phrase; none if it holds anything but a line of text and plain parameters, or
    /// two parameters that nothing separates.
    pub(super) fn of(phrase: &Pattern<S>) -> Option<Self> {
        let mut shape = Self {
            head: None,
            rest: Vec::new(),
        };
        let mut open = false;
        for element in &phrase.elements {
            match element {
                PatternElement::TextElement { value } => {
                    let place = match shape.rest.last_mut() {
                        Some((_, tail)) => tail,
                        None => &mut shape.head,
                    };
                    // Of more than one line: a message has one.
                    if place.replace(value.clone()).is_some() {
                        return None;
                    }
                    open = false;
                }
                PatternElement::Placeable {
                    expression: Expression::Inline(InlineExpression::VariableReference { id }),
                } if !open => {
                    shape.rest.push((id.name.clone(), None));
                    open = true;
                }
                PatternElement::Placeable { .. } => return None,
            }
        }
        Some(shape)
    }

    /// The parameters of a message of this shape; each holds at least one character, and ends
    /// where the text that follows it is first found.
    pub(super) fn read<'m>(&'m self, message: &'m str) -> Option<Vec<(&'m str, &'m str)>> {
        let text = |of: &'m Option<S>| of.as_ref().map_or("", AsRef::as_ref);
        let mut left = message.strip_prefix(text(&self.head))?;
        let mut params = Vec::with_capacity(self.rest.len());
        let Some(((last, end), between)) = self.rest.split_last() else {
            return left.is_empty().then_some(params);
        };
        for (name, tail) in between {
            let tail = text(tail);
            let at = memmem::find(left.as_bytes(), tail.as_bytes())?;
            params.push((name.as_ref(), left.get(..at)?));
            left = left.get(at + tail.len()..)?;
        }
        params.push((last.as_ref(), left.strip_suffix(text(end))?));
        params
            .iter()
            .all(|(_, value)| !value.is_empty())
            .then_some(params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(phrase: &'static str) -> Option<Shape<&'static str>> {
        let source: &'static str = Box::leak(format!("phrase = {phrase}\n").into_boxed_str());
        let resource = fluent_syntax::parser::parse(source).expect("Fluent");
        match resource.body.first() {
            Some(fluent_syntax::ast::Entry::Message(message)) => {
                Shape::of(message.value.as_ref().expect("a value"))
            }
            _ => panic!("not a message"),
        }
    }

    #[test]
    fn a_shape_reads_back_what_was_put_in() {
        let shape = shape("Scaled up { $set } from { $from } to { $to }.").expect("a shape");
        assert_eq!(
            shape.read("Scaled up web-1 from 0 to 3."),
            Some(vec![("set", "web-1"), ("from", "0"), ("to", "3")])
        );
        for other in [
            "Scaled up web-1 from 0 to 3",
            "Scaled up  from 0 to 3.",
            "scaled up a from 0 to 3.",
            "",
        ] {
            assert_eq!(shape.read(other), None, "{other}");
        }
    }

    #[test]
    fn a_phrase_without_parameters_matches_only_itself() {
        let shape = shape("Job completed").expect("a shape");
        assert_eq!(shape.read("Job completed"), Some(vec![]));
        assert_eq!(shape.read("Job completed."), None);
    }

    #[test]
    fn a_phrase_that_cannot_be_read_back_has_no_shape() {
        assert!(shape("{ $a }{ $b }").is_none());
        assert!(shape("{ NUMBER($a) } pods").is_none());
    }
}
