//! What the page may weigh and name.

use dagtrail::server::assets::packed;
use dagtrail::ui::ASSETS;

/// On the wire, for all of it.
const MOST: usize = 100 * 1024;

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
fn every_file_of_the_page_is_served_and_names_no_other_origin() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ui/page");
    let files = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(
        files,
        ASSETS.len(),
        "a file of src/ui/page is not in ASSETS"
    );
    for asset in &ASSETS {
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
