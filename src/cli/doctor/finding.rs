//! What a check has found, and how it is said. Pure.

use serde::Serialize;

use crate::cli::show;

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Outcome {
    /// Well.
    Ok,
    /// It works, but not as it should, or not for long.
    Warn,
    /// It does not work.
    Fail,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    check: String,
    outcome: Outcome,
    message: String,
    /// The command that helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

impl Finding {
    pub(super) fn well(check: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            check: check.into(),
            outcome: Outcome::Ok,
            message: message.into(),
            fix: None,
        }
    }

    pub(super) fn attention(
        check: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            outcome: Outcome::Warn,
            fix: Some(fix.into()),
            ..Self::well(check, message)
        }
    }

    pub(super) fn broken(
        check: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            outcome: Outcome::Fail,
            ..Self::attention(check, message, fix)
        }
    }
}

/// All checks, in order.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn add(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// 0: all is well; 1: something needs attention; 2: something is broken.
    pub(super) fn exit(&self) -> u8 {
        let worst = self.0.iter().map(|finding| finding.outcome).max();
        match worst {
            None | Some(Outcome::Ok) => 0,
            Some(Outcome::Warn) => 1,
            Some(Outcome::Fail) => 2,
        }
    }

    /// One line a check; what strangers have said in it cannot steer the terminal.
    pub(super) fn text(&self) -> String {
        let width = self.0.iter().map(|finding| finding.check.len()).max();
        let width = width.unwrap_or_default();
        let mut text = String::new();
        for finding in &self.0 {
            let sign = match finding.outcome {
                Outcome::Ok => "+ok  ",
                Outcome::Warn => "!warn",
                Outcome::Fail => "-fail",
            };
            let Finding { check, message, .. } = finding;
            let fix = finding.fix.iter().map(|fix| format!(" | fix: {fix}"));
            let line = format!(
                "{sign} {check:width$}  {message}{}",
                fix.collect::<String>()
            );
            text += &show::block(&line).replace('\n', " ");
            text.push('\n');
        }
        text
    }

    pub(super) fn json(&self) -> Result<String, serde_json::Error> {
        let all = serde_json::json!({"checks": self.0, "exit": self.exit()});
        Ok(serde_json::to_string_pretty(&all)? + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_is_a_line_and_the_worst_one_is_the_exit_code() {
        let mut findings = Findings::default();
        findings.add(Finding::well("format", "format 1"));
        assert_eq!(findings.exit(), 0);
        findings.add(Finding::attention(
            "clock",
            "9 s behind\u{1b}[2J",
            "timedatectl",
        ));
        assert_eq!(findings.exit(), 1);
        findings.add(Finding::broken("log", "torn\nhere", "restore"));
        assert_eq!(findings.exit(), 2);
        assert_eq!(
            findings.text(),
            "+ok   format  format 1\n\
             !warn clock   9 s behind\\x1b[2J | fix: timedatectl\n\
             -fail log     torn here | fix: restore\n"
        );
        let json: serde_json::Value = serde_json::from_str(&findings.json().unwrap()).unwrap();
        assert_eq!(json["exit"], 2);
        assert_eq!(json["checks"][2]["outcome"], "fail");
        assert_eq!(json["checks"][1]["fix"], "timedatectl");
    }
}
