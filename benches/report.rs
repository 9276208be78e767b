//! What a group measured: figures of ours beside those of a limit or a peer of the same run. Pure.

/// What has to be reached.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Aim {
    /// The ratio, ours by the peer's, is at least so much.
    AtLeast(f64),
    /// The ratio, ours by the peer's, is at most so much.
    AtMost(f64),
    /// Our figure is at least so much, in the row's unit.
    Reaches(f64),
    /// Our figure is less than so much, in the row's unit.
    Below(f64),
}

/// Whether it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Yes.
    Reached,
    /// No.
    NotReached,
    /// Nobody knows: the note says why.
    NotMeasured,
    /// There was no aim: for orientation.
    NoAim,
}

/// One line of a group's table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was done.
    pub(crate) load: String,
    /// What it is compared with; empty: with nothing.
    pub(crate) peer: String,
    /// Of both figures.
    pub(crate) unit: &'static str,
    /// Our figure; not a number: not measured.
    pub(crate) ours: f64,
    /// The peer's in the same run; `None`: not measured, or there is none.
    pub(crate) peers: Option<f64>,
    /// What has to be reached; `None`: for orientation.
    pub(crate) aim: Option<Aim>,
    /// What bounds it, or what else is to be known.
    pub(crate) note: String,
}

impl Row {
    /// What could not be measured, and why.
    pub(crate) fn not_measured(load: &str, why: &str) -> Self {
        Self {
            load: load.into(),
            peer: String::new(),
            unit: "",
            ours: f64::NAN,
            peers: None,
            aim: None,
            note: why.into(),
        }
    }

    /// Ours by the peer's.
    pub(crate) fn ratio(&self) -> Option<f64> {
        let ratio = self.ours / self.peers?;
        ratio.is_finite().then_some(ratio)
    }

    /// Whether the aim is reached.
    pub(crate) fn verdict(&self) -> Verdict {
        if !self.ours.is_finite() {
            return Verdict::NotMeasured;
        }
        let Some(aim) = self.aim else {
            return Verdict::NoAim;
        };
        let reached = match aim {
            Aim::AtLeast(least) => self.ratio().map(|ratio| ratio >= least),
            Aim::AtMost(most) => self.ratio().map(|ratio| ratio <= most),
            Aim::Reaches(least) => Some(self.ours >= least),
            Aim::Below(most) => Some(self.ours < most),
        };
        match reached {
            Some(true) => Verdict::Reached,
            Some(false) => Verdict::NotReached,
            None => Verdict::NotMeasured,
        }
    }

    /// The figure of ours at which the aim is just reached.
    pub(crate) fn aimed(&self) -> Option<f64> {
        match self.aim? {
            Aim::AtLeast(ratio) | Aim::AtMost(ratio) => self.peers.map(|peers| peers * ratio),
            Aim::Reaches(value) | Aim::Below(value) => Some(value),
        }
    }

    /// The aim in words.
    pub(crate) fn aim_told(&self) -> String {
        match self.aim {
            Some(Aim::AtLeast(ratio)) => format!("at least {} of it", figure(ratio)),
            Some(Aim::AtMost(ratio)) => format!("at most {} of it", figure(ratio)),
            Some(Aim::Reaches(least)) => format!("at least {} {}", figure(least), self.unit),
            Some(Aim::Below(most)) => format!("below {} {}", figure(most), self.unit),
            None => String::new(),
        }
    }
}

impl Verdict {
    /// In words.
    pub(crate) const fn told(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::NotReached => "not reached",
            Self::NotMeasured => "not measured",
            Self::NoAim => "",
        }
    }
}

/// A group as it was measured.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// Its name.
    pub(crate) group: &'static str,
    /// Its rows.
    pub(crate) rows: Vec<Row>,
    /// How long it took, in seconds.
    pub(crate) seconds: u64,
    /// Whether it came to its end.
    pub(crate) whole: bool,
}

/// A figure for people: three digits, or all of a large number with commas.
pub(crate) fn figure(value: f64) -> String {
    if !value.is_finite() {
        return "?".into();
    }
    if value.abs() < 100.0 {
        let digits = match value.abs() {
            below if below < 1.0 => 3,
            below if below < 10.0 => 2,
            _ => 1,
        };
        let text = format!("{value:.digits$}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let text = format!("{value:.0}");
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or(("", text.as_str()), |digits| ("-", digits));
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}")
}

/// Prints a group as it is ready.
pub(crate) fn print(measured: &Measured) {
    for row in &measured.rows {
        let compared = match (row.peers, row.ratio()) {
            (Some(peers), Some(ratio)) => {
                format!("; {}: {}, ratio {}", row.peer, figure(peers), figure(ratio))
            }
            _ => String::new(),
        };
        let (aim, verdict) = (row.aim_told(), row.verdict().told());
        println!(
            "{}: {} {}{compared} [{aim} {verdict}] {}",
            row.load,
            figure(row.ours),
            row.unit,
            row.note
        );
    }
    println!("== {}: {} s", measured.group, measured.seconds);
}
