//! The embedded Fluent files, one folder per domain. Pure.

/// A domain's two files.
pub(super) struct Source {
    /// The name of its folder.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "names the file in a gate's complaint")
    )]
    pub(super) domain: &'static str,
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
}

macro_rules! sources {
    ($($domain:literal),* $(,)?) => {
        [$(Source {
            domain: $domain,
            zh: include_str!(concat!($domain, "/zh.ftl")),
            en: include_str!(concat!($domain, "/en.ftl")),
        }),*]
    };
}

/// All domains, the strongest first: where two state the same key, the earlier one is used.
pub(super) static SOURCES: [Source; 12] = sources![
    "dag",
    "kubelet",
    "scheduler",
    "job",
    "controllers",
    "argo",
    "tekton",
    "volcano",
    "kueue",
    "dataflow",
    "genomcore",
    "nublado",
];
