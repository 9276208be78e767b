//! A server that is asked over HTTP. Does I/O.

use std::time::Duration;

use super::finding::{Finding, Findings};
use crate::cli::client::Client;
use crate::cli::reach::Reach;
use crate::model::{Clock, SystemClock, Time};

/// Clocks may differ by so much; the header has whole seconds.
const SKEW: Duration = Duration::from_secs(3);

pub(super) async fn check(reach: &Reach, findings: &mut Findings) {
    let client = match reach.reach().await {
        Ok(reached) => reached.client,
        Err(error) => {
            let said = format!("{error:#}");
            findings.add(Finding::broken(
                "server",
                said,
                "dagtrail doctor --server URL",
            ));
            return;
        }
    };
    let date = match client.probe("livez").await {
        Ok((_, date)) => {
            findings.add(Finding::well("server", "it answers"));
            date
        }
        Err(error) => {
            findings.add(Finding::broken(
                "server",
                error.to_string(),
                "dagtrail serve; or name another with --server",
            ));
            return;
        }
    };
    findings.add(match client.probe("readyz?verbose").await {
        Ok((said, _)) => Finding::well("ready", said.trim().replace('\n', "; ")),
        Err(error) => Finding::broken("ready", error.to_string(), "dagtrail doctor --in-cluster"),
    });
    findings.add(may_read(&client).await);
    findings.add(clock("server's clock", date.as_deref()));
}

async fn may_read(client: &Client) -> Finding {
    match client.executions(&Vec::new(), 1).await {
        Ok(listed) => Finding::well(
            "history",
            format!("{} executions may be read", listed.total),
        ),
        Err(error) => Finding::broken(
            "history",
            error.to_string(),
            "dagtrail doctor --token-file FILE",
        ),
    }
}

/// Compares a clock with that of this machine; `date` is a `Date` header.
pub(super) fn clock(check: &str, date: Option<&str>) -> Finding {
    let told = date.and_then(|date| chrono::DateTime::parse_from_rfc2822(date).ok());
    let Some(told) = told.and_then(|told| Time::from_chrono(&told.to_utc())) else {
        return Finding::attention(check, "it does not say what time it is", "timedatectl");
    };
    let behind = Duration::from_nanos((SystemClock.now().0 - told.0).unsigned_abs());
    let said = format!("within {} s of this machine's", behind.as_secs() + 1);
    if behind <= SKEW {
        Finding::well(check, said)
    } else {
        let said = format!("{} s off this machine's", behind.as_secs());
        Finding::attention(check, said, "timedatectl set-ntp true")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_needs_attention() {
        let now = SystemClock.now();
        let date = |time: Time| time.to_chrono().to_rfc2822();
        let well = clock("it", Some(&date(now)));
        assert_eq!(well, Finding::well("it", "within 1 s of this machine's"));
        let off = clock("it", Some(&date(now.before(Duration::from_secs(60)))));
        assert!(format!("{off:?}").contains("Warn"), "{off:?}");
        assert!(format!("{:?}", clock("it", None)).contains("Warn"));
    }
}
