public import Logging

/// What to do with blocks and with threads that are left.
public enum WatchAction: Sendable {
    /// Write them to standard error; in a test, record an issue of severity warning.
    case warn
    /// Log them as a warning.
    case log(Logger)
    /// Throw them.
    case `throw`
}

/// What to do with tasks that are left.
public enum TaskLeakAction: Sendable {
    /// Write them to standard error; in a test, record an issue of severity warning.
    case warn
    /// Log them as a warning.
    case log(Logger)
    /// Throw them.
    case `throw`
    /// Cancel them, and write them as ``warn`` does.
    case cancel
}
