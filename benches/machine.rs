//! What it was measured on. Does I/O.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// A line of a file that begins so, without its beginning.
fn line(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(rest.trim_matches([':', '\t', ' ']).to_owned())
}

/// Median and 99th percentile of a 4 KiB append with fdatasync, in milliseconds.
fn sync_times(folder: &Path) -> (f64, f64) {
    let path = folder.join("sync-times");
    let mut file = File::create(&path).expect("a file can be made");
    let mut times: Vec<f64> = (0..500)
        .map(|_| {
            let begin = Instant::now();
            file.write_all(&[7; 4096]).expect("it can be written");
            file.sync_data().expect("it can be synced");
            begin.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    // What is left behind is in a folder that is thrown away.
    let _ = fs::remove_file(&path);
    times.sort_by(f64::total_cmp);
    (times[250], times[495])
}

/// What and value, for a table.
pub(crate) fn told(folder: &Path) -> Vec<(&'static str, String)> {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = line("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".into());
    let kibibytes: u64 = line("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches(" kB").parse().ok())
        .unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let (median, p99) = sync_times(folder);
    vec![
        ("processor", format!("{cores} cores, {model}")),
        ("memory", format!("{} GiB", kibibytes >> 20)),
        ("system", format!("Linux {}", kernel.trim())),
        (
            "disk",
            format!("4 KiB append and fdatasync: median {median:.2} ms, p99 {p99:.2} ms"),
        ),
        ("date", jiff::Zoned::now().date().to_string()),
        ("dagtrail", env!("CARGO_PKG_VERSION").into()),
    ]
}
