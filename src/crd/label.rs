//! The labels and the annotation by which other objects join an `Execution`. Pure.

/// Label of a Job or Pod: the name of the `Execution` in the same namespace that it belongs to.
pub const EXECUTION: &str = "dagtrail.dev/execution";

/// Label of a Job or Pod: the `id` of the element that it carries out.
pub const ELEMENT: &str = "dagtrail.dev/element";

/// Label of a row in the full view: the name of the CronJob that the row's Job was made by.
pub const CRON_JOB: &str = "dagtrail.dev/cronjob";

/// Annotation of any watched object: further ids of its execution, separated by commas.
pub const ALIASES: &str = "dagtrail.dev/aliases";
