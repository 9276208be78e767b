//! Reading all that is in a directory, as nobody does who only opens it. Does I/O.

use std::path::Path;
use std::sync::Arc;

use super::disk::Disk;
use super::format::Format;
use super::start::{self, Found};
use super::{intact, replay};
use crate::store::{Check, Checked, Error, Options};

/// Looks at one thing after the other, until one is wrong.
pub(in crate::store) fn verify(directory: &Path) -> Vec<Checked> {
    let mut checked = Vec::new();
    // What was found is reported, wherever it ended.
    let _ = look(directory, &mut checked);
    checked
}

fn look(directory: &Path, checked: &mut Vec<Checked>) -> Option<()> {
    let mut note = |check, found: Result<String, Error>| {
        let is_well = found.is_ok();
        checked.push(Checked { check, found });
        is_well.then_some(())
    };
    let format = if start::exists(directory) {
        Format::read(directory).and_then(|format| {
            format.accept()?;
            Ok(format.to_string())
        })
    } else {
        Err(Error::Read(format!(
            "{}: there is no history here",
            directory.display()
        )))
    };
    note(Check::Format, format)?;
    let locked = start::lock(directory);
    let lock = match locked {
        Ok(lock) => lock,
        Err(error) => return note(Check::Lock, Err(error)),
    };
    note(Check::Lock, Ok("nobody has it open".into()))?;
    let files = intact::check(&directory.join(start::DATABASE));
    note(
        Check::Files,
        files.map(|()| "journals and lists of tables are whole".into()),
    )?;
    let found = start::find(directory).and_then(|found| {
        let Found { disk, last, .. } = found;
        let fold = replay::restore(&disk, &Options::default(), last, None)?;
        let said = format!(
            "commit {last} was acknowledged, the log ends with commit {} and change {}",
            fold.commit, fold.seq
        );
        Ok((disk, said))
    });
    let disk = match found {
        Ok((disk, said)) => {
            note(Check::Log, Ok(said))?;
            disk
        }
        Err(error) => return note(Check::Log, Err(error)),
    };
    let records = read_all(&disk);
    drop((disk, lock));
    note(
        Check::Records,
        records.map(|(records, executions, rows)| {
            format!("{records} records, {executions} executions with {rows} rows in blocks")
        }),
    )
}

/// Reads every record, and what belongs together together.
fn read_all(disk: &Arc<Disk>) -> Result<(u64, u64, u64), Error> {
    let reader = disk.reader();
    let records = reader.read_all()?;
    let (mut executions, mut rows) = (0, 0);
    for found in reader.executions() {
        let (number, execution) = found?;
        let entry = reader.entry(&execution.key)?;
        let entry = entry.filter(|entry| entry.number == number);
        let entry = entry.ok_or_else(|| {
            Error::Damaged(format!(
                "the execution {} has another number",
                execution.key
            ))
        })?;
        executions += 1;
        rows += entry.rows().count() as u64;
        reader.all_outside(number)?;
    }
    for correlation in reader.correlations() {
        correlation?;
    }
    reader.tombstones()?;
    Ok((records, executions, rows))
}
