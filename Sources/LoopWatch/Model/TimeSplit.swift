/// How much is known of where a thread's time went.
///
/// What isn't known is left out of the outputs: a zero there is a measured zero.
public enum TimeSplit: String, Sendable, Hashable, Codable {
    /// Processor time, waiting, and time the thread was ready but had no processor.
    case full
    /// Processor time alone; `waiting` holds the time without a processor too, and `notScheduled` is zero.
    case cpuOnly = "cpu_only"
    /// Nothing; `waiting` holds the whole duration.
    case unknown
}
