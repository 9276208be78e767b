//! The page in a real browser: Debian's Chromium, against the real binary.
//!
//! Each test starts a server of its own and a program of `browser/` that uses the page as people do, and says what
//! holds. `install.sh` gets the browser; where it cannot be had the tests say so and do nothing, and with `CI=true` that
//! is a failure. `UPDATE=1` writes the pictures of the README anew, `docs/images/*.png`.

#[path = "../process/server.rs"]
#[expect(dead_code, reason = "it is shared with tests that do more with it")]
mod server;

mod budget;
mod programs;

use std::fs;

use self::server::{Server, dagtrail};

/// SHA-256 of `all` and of `team`, as `sha256sum` prints them.
const TOKENS: &str = "
tokens:
- name: all
  sha256: 5ef5ef0364b6939c4ca61f34b393f7b368d1be8619647aaf83d5b395919ab629
- name: team
  sha256: ca8b22d0db83a22db163b560b3e4e51527e533d31d067b614a0c33c4d2df8432
  namespaces: [team]
";

fn holds(program: &str, server: &Server) {
    programs::holds(program, &server.url, &[]);
}

fn empty() -> Server {
    let flags = ["--listen", "127.0.0.1:0", "--kube", "off", "--in-memory"];
    Server::spawn(dagtrail(&[&["serve"], &flags[..]].concat()))
}

#[test]
fn the_demo_is_understood_at_a_glance_in_both_languages_and_by_everybody() {
    let flags = ["demo", "--listen", "127.0.0.1:0", "--in-memory"];
    holds("demo", &Server::spawn(dagtrail(&flags)));
}

#[test]
fn the_demo_at_once_is_the_picture_of_a_terminal() {
    let flags = ["--color", "always", "--lang", "en", "--tz", "UTC"];
    let (fine, printed, said) = server::output(&[&["demo", "--once"], &flags[..]].concat());
    assert!(fine, "{said}");
    programs::holds("once", "about:blank", &[("PRINTED", &printed)]);
}

#[test]
fn the_page_of_the_api_shows_every_route_that_is_described() {
    holds("docs", &empty());
}

#[test]
fn eight_tabs_answer_and_hold_one_stream_together() {
    holds("tabs", &empty());
}

#[test]
fn each_state_of_an_element_has_its_shape() {
    holds("shapes", &empty());
}

#[test]
fn what_is_hostile_stays_text() {
    holds("hostile", &empty());
}

#[test]
fn ten_thousand_rows_are_scrolled_with_few_in_the_document() {
    holds("long", &empty());
}

#[test]
fn a_server_with_tokens_is_asked_with_one() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens.yaml");
    fs::write(&tokens, TOKENS).unwrap();
    let flags = ["--listen", "127.0.0.1:0", "--kube", "off", "--in-memory"];
    let tokens = ["serve", "--token-file", tokens.to_str().unwrap()];
    holds(
        "token",
        &Server::spawn(dagtrail(&[&tokens, &flags[..]].concat())),
    );
}
