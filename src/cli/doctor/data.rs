//! A data directory that nobody has open: all of it is read. Does I/O.

use std::path::{Path, PathBuf};

use super::finding::{Finding, Findings};
use crate::store::{self, Check, Checked};

/// Bytes and hundredths of the disk below which it is short.
const SHORT: (u64, u64) = (64 << 20, 5);

pub(super) async fn check(directory: &Path, findings: &mut Findings) -> anyhow::Result<()> {
    let read: PathBuf = directory.to_owned();
    let checked = tokio::task::spawn_blocking(move || store::verify(&read)).await?;
    for one in checked {
        findings.add(finding(directory, one));
    }
    findings.add(room(directory));
    Ok(())
}

fn finding(directory: &Path, Checked { check, found }: Checked) -> Finding {
    let name = match check {
        Check::Format => "format",
        Check::Lock => "lock",
        Check::Files => "files",
        Check::Log => "log",
        Check::Records => "records",
    };
    let error = match found {
        Ok(said) => return Finding::well(name, said),
        Err(error) => error,
    };
    let said = error.to_string();
    let shown = directory.display();
    match error {
        store::Error::Locked(_) => Finding::attention(name, said, "dagtrail doctor --server URL"),
        store::Error::Format { .. } => {
            Finding::broken(name, said, "dagtrail --version; install the newest")
        }
        store::Error::Damaged(_) => Finding::broken(
            name,
            said,
            format!("mv {shown} {shown}.damaged; put a copy in its place"),
        ),
        _ => Finding::broken(name, said, format!("ls -la {shown}")),
    }
}

/// How much room there is on the disk.
fn room(directory: &Path) -> Finding {
    let disk = match rustix::fs::statvfs(directory) {
        Ok(disk) => disk,
        Err(error) => {
            let said = format!("the free space is not known: {error}");
            return Finding::attention("disk", said, format!("df {}", directory.display()));
        }
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let all = disk.f_blocks.saturating_mul(disk.f_frsize);
    let short = SHORT.0.max(all / 100 * SHORT.1);
    let said = format!("{} MiB of {} MiB are free", free >> 20, all >> 20);
    let fix = format!("df -h {}; make room, or a larger disk", directory.display());
    if free < short {
        Finding::broken("disk", said, fix)
    } else if free < short.saturating_mul(2) {
        Finding::attention("disk", said, fix)
    } else {
        Finding::well("disk", said)
    }
}
