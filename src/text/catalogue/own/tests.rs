//! What operators may add, and what is refused of it.

use super::*;
use crate::text::{Facts, Lang, render};

/// Only one test at a time changes the words of the process.
static TURN: parking_lot::Mutex<()> = parking_lot::Mutex::new(());

fn addition(from: &str, namespace: Option<&str>, zh: &str, en: &str) -> Addition {
    Addition {
        from: from.into(),
        namespace: namespace.map(str::to_owned),
        zh: zh.into(),
        en: en.into(),
    }
}

/// The faults of two files as `key: problem`.
fn faults(zh: &str, en: &str) -> (usize, Vec<String>) {
    let (own, faults) = Own::of(&[addition("here", None, zh, en)]);
    let shown = faults
        .iter()
        .map(|fault| format!("{}: {}", fault.key, fault.problem));
    (own.entries(), shown.collect())
}

fn words(code: &str, message: &str, params: &[(&str, &str)], namespace: &str) -> (String, String) {
    let facts = Facts {
        code,
        params,
        reason: code,
        message,
        namespace,
    };
    let words = render(&facts, Lang::Both);
    (words.reason.into_owned(), words.message.into_owned())
}

const ZH: &str = "reason-FluxLow = 通量不足\nmessage-FluxLow = 元素({ $elem })通量不足.\n    .detail = 元素({ $elem })通量不足: { $detail }\nphrase-FluxLow-below = 通量低于{ $limit }\n";
const EN: &str = "reason-FluxLow = FluxLow\nmessage-FluxLow = Element({ $elem }) is low on flux.\n    .detail = Element({ $elem }) is low on flux: { $detail }\nphrase-FluxLow-below = Flux is below { $limit }\n";

#[test]
fn a_reason_gets_its_words_its_message_and_the_translation_of_its_wording_and_loses_them_again() {
    let _turn = TURN.lock();
    let before = (version(), epoch());
    let (own, faults) = Own::of(&[addition("here", None, ZH, EN)]);
    assert_eq!((own.entries(), faults), (3, vec![]));
    assert!(adopt(own));
    assert!(version() > before.0 && epoch() != before.1);
    let low = |message, params: &[(&str, &str)]| words("FluxLow", message, params, "team");
    assert_eq!(
        low("", &[("elem", "a")]),
        (
            "通量不足##FluxLow".to_owned(),
            "元素(a)通量不足. ## Element(a) is low on flux.".to_owned()
        )
    );
    assert_eq!(
        low("", &[("elem", "a"), ("detail", "3 W")]).1,
        "元素(a)通量不足: 3 W ## Element(a) is low on flux: 3 W"
    );
    assert_eq!(low("", &[]).1, "", "never half a sentence");
    assert_eq!(
        low("Flux is below 3 W", &[]).1,
        "通量低于3 W ## Flux is below 3 W"
    );
    assert_eq!(low("as it is", &[]).1, "as it is ## as it is");
    let same = Own::of(&[addition("there", None, ZH, EN)]).0;
    assert!(!adopt(same), "the same words change nothing");
    assert!(adopt(Own::default()));
    assert_eq!(low("", &[("elem", "a")]).0, "FluxLow##FluxLow");
    assert_eq!(epoch(), before.1);
}

#[test]
fn what_a_namespace_adds_is_for_its_own_events_and_after_what_is_for_all() {
    let _turn = TURN.lock();
    let only = |zh: &str, code: &str| {
        (
            format!("reason-{code} = {zh}\n"),
            format!("reason-{code} = {code}\n"),
        )
    };
    let (all, team) = (only("总", "TokamakA"), only("队", "TokamakA"));
    let other = only("队", "TokamakB");
    let (own, faults) = Own::of(&[
        addition("all", None, &all.0, &all.1),
        addition(
            "team",
            Some("team"),
            &(team.0 + &other.0),
            &(team.1 + &other.1),
        ),
    ]);
    assert_eq!((own.entries(), faults), (3, vec![]));
    adopt(own);
    let reason = |code, namespace| words(code, "", &[], namespace).0;
    assert_eq!(reason("TokamakA", "team"), "总##TokamakA");
    assert_eq!(reason("TokamakA", "elsewhere"), "总##TokamakA");
    assert_eq!(reason("TokamakB", "team"), "队##TokamakB");
    assert_eq!(reason("TokamakB", "elsewhere"), "TokamakB##TokamakB");
    adopt(Own::default());
}

#[test]
fn the_words_of_dagtrail_stay_and_a_wording_may_be_added_to_them() {
    let _turn = TURN.lock();
    let zh = "reason-BackOff = 坏\nmessage-ActionStart = 坏\nphrase-BackOff-odd = 奇怪{ $what }\n";
    let en =
        "reason-BackOff = BackOff\nmessage-ActionStart = bad\nphrase-BackOff-odd = Odd { $what }\n";
    let (own, faults) = Own::of(&[addition("here", None, zh, en)]);
    assert_eq!(own.entries(), 1);
    let shown: Vec<_> = faults
        .iter()
        .map(|fault| (&*fault.key, &*fault.problem))
        .collect();
    let ours = "dagtrail has words of its own for it, which stay";
    assert_eq!(
        shown,
        [("reason-BackOff", ours), ("message-ActionStart", ours)]
    );
    adopt(own);
    assert_eq!(
        words("BackOff", "Odd thing", &[], ""),
        (
            "回退等待##BackOff".to_owned(),
            "奇怪thing ## Odd thing".to_owned()
        )
    );
    adopt(Own::default());
}

#[test]
fn a_bad_entry_is_told_with_what_is_wrong_and_the_good_ones_are_taken() {
    let good = ("reason-TestGood = 好\n", "reason-TestGood = TestGood\n");
    for (zh, en, told) in [
        (
            "",
            "reason-A1x = A1x",
            "reason-A1x: it is in en.ftl, and not in zh.ftl",
        ),
        (
            "reason-A1x = 甲",
            "",
            "reason-A1x: it is in zh.ftl, and not in en.ftl",
        ),
        (
            "reason-A1x = 甲",
            "reason-A1x = Other",
            "reason-A1x: in English a reason is called by its code, A1x",
        ),
        (
            "reason-A1x = { $a }",
            "reason-A1x = { $a }",
            "reason-A1x: a reason has no parameters",
        ),
        (
            "reason-A1x = 甲\n    .b = 乙",
            "reason-A1x = A1x\n    .b = c",
            "reason-A1x: only a message has attributes",
        ),
        (
            "message-A1x = { $a }",
            "message-A1x = { $b }",
            "message-A1x: the parameters differ: zh.ftl has [a], en.ftl [b]",
        ),
        (
            "message-A1x = 甲",
            "message-A1x = { NUMBER($a) }",
            "message-A1x: en.ftl: only text and { $parameters } are taken",
        ),
        (
            "message-A1x = 甲\n    .b = 乙",
            "message-A1x = a\n    .c = b",
            "message-A1x: zh.ftl and en.ftl have other attributes",
        ),
        (
            "phrase-A1x-b = { $a }{ $b }",
            "phrase-A1x-b = { $a }{ $b }",
            "phrase-A1x-b: en.ftl: a wording is one line, with some text between two parameters",
        ),
        (
            "word-A1x = 甲",
            "word-A1x = a",
            "word-A1x: a key is reason-<Code>",
        ),
        (
            "reason-A1x-y = 甲",
            "reason-A1x-y = a",
            "reason-A1x-y: a key is reason-<Code>",
        ),
        (
            "phrase-A1x = 甲",
            "phrase-A1x = a",
            "phrase-A1x: a key is reason-<Code>",
        ),
        ("-term = 甲", "", "-term: zh.ftl: terms are not used here"),
        ("reason-A1x", "", "reason-A1x: zh.ftl cannot be read here: "),
        (
            "reason-TestGood = 又\n",
            "",
            "reason-TestGood: it stands twice in zh.ftl: the first is used",
        ),
    ] {
        let (entries, faults) = faults(&[good.0, zh].concat(), &[good.1, en].concat());
        assert_eq!(entries, 1, "{zh:?} {en:?}: the good one is taken");
        assert!(
            faults.len() == 1 && faults[0].starts_with(told),
            "{zh:?} {en:?}: {faults:?}"
        );
    }
}

#[test]
fn the_first_file_that_states_a_key_is_used_and_a_large_one_is_not_read() {
    let file = |from: &str| {
        addition(
            from,
            None,
            "reason-TestTwice = 二\n",
            "reason-TestTwice = TestTwice\n",
        )
    };
    let large = addition("large", None, &"#".repeat(MOST + 1), "");
    let (own, faults) = Own::of(&[file("one"), file("two"), large]);
    assert_eq!(own.entries(), 1);
    let shown: Vec<_> = faults
        .iter()
        .map(|fault| (&*fault.from, &*fault.key))
        .collect();
    assert_eq!(shown, [("two", "reason-TestTwice"), ("large", "zh.ftl")]);
    assert!(faults[1].problem.contains("256 KiB"), "{:?}", faults[1]);
}
