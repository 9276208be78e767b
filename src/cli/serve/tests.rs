//! Flags, files and defaults, and which of them wins.

use std::fs;
use std::time::Duration;

use clap::Parser;

use super::settings::DATA_DIR;
use super::values::{Lasting, Network};
use super::*;
use crate::app::{Engine, Kube, Settings};
use crate::model::Rules;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

fn parse(line: &[&str]) -> Args {
    Line::parse_from([&["dagtrail"], line].concat()).args
}

#[test]
fn flags_win_over_the_file_and_the_file_over_defaults() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(
        &file,
        "listen: 127.0.0.1:9000\nkube: required\nclusterName: from-file\n",
    )
    .unwrap();
    let path = file.path().to_str().unwrap();
    let (settings, _) = parse(&["--config", path, "--kube", "off"])
        .settings()
        .unwrap();
    assert_eq!(settings.listen.port(), 9000);
    assert_eq!(settings.kube, Kube::Off);
    assert_eq!(settings.cluster_name.as_deref(), Some("from-file"));
    assert_eq!(settings.store, DATA_DIR);
}

#[test]
fn a_time_is_read_as_the_api_server_reads_it() {
    let ttl = |line: &[&str]| parse(line).settings().unwrap().0.event_ttl;
    let hours = |hours: u64| Some(Duration::from_secs(hours * 3600));
    assert_eq!(ttl(&["--event-ttl", "3h0m0s"]), hours(3));
    assert_eq!(ttl(&["--event-ttl", "60m"]), hours(1));
    assert_eq!(ttl(&[]), None);
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, "eventTtl: 2h\n").unwrap();
    assert_eq!(ttl(&["--config", file.path().to_str().unwrap()]), hours(2));
    for wrong in ["0s", "-1h", "soon", ""] {
        assert!(wrong.parse::<Lasting>().is_err(), "{wrong}");
    }
}

#[test]
fn engines_are_all_some_or_none() {
    let engines = |line: &[&str]| parse(line).settings().unwrap().0.engines;
    assert_eq!(engines(&[]), None);
    assert_eq!(engines(&["--engines"]), Some(vec![]));
    let some = Some(vec![Engine::Argo, Engine::Kueue]);
    assert_eq!(engines(&["--engines=argo,kueue"]), some);
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, "engines: [argo, kueue]\nwatchNamespace: team-a\n").unwrap();
    let path = file.path().to_str().unwrap();
    assert_eq!(engines(&["--config", path]), some);
    let settings = parse(&["--config", path]).settings().unwrap().0;
    assert_eq!(settings.watch_namespace.as_deref(), Some("team-a"));
    assert!(Line::try_parse_from(["dagtrail", "--engines=airflow"]).is_err());
}

#[test]
fn proxies_are_networks_or_addresses_and_a_lab_is_off_unless_asked_for() {
    let settings = |line: &[&str]| parse(line).settings().unwrap().0;
    let shown = |settings: &Settings| {
        let nets = settings.trusted_proxies.iter();
        nets.map(ToString::to_string).collect::<Vec<_>>()
    };
    let given = ["--trusted-proxy", "10.0.0.0/8", "--trusted-proxy", "::1"];
    let given = settings(&[&given[..], &["--nublado-user-label"]].concat());
    assert_eq!(shown(&given), ["10.0.0.0/8", "::1/128"]);
    let label = |settings: Settings| settings.nublado_user_label;
    assert_eq!(label(given).as_deref(), Some("nublado.lsst.io/user"));
    assert_eq!(label(settings(&[])), None);
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(
        &file,
        "trustedProxies: [10.1.0.0/16]\nnubladoUserLabel: lab/of\n",
    )
    .unwrap();
    let given = settings(&["--config", file.path().to_str().unwrap()]);
    assert_eq!(shown(&given), ["10.1.0.0/16"]);
    assert_eq!(label(given).as_deref(), Some("lab/of"));
    for wrong in ["10.0.0.0/33", "localhost", ""] {
        assert!(wrong.parse::<Network>().is_err(), "{wrong}");
    }
}

#[test]
fn alone_is_without_a_cluster_unless_one_is_asked_for() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, "kube: required\n").unwrap();
    let path = file.path().to_str().unwrap();
    for (line, kube) in [
        (&[][..], Kube::Off),
        (&["--kube", "auto"], Kube::Auto),
        (&["--config", path], Kube::Required),
    ] {
        let (settings, _) = parse(line).alone().unwrap().settings().unwrap();
        assert_eq!(settings.kube, kube, "{line:?}");
    }
}

#[test]
fn a_setting_that_does_not_exist_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, "lisen: 127.0.0.1:9000\n").unwrap();
    let error = parse(&["--config", file.path().to_str().unwrap()])
        .settings()
        .unwrap_err();
    let error = format!("{error:#}");
    assert!(
        error.ends_with("there is no setting lisen: did you mean listen?"),
        "{error}"
    );
}

#[test]
fn rules_come_from_flags_over_files_over_defaults() {
    let rules = |line: &[&str]| parse(line).settings().map(|(settings, _)| settings.rules);
    assert_eq!(rules(&[]).unwrap(), Rules::default());
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(
        &file,
        "age: 7d\nmaxRows: 9\npolicies: [{namespaces: [a], age: off}]\n",
    )
    .unwrap();
    let config = tempfile::NamedTempFile::new().unwrap();
    let text = format!(
        "retentionFile: {}\nretentionMaxBytes: 1Gi\n",
        file.path().display()
    );
    fs::write(&config, text).unwrap();
    let config = config.path().to_str().unwrap();
    let found = rules(&["--config", config, "--retention", "off"]).unwrap();
    assert_eq!(
        (found.age, found.bytes, found.rows),
        (None, Some(1 << 30), Some(9))
    );
    assert_eq!(found.policies.len(), 1);
    fs::write(&file, "agee: 7d\n").unwrap();
    let error = format!("{:#}", rules(&["--config", config]).unwrap_err());
    assert!(error.contains("agee"), "{error}");
}
