//! What this dialect answers: one response for each message, in order. Pure.

use serde::Serialize;
use serde_json::Value;

/// The answer to both methods.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    /// Left out if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) worker_message_responses: Vec<Reply>,
}

/// The response to a message. What has no response of its own is answered `{}`, so that places agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Reply {
    #[serde(rename_all = "camelCase")]
    WorkerHealthReportResponse {
        report_interval: String,
    },
    WorkerMetricsResponse {},
    WorkerShutdownNoticeResponse {},
    /// As many as there are: no advice to have more or fewer.
    #[serde(rename_all = "camelCase")]
    StreamingScalingReportResponse {
        maximum_thread_count: i64,
    },
    #[serde(rename_all = "camelCase")]
    WorkerThreadScalingReportResponse {
        recommended_thread_count: i64,
    },
    #[serde(untagged)]
    None {},
}

impl Reply {
    /// The response to a message; `interval` is what who tells of health is told, in the form of a `Duration`.
    pub(super) fn to(message: &Value, interval: &str) -> Self {
        let count =
            |kind: &str, name: &str| message[kind][name].as_i64().filter(|count| *count > 0);
        let has = |kind| message.get(kind).is_some();
        if has("workerHealthReport") {
            Self::WorkerHealthReportResponse {
                report_interval: interval.to_owned(),
            }
        } else if has("workerMetrics") {
            Self::WorkerMetricsResponse {}
        } else if has("workerShutdownNotice") {
            Self::WorkerShutdownNoticeResponse {}
        } else if let Some(maximum_thread_count) =
            count("streamingScalingReport", "maximumThreadCount")
        {
            Self::StreamingScalingReportResponse {
                maximum_thread_count,
            }
        } else if let Some(recommended_thread_count) =
            count("workerThreadScalingReport", "currentThreadCount")
        {
            Self::WorkerThreadScalingReportResponse {
                recommended_thread_count,
            }
        } else {
            Self::None {}
        }
    }
}
