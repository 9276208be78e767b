//! Patterns that are texts and plain parameters, which nearly all are: filled without asking Fluent, since every row that
//! is read has one. Pure.

use fluent_syntax::ast::{Expression, InlineExpression, Pattern, PatternElement};

use super::Param;

enum Piece<S> {
    Text(S),
    Param(S),
}

/// A pattern, piece by piece.
pub(super) struct Template<S>(Vec<Piece<S>>);

impl<S: AsRef<str> + Clone> Template<S> {
    /// Of a pattern; none if there is more in it.
    pub(super) fn of(pattern: &Pattern<S>) -> Option<Self> {
        let pieces = pattern.elements.iter().map(|element| match element {
            PatternElement::TextElement { value } => Some(Piece::Text(value.clone())),
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::VariableReference { id }),
            } => Some(Piece::Param(id.name.clone())),
            PatternElement::Placeable { .. } => None,
        });
        pieces.collect::<Option<_>>().map(Self)
    }

    /// The names of its parameters.
    pub(super) fn names(&self) -> Vec<&str> {
        let pieces = self.0.iter();
        let names = pieces.filter_map(|piece| match piece {
            Piece::Param(name) => Some(name.as_ref()),
            Piece::Text(_) => None,
        });
        names.collect()
    }

    /// Whether there is nothing in it that anybody sees.
    pub(super) fn is_blank(&self) -> bool {
        let mut pieces = self.0.iter();
        pieces.all(|piece| matches!(piece, Piece::Text(text) if text.as_ref().trim().is_empty()))
    }

    /// The text; none if a parameter is missing or empty. Of two with one name the first that says something counts.
    pub(super) fn fill(&self, params: &[Param<'_>]) -> Option<String> {
        let given = |name: &str| {
            let mut params = params.iter();
            let found = params.find(|(known, value)| *known == name && !value.is_empty());
            found.map(|(_, value)| *value)
        };
        let mut text = String::with_capacity(128);
        for piece in &self.0 {
            match piece {
                Piece::Text(piece) => text.push_str(piece.as_ref()),
                Piece::Param(name) => text.push_str(given(name.as_ref())?),
            }
        }
        Some(text)
    }
}
