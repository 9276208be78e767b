//! The messages of a request, as the discovery document of Dataflow v1b3 (revision 20261018) lists them. Pure.
//!
//! A test holds these tables to the discovery document of the newest client library: no field is missing, none is of
//! another type. Which fields exclude each other, the document does not say.

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Kind {
    Int32,
    Int64,
    Uint64,
    Double,
    Bool,
    Text,
    Timestamp,
    Duration,
    /// The names, by their numbers.
    Enum(&'static str, &'static [&'static str]),
    /// Any object.
    Struct,
    Message(&'static Message),
}

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Shape {
    One,
    Many,
    /// By a text.
    Map,
}

/// A field.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Field {
    /// In `lowerCamelCase`.
    pub(in super::super) name: &'static str,
    pub(in super::super) kind: Kind,
    pub(in super::super) shape: Shape,
    /// The group of which only one may be given.
    pub(in super::super) oneof: Option<&'static str>,
}

/// A message.
#[derive(Debug)]
pub(in super::super) struct Message {
    /// Without its package.
    pub(in super::super) name: &'static str,
    pub(in super::super) fields: &'static [Field],
}

impl Field {
    /// As it is called in `.proto` files: accepted on input, and used in the places of errors.
    pub(in super::super) fn snake(&self) -> String {
        let mut snake = String::with_capacity(self.name.len() + 4);
        for c in self.name.chars() {
            if c.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(c.to_ascii_lowercase());
        }
        snake
    }

    const fn among(self, oneof: &'static str) -> Self {
        Self {
            oneof: Some(oneof),
            ..self
        }
    }
}

const fn shaped(name: &'static str, kind: Kind, shape: Shape) -> Field {
    Field {
        name,
        kind,
        shape,
        oneof: None,
    }
}

const fn one(name: &'static str, kind: Kind) -> Field {
    shaped(name, kind, Shape::One)
}

const fn many(name: &'static str, kind: Kind) -> Field {
    shaped(name, kind, Shape::Many)
}

const fn map(name: &'static str, kind: Kind) -> Field {
    shaped(name, kind, Shape::Map)
}

macro_rules! messages {
    ($($(#[$doc:meta])* $id:ident $name:literal [$($field:expr),* $(,)?])*) => {
        $($(#[$doc])* pub(in super::super) static $id: Message = Message {
            name: $name,
            fields: &[$($field),*],
        };)*
    };
}

use Kind::{Bool, Double, Duration, Enum, Int32, Int64, Struct, Text, Timestamp, Uint64};

const fn message(message: &'static Message) -> Kind {
    Kind::Message(message)
}

/// The events of a worker's life, by their numbers.
const EVENTS: &[&str] = &[
    "UNKNOWN_EVENT",
    "OS_START",
    "CONTAINER_START",
    "NETWORK_UP",
    "STAGING_FILES_DOWNLOAD_START",
    "STAGING_FILES_DOWNLOAD_FINISH",
    "SDK_INSTALL_START",
    "SDK_INSTALL_FINISH",
];

messages! {
    /// The body of both methods.
    REQUEST "SendWorkerMessagesRequest" [
        one("location", Text),
        many("workerMessages", message(&WORKER_MESSAGE)),
    ]
    /// One of its messages.
    WORKER_MESSAGE "WorkerMessage" [
        map("labels", Text),
        one("time", Timestamp),
        one("workerHealthReport", message(&HEALTH)).among("data"),
        one("workerMessageCode", message(&CODE)).among("data"),
        one("workerMetrics", message(&RESOURCES)).among("data"),
        one("workerShutdownNotice", message(&SHUTDOWN)).among("data"),
        one("workerLifecycleEvent", message(&LIFECYCLE)).among("data"),
        one("workerThreadScalingReport", message(&THREADS)).among("data"),
        one("streamingScalingReport", message(&STREAMING)).among("data"),
        one("perWorkerMetrics", message(&PER_WORKER)).among("data"),
        one("dataSamplingReport", message(&SAMPLING)).among("data"),
    ]
    HEALTH "WorkerHealthReport" [
        one("vmIsHealthy", Bool),
        one("vmIsBroken", Bool),
        one("vmBrokenCode", Text),
        one("vmStartupTime", Timestamp),
        one("reportInterval", Duration),
        one("msg", Text),
        many("pods", Struct),
    ]
    CODE "WorkerMessageCode" [one("code", Text), one("parameters", Struct)]
    SHUTDOWN "WorkerShutdownNotice" [one("reason", Text)]
    LIFECYCLE "WorkerLifecycleEvent" [
        one("event", Enum("WorkerLifecycleEvent.Event", EVENTS)),
        one("containerStartTime", Timestamp),
        map("metadata", Text),
    ]
    THREADS "WorkerThreadScalingReport" [one("currentThreadCount", Int32)]
    STREAMING "StreamingScalingReport" [
        one("activeThreadCount", Int32),
        one("activeBundleCount", Int32),
        one("outstandingBytesCount", Int32),
        one("maximumThreadCount", Int32),
        one("maximumBundleCount", Int32),
        one("maximumBytesCount", Int32),
        one("outstandingBundleCount", Int32),
        one("outstandingBytes", Int64),
        one("maximumBytes", Int64),
    ]
    SAMPLING "DataSamplingReport" [
        one("bytesWrittenDelta", Int64),
        one("elementsSampledBytes", Int64),
        one("elementsSampledCount", Int64),
        one("exceptionsSampledCount", Int64),
        one("pcollectionsSampledCount", Int64),
        one("persistenceErrorsCount", Int64),
        one("translationErrorsCount", Int64),
    ]
    RESOURCES "ResourceUtilizationReport" [
        many("cpuTime", message(&CPU)),
        many("memoryInfo", message(&MEMORY)),
        many("gpuUsage", message(&GPU)),
        map("containers", message(&RESOURCES)),
    ]
    CPU "CPUTime" [
        one("timestamp", Timestamp),
        one("totalMs", Uint64),
        one("rate", Double),
    ]
    MEMORY "MemInfo" [
        one("timestamp", Timestamp),
        one("currentLimitBytes", Uint64),
        one("currentRssBytes", Uint64),
        one("totalGbMs", Uint64),
        one("currentOoms", Int64),
    ]
    GPU "GPUUsage" [
        one("timestamp", Timestamp),
        one("utilization", message(&GPU_UTILIZATION)),
    ]
    GPU_UTILIZATION "GPUUtilization" [one("rate", Double)]
    PER_WORKER "PerWorkerMetrics" [many("perStepNamespaceMetrics", message(&PER_STEP))]
    PER_STEP "PerStepNamespaceMetrics" [
        one("originalStep", Text),
        one("metricsNamespace", Text),
        many("metricValues", message(&METRIC)),
    ]
    METRIC "MetricValue" [
        one("metric", Text),
        map("metricLabels", Text),
        one("valueInt64", Int64).among("value"),
        one("valueHistogram", message(&HISTOGRAM)).among("value"),
        one("valueGauge64", message(&GAUGE)).among("value"),
    ]
    GAUGE "DataflowGaugeValue" [one("value", Int64), one("measuredTime", Timestamp)]
    HISTOGRAM "DataflowHistogramValue" [
        one("count", Int64),
        one("bucketOptions", message(&BUCKETS)),
        many("bucketCounts", Int64),
        one("outlierStats", message(&OUTLIERS)),
    ]
    BUCKETS "BucketOptions" [
        one("linear", message(&LINEAR)).among("bucket_type"),
        one("exponential", message(&EXPONENTIAL)).among("bucket_type"),
    ]
    LINEAR "Linear" [
        one("numberOfBuckets", Int32),
        one("width", Double),
        one("start", Double),
    ]
    EXPONENTIAL "Base2Exponent" [one("numberOfBuckets", Int32), one("scale", Int32)]
    OUTLIERS "OutlierStats" [
        one("overflowCount", Int64),
        one("overflowMean", Double),
        one("underflowCount", Int64),
        one("underflowMean", Double),
    ]
}
