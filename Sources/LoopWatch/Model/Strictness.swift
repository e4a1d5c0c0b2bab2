/// Which calls that may block are reported at once, without a threshold, once for each place they are made at.
public enum Strictness: Sendable, Hashable, Codable {
    /// None.
    case off
    /// Those that may wait for others: sleeps, blocking sockets and pipes, looking up names of hosts, waits for
    /// threads, processes, conditions and semaphores. Mutexes aren't among them, nor what can't wait as it is called.
    case calls
    /// Those, and opening, reading, writing, syncing and renaming files.
    case callsAndFiles
}
