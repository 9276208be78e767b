//! What a group measured: figures of ours beside those of a limit or a peer of the same run. Pure.

/// What a ratio, ours by the peer's, has to reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Aim {
    /// At least so much.
    AtLeast(f64),
    /// Our figure is less than so much, in the row's unit.
    Below(f64),
}

/// One line of a group's table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was done.
    pub(crate) load: String,
    /// What it is compared with.
    pub(crate) peer: String,
    /// Of both figures.
    pub(crate) unit: &'static str,
    /// Our figure.
    pub(crate) ours: f64,
    /// The peer's in the same run; `None`: not measured.
    pub(crate) peers: Option<f64>,
    /// What the ratio has to reach; `None`: for orientation.
    pub(crate) aim: Option<Aim>,
    /// What bounds it, or what else is to be known.
    pub(crate) note: String,
}

impl Row {
    /// Ours by the peer's.
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.peers.map(|peers| self.ours / peers)
    }

    /// Whether the aim is reached; `None` where there is none, or nothing to compare with.
    pub(crate) fn reached(&self) -> Option<bool> {
        match self.aim? {
            Aim::AtLeast(least) => Some(self.ratio()? >= least),
            Aim::Below(most) => Some(self.ours < most),
        }
    }
}

/// Prints a group as it is ready.
pub(crate) fn print(group: &str, rows: &[Row]) {
    println!("== {group}");
    for row in rows {
        let ratio = row
            .ratio()
            .map_or("not measured".into(), |ratio| format!("{ratio:.2}"));
        let verdict = match row.reached() {
            Some(true) => "reached",
            Some(false) => "not reached",
            None => "",
        };
        println!(
            "{}: {:.1} {} ({}: {:.1}), ratio {ratio} {verdict} {}",
            row.load,
            row.ours,
            row.unit,
            row.peer,
            row.peers.unwrap_or(f64::NAN),
            row.note
        );
    }
}
