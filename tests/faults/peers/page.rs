//! docs/peers.md. Pure.

use super::compared::{Compared, Error};

impl Compared {
    /// The whole page.
    pub(super) fn page(&self) -> String {
        let Self {
            stream,
            states,
            skips,
            events,
            again,
            written,
            ..
        } = self;
        let restarts = stream.starts.saturating_sub(1);
        let (lists, gone) = (stream.lists, stream.gone);
        let ours = row(
            "dagtrail",
            "origin: namespace, name, first time",
            &self.ours,
            *written,
        );
        let theirs = self
            .theirs
            .iter()
            .map(|(exporter, error)| row(exporter.what(), exporter.record(), error, *written));
        let theirs: String = theirs.collect();
        format!(
            "# The same Events, kept in other ways\n\
             \n\
             This page is written by `tests/faults/peers`, from a run against a real API server that is kept in\n\
             `tests/faults/peers/testdata`: `make peers` plays another one, `make test` holds the page to the one that is kept.\n\
             \n\
             A driver wrote {states} states of {events} Events, {written} occurrences in all: it counted on, in {skips} states by more\n\
             than one, as client libraries do that send a repeat late; {again} Events it deleted and made again under their name\n\
             and with their count, as client libraries do when an Event has outlived its TTL. Meanwhile the watching process was\n\
             begun again {restarts} times, once after `kill -9`; the API server was restarted, and etcd compacted behind it. It listed\n\
             Events {lists} times, {gone} of them because what the watch asked for was no longer kept (410).\n\
             \n\
             | what is kept | one record for each | occurrences | missing | counted too often | error of the sum |\n\
             |---|---|---:|---:|---:|---:|\n\
             {ours}{theirs}\
             \n\
             * The truth is the driver's own log: of each Event, known by its namespace, name and first time, the highest count.\n\
             * All are given the same deliveries at the same times, restarts included: those of `dagtrail record`.\n\
             * dagtrail's numbers are those of `dagtrail replay`; each row has its count, first and last time as written.\n\
             * The others see what client-go's informers show: with an empty cache at each start, everything that is listed is\n\
             \u{20}\u{20}added; what a later list shows again is an update.\n\
             * They are taken at their best: what they keep of an Event again replaces what they kept before, so relists and\n\
             \u{20}\u{20}restarts double nothing. One that appends a record for each update counts every Event once for each patch.\n\
             * Who ignores updates has the count of the first sight, or of the latest start. Who begins with \"now\" lacks what was\n\
             \u{20}\u{20}last seen while it was down, until it is seen again.\n\
             * An Event that was made again has another uid, and its count goes on: by uid, all before is counted once more. One\n\
             \u{20}\u{20}that began anew has the same name and counts from 1: by name, all before is lost.\n"
        )
    }
}

fn row(what: &str, record: &str, error: &Error, written: u64) -> String {
    let Error {
        kept,
        missing,
        surplus,
    } = error;
    let of_sum = match i128::from(*kept) - i128::from(written) {
        0 => "0".to_owned(),
        other => format!("{other:+}"),
    };
    format!("| {what} | {record} | {kept} | {missing} | {surplus} | {of_sum} |\n")
}
