//! Patterns that are texts and plain parameters, which nearly all are: filled without asking Fluent, since every row that
//! is read has one. Pure.

use fluent_syntax::ast::{Expression, InlineExpression, Pattern, PatternElement};

use super::Param;

enum Piece {
    Text(&'static str),
    Param(&'static str),
}

/// A pattern, piece by piece.
pub(super) struct Template(Vec<Piece>);

impl Template {
    /// Of a pattern; none if there is more in it.
    pub(super) fn of(pattern: &Pattern<&'static str>) -> Option<Self> {
        let pieces = pattern.elements.iter().map(|element| match element {
            PatternElement::TextElement { value } => Some(Piece::Text(value)),
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::VariableReference { id }),
            } => Some(Piece::Param(id.name)),
            PatternElement::Placeable { .. } => None,
        });
        pieces.collect::<Option<_>>().map(Self)
    }

    /// The names of its parameters.
    #[cfg(test)]
    pub(super) fn names(&self) -> Vec<&'static str> {
        let pieces = self.0.iter();
        let names = pieces.filter_map(|piece| match piece {
            Piece::Param(name) => Some(*name),
            Piece::Text(_) => None,
        });
        names.collect()
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
                Piece::Text(piece) => text.push_str(piece),
                Piece::Param(name) => text.push_str(given(name)?),
            }
        }
        Some(text)
    }
}
