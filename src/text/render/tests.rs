//! What readers see, by example and by property.

use proptest::prelude::*;

use super::*;

fn words(facts: &Facts<'_>, lang: Lang) -> (String, String) {
    let words = render(facts, lang);
    (words.reason.into_owned(), words.message.into_owned())
}

fn in_all(facts: &Facts<'_>) -> [(String, String); 3] {
    [Lang::Zh, Lang::En, Lang::Both].map(|lang| words(facts, lang))
}

fn given<'a>(reason: &'a str, message: &'a str) -> Facts<'a> {
    Facts {
        code: code_of(reason),
        params: &[],
        reason,
        message,
        namespace: "",
    }
}

#[test]
fn the_three_events_of_the_gcs_sample_come_out_byte_for_byte() {
    for (code, elem, reason, message) in [
        (
            "SuccessfulFinish",
            "job-a-init",
            "执行成功##SuccessfulFinish",
            "元素(job-a-init)执行create成功. ## Element(job-a-init) execute Action: create successfully",
        ),
        (
            "ActionStart",
            "job-c-init",
            "启动##ActionStart",
            "元素(job-c-init)开始执行(create)流程. ## Element(job-c-init) start to Action(create).",
        ),
        (
            "ActionStart",
            "job-d-init",
            "启动##ActionStart",
            "元素(job-d-init)开始执行(create)流程. ## Element(job-d-init) start to Action(create).",
        ),
    ] {
        let params = [("elem", elem), ("action", "create")];
        let derived = Facts {
            code,
            params: &params,
            ..Facts::default()
        };
        let [zh, en, both] = in_all(&derived);
        assert_eq!(both, (reason.to_owned(), message.to_owned()));
        // Told by a client as they are, they are served as they are.
        assert_eq!(in_all(&given(reason, message)), [zh, en, both]);
    }
}

#[test]
fn a_known_code_gets_its_word_and_a_raw_message_stays_in_both_halves() {
    let facts = given("FailedScheduling", "volume binding is odd");
    assert_eq!(
        in_all(&facts),
        [
            ("调度失败".to_owned(), "volume binding is odd".to_owned()),
            (
                "FailedScheduling".to_owned(),
                "volume binding is odd".to_owned()
            ),
            (
                "调度失败##FailedScheduling".to_owned(),
                "volume binding is odd ## volume binding is odd".to_owned()
            ),
        ]
    );
    assert!(render(&facts, Lang::En).translated);
}

#[test]
fn a_known_wording_is_translated_and_its_english_is_verbatim() {
    for (reason, message, zh) in [
        (
            "SuccessfulCreate",
            "Created pod: demo-x7k2p",
            "已创建Pod：demo-x7k2p",
        ),
        ("Completed", "Job completed", "Job已完成"),
        (
            "BackoffLimitExceeded",
            "Job has reached the specified backoff limit",
            "Job已达到规定的回退次数限制",
        ),
        (
            "BackOff",
            "Back-off restarting failed container main in pod a_b(0f3c)",
            "容器main（Pod a_b(0f3c)）反复失败，正在回退等待重启",
        ),
        (
            "Pulled",
            "Container image \"a:1\" already present on machine",
            "容器镜像“a:1”已在节点上",
        ),
        (
            "Scheduled",
            "Successfully assigned default/a to node-1",
            "已将default/a分配到节点node-1",
        ),
        (
            "FailedScheduling",
            "0/3 nodes are available: 3 Insufficient cpu.",
            "3个节点中有0个可用：3 Insufficient cpu.",
        ),
    ] {
        let [in_zh, in_en, both] = in_all(&given(reason, message));
        assert_eq!(in_zh.1, zh, "{reason}");
        assert_eq!(in_en.1, message);
        assert_eq!(both.1, join_message(&in_zh.1, message));
    }
}

#[test]
fn the_prefix_of_a_combined_event_is_translated_with_its_message() {
    let facts = given(
        "SuccessfulCreate",
        "(combined from similar events): Created pod: a",
    );
    assert_eq!(words(&facts, Lang::Zh).1, "（合并自相似事件）已创建Pod：a");
    assert_eq!(words(&facts, Lang::En).1, facts.message);
}

#[test]
fn an_unknown_reason_passes_through_and_is_never_blank() {
    let facts = given("FluxCapacitorLow", "");
    assert_eq!(
        in_all(&facts).map(|(reason, _)| reason),
        [
            "FluxCapacitorLow",
            "FluxCapacitorLow",
            "FluxCapacitorLow##FluxCapacitorLow"
        ]
    );
    assert!(!render(&facts, Lang::Both).translated);
    for reason in ["", "  "] {
        let nothing = given(reason, "");
        assert_eq!(
            in_all(&nothing).map(|(reason, _)| reason),
            ["未知", "Unknown", "未知##Unknown"]
        );
        assert!(!render(&nothing, Lang::Both).translated);
    }
}

#[test]
fn a_message_that_nobody_gave_and_nothing_can_make_stays_empty() {
    for facts in [
        given("BackOff", ""),
        given("NobodyKnows", ""),
        given("ActionStart", ""),
        Facts {
            code: "ActionStart",
            params: &[("elem", "a")],
            ..Facts::default()
        },
        Facts {
            code: "ActionStart",
            params: &[("elem", "a"), ("action", "")],
            ..Facts::default()
        },
    ] {
        assert_eq!(in_all(&facts).map(|(_, message)| message), ["", "", ""]);
    }
}

#[test]
fn a_message_is_split_only_if_its_reason_was_a_pair() {
    let message = "左 ## right";
    assert_eq!(
        words(&given("启动##ActionStart", message), Lang::Zh).1,
        "左"
    );
    assert_eq!(
        words(&given("启动##ActionStart", message), Lang::En).1,
        "right"
    );
    let plain = given("Custom", message);
    assert_eq!(words(&plain, Lang::Zh).1, message);
    assert_eq!(words(&plain, Lang::En).1, message);
    assert_eq!(
        words(&plain, Lang::Both).1,
        "左 #\u{200B}# right ## 左 #\u{200B}# right"
    );
}

#[test]
fn a_pair_keeps_its_own_words_even_where_the_catalogue_has_others() {
    let facts = given("开工##ActionStart", "done");
    assert_eq!(
        in_all(&facts),
        [
            ("开工".to_owned(), "done".to_owned()),
            ("ActionStart".to_owned(), "done".to_owned()),
            ("开工##ActionStart".to_owned(), "done ## done".to_owned()),
        ]
    );
}

#[test]
fn a_mark_in_a_parameter_does_not_break_the_pair() {
    let params = [("elem", "a ## b"), ("action", "run##")];
    let facts = Facts {
        code: "ActionStart",
        params: &params,
        ..Facts::default()
    };
    let both = words(&facts, Lang::Both).1;
    let pair = split_message(&both).expect("a pair");
    assert_eq!(pair.zh, "元素(a #\u{200B}# b)开始执行(run#\u{200B}#)流程.");
    assert_eq!(
        words(&facts, Lang::Zh).1,
        "元素(a ## b)开始执行(run##)流程."
    );
}

proptest! {
    #[test]
    fn whatever_is_stored_a_reader_gets_a_reason_and_both_can_be_split(
        code in "[A-Za-z]{0,12}|\\PC{0,12}",
        reason in "\\PC{0,20}|[a-z#]{0,6}##[A-Z][a-z]{0,6}",
        message in "\\PC{0,40}|([a-z]|#| ## ){0,10}",
        params in prop::collection::vec(("elem|action|detail|done", "\\PC{0,8}|#{0,3}"), 0..4),
    ) {
        let params: Vec<_> = params.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let facts = Facts { code: &code, params: &params, reason: &reason, message: &message, namespace: "" };
        let [zh, en, both] = in_all(&facts);
        prop_assert!([&zh.0, &en.0, &both.0].iter().all(|reason| !reason.trim().is_empty()));
        prop_assert!(both.0.contains("##"));
        prop_assert_eq!(zh.1.is_empty(), both.1.is_empty());
        if !both.1.is_empty() {
            let bare = |text: &str| text.replace('\u{200B}', "");
            let pair = split_message(&both.1).expect("both halves");
            prop_assert_eq!(bare(pair.zh), bare(&zh.1));
            prop_assert_eq!(bare(pair.en), bare(&en.1));
        }
    }
}

#[test]
fn a_code_without_a_template_of_its_own_takes_that_of_another() {
    let params = [
        ("elem", "w1"),
        ("code", "NEW_CODE"),
        (TEMPLATE, "WorkerMessageCode"),
    ];
    let facts = |code| Facts {
        code,
        params: &params,
        ..Facts::default()
    };
    let words = render(&facts("NEW_CODE"), Lang::Both);
    assert_eq!(words.reason, "NEW_CODE##NEW_CODE");
    assert_eq!(
        words.message,
        "工作机(w1)报告NEW_CODE. ## Worker(w1) reports NEW_CODE."
    );
    let words = render(&facts("HARNESS_STARTED"), Lang::En);
    assert_eq!(words.message, "The harness of worker(w1) has started.");
}
