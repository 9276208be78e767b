//! The static binary in a root folder that has nothing else in it, as a user without a name: as in its image. Does I/O.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::chart;
use crate::server::{Server, output};

/// The user of the image and of the chart.
const USER: u32 = 65532;

/// The binary that `scripts/static.sh` builds. `None` where it was not: said on standard error, and a failure if `CI` is
/// `true`.
fn binary() -> Option<PathBuf> {
    let ordinary = Path::new(env!("CARGO_BIN_EXE_dagtrail"));
    let target = ordinary.ancestors().nth(2).unwrap();
    let binary = target.join("static/debug/dagtrail");
    if !binary.exists() {
        let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!is_ci, "no static binary, and CI=true");
        eprintln!("NOT RUN: there is no static binary: `scripts/static.sh` builds it");
        return None;
    }
    Some(binary)
}

/// Whether this process may change its root folder by itself; otherwise it becomes root in a namespace of its own.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// The binary in this root folder.
fn inside(root: &Path, args: &[&str]) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("chroot");
        command.arg(format!("--userspec={USER}:{USER}"));
        command
    } else {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "chroot"]);
        command
    };
    command
        .arg(root)
        .arg("/dagtrail")
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// A folder with the binary and a place for the data, and nothing else.
fn root(binary: &Path) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let inside = root.path().join("dagtrail");
    fs::copy(binary, &inside).unwrap();
    fs::set_permissions(&inside, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(root.path().join("data")).unwrap();
    if is_root() {
        chown(root.path().join("data"), Some(USER), Some(USER)).unwrap();
    }
    root
}

/// A program that asks for no interpreter needs no shared library.
fn interpreter(elf: &[u8]) -> bool {
    let number = |at: usize, width: usize| {
        let bytes = elf[at..at + width].iter().rev();
        bytes.fold(0usize, |number, byte| number << 8 | usize::from(*byte))
    };
    assert_eq!(&elf[..6], b"\x7fELF\x02\x01", "64 bits, lowest byte first");
    let (headers, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    (0..count).any(|header| number(headers + header * size, 4) == 3)
}

#[tokio::test]
async fn it_serves_from_an_empty_root_without_any_library() {
    let Some(binary) = binary() else { return };
    let ordinary = fs::read(env!("CARGO_BIN_EXE_dagtrail")).unwrap();
    assert!(interpreter(&ordinary), "the ordinary one is not static");
    assert!(!interpreter(&fs::read(&binary).unwrap()));

    let root = root(&binary);
    let args = [
        "serve",
        "--listen=127.0.0.1:0",
        "--kube=off",
        "--data-dir=/data",
    ];
    let server = Server::spawn(inside(root.path(), &args));
    let ready = reqwest::get(format!("{}/readyz", server.url))
        .await
        .unwrap();
    assert_eq!(ready.text().await.unwrap(), "ok");
    let first = "2026-01-01T00:00:01Z";
    let emit = [
        "emit",
        "nightly",
        "--reason",
        "ActionStart",
        "--first",
        first,
    ];
    let url = server.url.clone();
    let ask = |args: &[&str]| output(&[args, &["--server", &url]].concat());
    let (well, _, said) = ask(&emit);
    assert!(well, "{said}");
    let events = ["get", "events", "nightly", "-o", "json", "--lang", "zh"];
    let (well, printed, said) = ask(&events);
    assert!(well, "{said}");
    let events: Vec<Value> = serde_json::from_str(&printed).unwrap();
    assert_eq!(events.len(), 1);
    let process = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    if is_root() {
        let user = process
            .lines()
            .find(|line| line.starts_with("Uid:"))
            .unwrap();
        assert_eq!(user.split_whitespace().nth(1), Some("65532"));
    }
    assert!(server.terminate(), "it ends well");

    let mut there: Vec<_> = fs::read_dir(root.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    assert_eq!(there, ["dagtrail", "data"], "nothing was written elsewhere");
}

#[test]
fn the_image_is_that_binary_with_that_user_and_nothing_else() {
    let file = chart::text("Dockerfile");
    let (build, image) = file.split_once("\nFROM scratch\n").unwrap();
    assert!(build.contains("RUN scripts/static.sh --release"));
    let lines: Vec<_> = image
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let copies: Vec<_> = lines
        .iter()
        .filter(|line| line.starts_with("COPY"))
        .collect();
    let copy = "COPY --from=build /src/target/static/release/dagtrail /dagtrail";
    assert_eq!(copies, [&copy]);
    assert!(!image.contains("RUN"), "there is nothing that could run");
    assert!(lines.contains(&"USER 65532:65532"));
    assert!(lines.contains(&r#"ENTRYPOINT ["/dagtrail"]"#));
    let values = &chart::documents("values", &chart::text("charts/dagtrail/values.yaml"))[0];
    assert_eq!(values["podSecurityContext"]["runAsUser"], USER);
    let toolchain = chart::text("rust-toolchain.toml");
    let version = toolchain.split('"').nth(1).unwrap();
    let (minor, _) = version.rsplit_once('.').unwrap();
    assert!(build.contains(&format!("FROM rust:{minor}-")), "{version}");
}
