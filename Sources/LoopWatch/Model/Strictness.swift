/// Which calls are reported at once, without a threshold.
public enum Strictness: Sendable, Hashable, Codable {
    /// None.
    case off
    /// Those that may wait for others: sleeps, blocking sockets and pipes, name look-ups, joins, semaphores.
    case calls
    /// Those, and reading and writing files.
    case callsAndFiles
}
