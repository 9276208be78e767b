//! Help, completion, man pages, and the kubectl plugin.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use super::asked::{Said, run};

#[test]
fn every_shell_gets_a_completion() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = run(&["completion", shell]);
        assert_eq!(said.code, 0, "{shell}");
        assert!(said.out.contains("exit-status"), "{shell}");
    }
    // bash itself reads it, and completes.
    let script = format!(
        "{}\nCOMP_WORDS=(dagtrail ta); COMP_CWORD=1; _dagtrail dagtrail ta dagtrail; echo \"${{COMPREPLY[@]}}\"",
        run(&["completion", "bash"]).out
    );
    let done = Command::new("bash").args(["-c", &script]).output().unwrap();
    let replies = String::from_utf8(done.stdout).unwrap();
    assert_eq!(
        replies.trim(),
        "tail",
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

#[test]
fn every_command_has_a_manual_page() {
    let page = run(&["man"]).out;
    assert!(page.contains(".TH dagtrail 1"), "{page}");
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        run(&["man", "--dir", folder.path().to_str().unwrap()]).code,
        0
    );
    for name in [
        "dagtrail",
        "dagtrail-tail",
        "dagtrail-get-events",
        "dagtrail-emit",
        "dagtrail-query",
    ] {
        let page = fs::read_to_string(folder.path().join(format!("{name}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{name}");
    }
}

#[test]
fn called_as_a_kubectl_plugin_it_speaks_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("kubectl-execution_events");
    symlink(env!("CARGO_BIN_EXE_dagtrail"), &plugin).unwrap();
    let call = |args: &[&str]| -> Said {
        let mut command = Command::new(&plugin);
        command
            .args(args)
            .env_remove("DAGTRAIL_SERVER")
            .env("KUBECONFIG", "/nowhere");
        command.stdin(Stdio::null()).output().unwrap().into()
    };
    let help = call(&["--help"]);
    assert!(
        help.out
            .contains("Usage: kubectl execution-events <COMMAND>"),
        "{}",
        help.out
    );
    let mut lines = help.out.lines();
    assert!(
        !lines.any(|line| line.trim_start().starts_with("serve ")),
        "{}",
        help.out
    );
    let help = call(&["tail", "--help"]);
    assert!(
        help.out.contains("Usage: kubectl execution-events tail"),
        "{}",
        help.out
    );
    assert!(
        call(&["completion", "bash"])
            .out
            .contains("kubectl-execution_events")
    );
    // It goes through the cluster unless an address is given.
    let said = call(&["get", "executions"]);
    assert!(
        said.code == 1 && said.err.contains("kubeconfig"),
        "{}",
        said.err
    );
    let said = call(&["get", "executions", "--server", "http://127.0.0.1:1"]);
    assert!(said.err.contains("http://127.0.0.1:1"), "{}", said.err);
    let own = run(&["--help"]);
    assert!(
        own.out.contains("Usage: dagtrail <COMMAND>") && own.out.contains("serve"),
        "{}",
        own.out
    );
}

#[test]
fn the_krew_manifest_has_the_sum_of_every_archive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let said = run(&["krew-manifest", "--tag", "v1.2.3", "--archives", path]);
    assert!(
        said.code == 1 && said.err.contains(".tar.gz is needed"),
        "{}",
        said.err
    );
    for target in [
        "x86_64-unknown-linux-musl",
        "aarch64-unknown-linux-musl",
        "x86_64-apple-darwin",
        "aarch64-apple-darwin",
    ] {
        fs::write(
            folder.path().join(format!("dagtrail-{target}.tar.gz")),
            "abc",
        )
        .unwrap();
    }
    let said = run(&["krew-manifest", "--tag", "v1.2.3", "--archives", path]);
    insta::assert_snapshot!("krew_manifest", said.out);
    // FIPS 180-2, appendix B.1: the sum of "abc".
    let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(said.out.matches(sum).count(), 4);
    let manifest: serde_json::Value = serde_saphyr::from_str(&said.out).unwrap();
    let short = manifest["spec"]["shortDescription"].as_str().unwrap();
    assert!(short.len() < 50, "krew cuts it: {short}");
    assert_eq!(
        run(&["krew-manifest", "--tag", "1.2", "--archives", path]).code,
        1
    );
}
