//! A node's name as its author wrote it, from the full name that Pods and Events carry. Pure.

/// `A` of `run.main.A`, `[0]` of `run[0]`, `A(0:x.y)` of `run.A(0:x.y)`: what `displayName` says of the same node.
/// What belongs to the Workflow as a whole keeps its full name.
pub(super) fn name<'a>(full: &'a str, workflow: &str) -> &'a str {
    let Some(path) = full.strip_prefix(workflow) else {
        return full;
    };
    let begins = path.chars().next();
    if path == ".onExit" || !matches!(begins, Some('.' | '[')) {
        return full;
    }
    // Items of a loop stand in parentheses, and may hold anything.
    let names = path.split_once('(').map_or(path, |(names, _)| names);
    let dot = names.rfind('.').map(|at| at + 1);
    let group = names.rfind('[');
    let begin = dot.max(group).unwrap_or_default();
    &path[begin..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_of_a_path_is_shown() {
        let shown = [
            ("run", "run"),
            ("run(0)", "run(0)"),
            ("run.A", "A"),
            ("run.A(1)", "A(1)"),
            ("run.A(0:x.y[z])", "A(0:x.y[z])"),
            ("run.nested.B", "B"),
            ("run[0]", "[0]"),
            ("run[0].step", "step"),
            ("run.A[1].inner(2)", "inner(2)"),
            ("run.onExit", "run.onExit"),
            ("another", "another"),
            ("", ""),
        ];
        for (full, expected) in shown {
            assert_eq!(name(full, "run"), expected, "{full}");
        }
        assert_eq!(name("a.b", "a.b"), "a.b");
    }
}
