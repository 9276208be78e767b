//! A bit that is not what was written: found out, or of no consequence, but never served.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use dagtrail::store::verify;

use crate::dice::Dice;
use crate::{ground, is_thorough, seed, told};

/// Flips of a thorough run, and of a quick one.
const ALL: usize = 10_000;
const SAMPLE: usize = 300;

/// What becomes of a flip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    RefusedAtOpening,
    RefusedAtReading,
    WithoutConsequence,
}

/// What kind of file it is, for the table.
fn kind(path: &Path) -> String {
    let extension = path
        .extension()
        .map(|name| name.to_string_lossy().into_owned());
    let parent = path.parent().and_then(Path::file_name);
    match (extension.as_deref(), parent) {
        (Some("jnl"), _) => "journal".into(),
        (_, Some(parent)) if parent == "tables" => "tables".into(),
        _ => {
            let name = path.file_name().unwrap().to_string_lossy();
            let is_list = name.starts_with('v') && name[1..].parse::<u64>().is_ok();
            if is_list { "lists".into() } else { name.into() }
        }
    }
}

fn flip(path: &Path, bit: u64) {
    let mut bytes = fs::read(path).unwrap();
    bytes[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
    // The file may be shared with other copies.
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Opens a copy with a flipped bit and reads all; panics if it says anything but the truth.
fn fate(template: &Path, file: &Path, bit: u64, truth: &str) -> Fate {
    let folder = ground::folder();
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    ground::copy(template, &one);
    flip(&one.join(file), bit);
    let fate = match ground::open(&one, &told::options()) {
        Err(_) => Fate::RefusedAtOpening,
        Ok(store) => match told::spoken(&*store) {
            Err(_) => Fate::RefusedAtReading,
            Ok(said) => {
                assert!(
                    said == truth,
                    "bit {bit} of {} is served as truth",
                    file.display()
                );
                Fate::WithoutConsequence
            }
        },
    };
    if fate != Fate::WithoutConsequence {
        ground::copy(template, &other);
        flip(&other.join(file), bit);
        let told = verify(&other).pop().is_some_and(|last| last.found.is_err());
        assert!(
            told,
            "bit {bit} of {}: the doctor does not tell",
            file.display()
        );
    }
    fate
}

#[test]
fn a_flipped_bit_is_found_or_changes_nothing() {
    let folder = ground::folder();
    let template = folder.path().join("template");
    ground::filled(&template, 450);
    let truth = {
        let copy = folder.path().join("copy");
        ground::copy(&template, &copy);
        let checked = verify(&copy);
        assert!(checked.iter().all(|one| one.found.is_ok()), "{checked:?}");
        told::spoken(&*ground::open(&copy, &told::options()).unwrap()).unwrap()
    };
    let files: Vec<(PathBuf, u64)> = ground::files(&template)
        .into_iter()
        .map(|path| {
            let bits = fs::metadata(&path).unwrap().len() * 8;
            (path.strip_prefix(&template).unwrap().to_owned(), bits)
        })
        .collect();
    let tables = files
        .iter()
        .filter(|(path, _)| kind(path) == "tables")
        .count();
    assert!(tables >= 10, "only {tables} tables");
    let (seed, bits) = (seed(), files.iter().map(|(_, bits)| bits).sum::<u64>());
    let mut dice = Dice::new(seed);
    let wanted = if is_thorough() { ALL } else { SAMPLE };
    // By far most bits are those of the journal and of tables; so every other flip is in any of the files.
    let mut flips = Vec::new();
    for at in 0..wanted {
        if at % 2 == 0 {
            let (path, bits) = &files[usize::try_from(dice.roll(files.len() as u64)).unwrap()];
            if *bits > 0 {
                flips.push((path, dice.roll(*bits)));
                continue;
            }
        }
        let mut bit = dice.roll(bits);
        let hit = files.iter().find(|(_, bits)| {
            let is_hit = bit < *bits;
            if !is_hit {
                bit -= bits;
            }
            is_hit
        });
        flips.push((&hit.unwrap().0, bit));
    }
    let fates: Mutex<BTreeMap<(String, Fate), usize>> = Mutex::default();
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for part in flips.chunks(flips.len().div_ceil(crate::THREADS)) {
            let (template, truth, fates, wrong) = (&template, &truth, &fates, &wrong);
            scope.spawn(move || {
                for (file, bit) in part {
                    let fate = catch_unwind(AssertUnwindSafe(|| fate(template, file, *bit, truth)));
                    match fate {
                        Ok(fate) => {
                            let mut fates = fates.lock().unwrap();
                            *fates.entry((kind(file), fate)).or_default() += 1;
                        }
                        Err(_) => wrong
                            .lock()
                            .unwrap()
                            .push((file.display().to_string(), *bit)),
                    }
                }
            });
        }
    });
    let fates = fates.into_inner().unwrap();
    println!(
        "seed {seed}: {} flips in {} files of {} bytes",
        flips.len(),
        files.len(),
        bits / 8
    );
    for ((kind, fate), count) in &fates {
        println!("  {kind}: {fate:?} {count}");
    }
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "served as truth, or not told: {wrong:?}");
    let found = |fate| fates.iter().any(|((_, other), _)| *other == fate);
    assert!(found(Fate::RefusedAtOpening) && found(Fate::RefusedAtReading));
}
