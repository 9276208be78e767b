//! Every encoding of every type: what real protobuf accepts is accepted, what it reads is what is read. The oracle's
//! descriptors are made of the discovery document, at the time of the test.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::clients;
use crate::inside::{Server, read};

#[path = "../../../src/api/dataflow/proto/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "the dialect itself uses more of it"
)]
mod proto;

use self::proto::schema::{Field, Kind, Message, Shape};
use self::proto::{Node, REQUEST, decode};

/// One place for each type and shape; `@` is where the value goes. All are of messages of a kind that is stored.
const PLACES: [(&str, &str); 26] = [
    ("location", r#"{"location": @}"#),
    ("messages", r#"{"workerMessages": @}"#),
    ("message", r#"{"worker_messages": [@]}"#),
    ("time", r#"{"workerMessages": [{"time": @}]}"#),
    ("labels", r#"{"workerMessages": [{"labels": @}]}"#),
    (
        "label",
        r#"{"workerMessages": [{"labels": {"JOB_ID": @}}]}"#,
    ),
    (
        "bool",
        r#"{"workerMessages": [{"workerHealthReport": {"vmIsHealthy": @}}]}"#,
    ),
    (
        "string",
        r#"{"workerMessages": [{"worker_health_report": {"vm_broken_code": @}}]}"#,
    ),
    (
        "timestamp",
        r#"{"workerMessages": [{"workerHealthReport": {"vmStartupTime": @}}]}"#,
    ),
    (
        "duration",
        r#"{"workerMessages": [{"workerHealthReport": {"report_interval": @}}]}"#,
    ),
    (
        "structs",
        r#"{"workerMessages": [{"workerHealthReport": {"pods": @}}]}"#,
    ),
    (
        "struct",
        r#"{"workerMessages": [{"workerMessageCode": {"parameters": @}}]}"#,
    ),
    (
        "any",
        r#"{"workerMessages": [{"workerMessageCode": {"parameters": {"b": [@], "a": @}}}]}"#,
    ),
    (
        "report",
        r#"{"workerMessages": [{"workerHealthReport": @}]}"#,
    ),
    (
        "oneof",
        r#"{"workerMessages": [{"workerHealthReport": @, "workerShutdownNotice": @}]}"#,
    ),
    (
        "enum",
        r#"{"workerMessages": [{"workerLifecycleEvent": {"event": @}}]}"#,
    ),
    (
        "map",
        r#"{"workerMessages": [{"workerMetrics": {"containers": @}}]}"#,
    ),
    (
        "map of messages",
        r#"{"workerMessages": [{"workerMetrics": {"containers": {"b": {}, "a": @}}}]}"#,
    ),
    (
        "uint64",
        r#"{"workerMessages": [{"workerMetrics": {"cpuTime": [{"totalMs": @}]}}]}"#,
    ),
    (
        "double",
        r#"{"workerMessages": [{"workerMetrics": {"cpu_time": [{"rate": @}]}}]}"#,
    ),
    (
        "int64",
        r#"{"workerMessages": [{"workerMetrics": {"memoryInfo": [{"currentOoms": @}]}}]}"#,
    ),
    (
        "int32",
        r#"{"workerMessages": [{"workerThreadScalingReport": {"currentThreadCount": @}}]}"#,
    ),
    (
        "scalar oneof",
        r#"{"workerMessages": [{"perWorkerMetrics": {"perStepNamespaceMetrics": [{"metricValues": [{"valueInt64": @}]}]}}]}"#,
    ),
    (
        "int64s",
        r#"{"workerMessages": [{"perWorkerMetrics": {"perStepNamespaceMetrics": [{"metricValues": [{"valueHistogram": {"bucketCounts": @}}]}]}}]}"#,
    ),
    (
        "unknown field",
        r#"{"workerMessages": [{"workerHealthReport": {"foo": @}}]}"#,
    ),
    ("root", "@"),
];

const VALUES: [&str; 86] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "5",
    "5.0",
    "5.5",
    "1e3",
    "1E-2",
    "-7",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e30",
    "1e400",
    "01",
    "+1",
    "NaN",
    "Infinity",
    "'x'",
    r#""""#,
    r#"" ""#,
    r#""5""#,
    r#"" 5""#,
    r#""5 ""#,
    r#""5.0""#,
    r#""1e3""#,
    r#""-7""#,
    r#""5.5""#,
    r#""0x5""#,
    r#""true""#,
    r#""9223372036854775807""#,
    r#""9223372036854775808""#,
    r#""18446744073709551615""#,
    r#""18446744073709551616""#,
    r#""NaN""#,
    r#""nan""#,
    r#""Infinity""#,
    r#""-Infinity""#,
    r#""\u4e2d\ud83d\ude00""#,
    r#""\ud800""#,
    r#""OS_START""#,
    r#""os_start""#,
    r#""UNKNOWN_EVENT""#,
    r#""2026-11-21T00:00:00Z""#,
    r#""2026-11-21T00:00:00.1Z""#,
    r#""2026-11-21T00:00:00.123456Z""#,
    r#""2026-11-21T00:00:00.123456789Z""#,
    r#""2026-11-21T00:00:00.1234567891Z""#,
    r#""2026-11-21T01:00:00.5+01:00""#,
    r#""2026-11-20T16:00:00-08:00""#,
    r#""2026-11-21t00:00:00Z""#,
    r#""2026-11-21T00:00:00z""#,
    r#""2026-11-21 00:00:00Z""#,
    r#""2026-11-21T00:00:00""#,
    r#""2026-02-30T00:00:00Z""#,
    r#""2026-11-21T00:00:60Z""#,
    r#""0001-01-01T00:00:00Z""#,
    r#""9999-12-31T23:59:59.999999999Z""#,
    r#""10000-01-01T00:00:00Z""#,
    r#""10s""#,
    r#""1.5s""#,
    r#""-1.000000001s""#,
    r#""0s""#,
    r#""10""#,
    r#""10m""#,
    r#""s""#,
    r#""315576000000s""#,
    r#""315576000001s""#,
    "[]",
    "[1]",
    r#"["2", 3]"#,
    "[null]",
    "{}",
    r#"{"a": "b"}"#,
    r#"{"a": 1, "a": 2}"#,
];

/// Where we do not do as json_format does, and why.
const DIFFERENCES: [(&str, &str, &str); 23] = [
    ("message", r#""""#, EMPTY),
    ("message", "[]", EMPTY),
    ("any", "1e400", RANGE),
    ("any", "NaN", NO_JSON),
    ("any", "Infinity", NO_JSON),
    ("report", r#""""#, EMPTY),
    ("report", "[]", EMPTY),
    ("enum", "true", PYTHON),
    ("enum", "false", PYTHON),
    ("enum", "5.5", PYTHON),
    ("enum", "1E-2", PYTHON),
    ("enum", "9007199254740993", RANGE),
    ("enum", "-9223372036854775808", RANGE),
    ("enum", r#"" 5""#, PYTHON),
    ("enum", r#""5 ""#, PYTHON),
    ("map of messages", r#""""#, EMPTY),
    ("map of messages", "[]", EMPTY),
    ("double", "true", PYTHON),
    ("double", "false", PYTHON),
    ("double", r#"" 5""#, PYTHON),
    ("double", r#""5 ""#, PYTHON),
    ("root", r#""""#, EMPTY),
    ("root", "[]", EMPTY),
];
const EMPTY: &str = "json_format takes every empty Python value for an empty object; the mapping asks for an object";
const PYTHON: &str =
    "json_format hands it to Python's int() or float(), which know more numbers than the mapping";
const RANGE: &str = "it does not fit into the type, which json_format leaves unseen";
const NO_JSON: &str = "it is no JSON";

/// What the oracle says of the schema, and of each body.
fn oracle(bodies: &[String]) -> (Value, Vec<Value>) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dialects/dataflow");
    let mut child = clients::python("dataflow", "")
        .arg(format!("{folder}/oracle.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines: Vec<String> = bodies.iter().map(|body| json!(body).to_string()).collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.join("\n").as_bytes()).unwrap());
    let said = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(said.status.success(), "the oracle has failed");
    let said = String::from_utf8(said.stdout).unwrap();
    let mut lines = said.lines().map(|line| serde_json::from_str(line).unwrap());
    let schema = lines.next().unwrap();
    (schema, lines.collect())
}

/// What we read of a body; nothing if it is refused.
fn ours(body: &str) -> Option<Value> {
    let Node::Object(pairs) = serde_json::from_str(body).ok()? else {
        return None;
    };
    let mut violations = Vec::new();
    let read = decode(&pairs, &REQUEST, "", &mut violations);
    violations.is_empty().then_some(read)
}

/// Equal, however a number is written.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, one)| other.get(key).is_some_and(|other| same(one, other)))
        }
        _ => one == other,
    }
}

fn kind(field: &Field) -> Value {
    let shape = match field.shape {
        Shape::One => "one",
        Shape::Many => "many",
        Shape::Map => "map",
    };
    let (kind, names): (String, &[&str]) = match field.kind {
        Kind::Int32 => ("int32".into(), &[]),
        Kind::Int64 => ("int64".into(), &[]),
        Kind::Uint64 => ("uint64".into(), &[]),
        Kind::Double => ("double".into(), &[]),
        Kind::Bool => ("bool".into(), &[]),
        Kind::Text => ("string".into(), &[]),
        Kind::Timestamp => ("timestamp".into(), &[]),
        Kind::Duration => ("duration".into(), &[]),
        Kind::Struct => ("struct".into(), &[]),
        Kind::Enum(_, names) => ("enum".into(), names),
        Kind::Message(message) => (format!("${}", message.name), &[]),
    };
    json!([shape, kind, names])
}

fn schema(message: &'static Message, found: &mut BTreeMap<String, BTreeMap<String, Value>>) {
    if found.contains_key(message.name) {
        return;
    }
    let fields = message.fields.iter();
    let shown = fields
        .map(|field| (field.name.to_owned(), kind(field)))
        .collect();
    found.insert(message.name.to_owned(), shown);
    for field in message.fields {
        if let Kind::Message(inner) = field.kind {
            schema(inner, found);
        }
    }
}

#[test]
fn no_message_and_no_field_of_the_discovery_document_is_missing_or_of_another_type() {
    let (theirs, _) = oracle(&[]);
    let mut found = BTreeMap::new();
    schema(&REQUEST, &mut found);
    println!(
        "discovery document of revision {}: {} messages",
        theirs["revision"],
        found.len()
    );
    assert_eq!(json!(found), theirs["messages"]);
}

#[tokio::test]
async fn what_protobuf_accepts_is_accepted_and_read_as_it_reads_it() {
    let server = Server::in_memory().await;
    let places = PLACES
        .iter()
        .flat_map(|place| VALUES.map(|value| (place, value)));
    let cases: Vec<_> = places
        .map(|((name, place), value)| (*name, value, place.replace('@', value)))
        .collect();
    let bodies: Vec<String> = cases.iter().map(|(_, _, body)| body.clone()).collect();
    let (_, verdicts) = oracle(&bodies);
    assert_eq!(verdicts.len(), cases.len());
    let (mut differences, mut accepted, mut spread) = (Vec::new(), 0, Vec::new());
    for ((place, value, body), verdict) in cases.iter().zip(&verdicts) {
        assert_eq!(verdict["body"], **body);
        let read_as = ours(body);
        let theirs = verdict["accepts"].as_bool().unwrap();
        accepted += usize::from(theirs);
        if theirs != read_as.is_some() {
            differences.push((*place, *value));
        } else if let Some(read_as) = &read_as
            && !same(read_as, &verdict["value"])
        {
            spread.push(format!(
                "{body}\n  they: {}\n  we:   {read_as}",
                verdict["value"]
            ));
        }
        // And over HTTP.
        let request = server
            .client
            .post(format!("{}/v1b3/projects/p/WorkerMessages", server.base));
        let request = request
            .header("content-type", "application/json")
            .body(body.clone());
        let (status, answer) = read(request.send().await.unwrap()).await;
        let is_far = answer["error"]["message"]
            .as_str()
            .is_some_and(|told| told.contains("is outside the years"));
        assert_eq!(
            status == 200 || is_far,
            read_as.is_some(),
            "{body}: {answer}"
        );
        assert!(status == 200 || status == 400, "{body}: {answer}");
    }
    println!("{} bodies, {accepted} accepted by protobuf", cases.len());
    for (place, value, why) in &DIFFERENCES {
        println!("differs on purpose: {place} {value}: {why}");
    }
    assert!(spread.is_empty(), "read otherwise:\n{}", spread.join("\n"));
    let marked: Vec<_> = DIFFERENCES
        .iter()
        .map(|(place, value, _)| (*place, *value))
        .collect();
    assert_eq!(differences, marked);
}
