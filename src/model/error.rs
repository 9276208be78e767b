//! The closed set of error codes that every room's `Error` maps to. Pure.

/// What kind of failure it was: the only thing that a caller may branch on.
///
/// The names follow the canonical codes of gRPC. One table maps them to HTTP, in the server room; one
/// renderer for each dialect writes the body that its clients parse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The request is wrong and will be wrong again.
    InvalidArgument,
    /// Who asks is not known.
    Unauthenticated,
    /// Who asks may not.
    PermissionDenied,
    /// There is no such thing.
    NotFound,
    /// It stands against something that is already there.
    Conflict,
    /// More bytes than the limit.
    PayloadTooLarge,
    /// A limit is reached; later it may work.
    ResourceExhausted,
    /// It took too long.
    DeadlineExceeded,
    /// Not at this moment; a retry is safe.
    Unavailable,
    /// A defect or a broken disk.
    Internal,
}
