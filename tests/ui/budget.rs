//! What the page may weigh and name.

use dagtrail::server::assets::packed;
use dagtrail::ui::{ASSETS, DOCS};

/// On the wire, for all of it.
const MOST: usize = 100 * 1024;
/// The same of the page of the API, with the description that it is made of.
const MOST_DOCS: usize = 24 * 1024;

#[test]
fn the_page_weighs_at_most_a_hundred_kibibytes_on_the_wire() {
    let sizes: Vec<_> = ASSETS
        .iter()
        .map(|asset| packed(asset.bytes).len())
        .collect();
    let all: usize = sizes.iter().sum();
    println!("the page weighs {all} bytes");
    assert!(all <= MOST, "{all} bytes are more than {MOST}");
}

#[test]
fn the_page_of_the_api_weighs_at_most_twenty_four_kibibytes_on_the_wire() {
    let description = dagtrail::api::openapi().to_json().unwrap();
    let files = DOCS.iter().map(|asset| packed(asset.bytes).len());
    let all = files.sum::<usize>() + packed(description.as_bytes()).len();
    println!("the page of the API weighs {all} bytes");
    assert!(all <= MOST_DOCS, "{all} bytes are more than {MOST_DOCS}");
}

#[test]
fn every_file_of_the_pages_is_served_and_names_no_other_origin() {
    for (folder, assets) in [("page", &ASSETS[..]), ("docs", &DOCS)] {
        let path = format!("{}/src/ui/{folder}", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(path).unwrap().count();
        assert_eq!(
            files,
            assets.len(),
            "a file of src/ui/{folder} is not served"
        );
    }
    for asset in ASSETS.iter().chain(&DOCS) {
        let text = std::str::from_utf8(asset.bytes).unwrap();
        let text = text.replace("http://www.w3.org/2000/svg", "");
        for foreign in [
            "http://",
            "https://",
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "eval(",
            "document.write",
            "EventSource(",
        ] {
            assert!(!text.contains(foreign), "{:?} holds {foreign}", asset.paths);
        }
    }
}
