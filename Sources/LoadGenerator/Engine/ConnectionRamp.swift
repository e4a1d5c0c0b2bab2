/// How many connections may be in the making at one time.
///
/// A listener whose backlog is full drops the first packet of a connection, and the kernel repeats it after
/// one second: 1000 connections opened at once took 105 s, 128 at a time 7 s.
struct ConnectionRamp: Equatable {
    /// How many may be in the making now.
    private(set) var allowed: Int
    /// Longer than this, and the first packet was lost.
    private static let slowMicroseconds = 900_000

    /// Makes a ramp for one of several shards, which share what is allowed.
    ///
    /// - Parameter shards: How many open connections at a time.
    init(shards: Int) {
        allowed = max(1, 64 / shards)
    }

    /// Takes note of a connection that stands.
    ///
    /// - Parameter microseconds: How long connecting took.
    mutating func connected(afterMicroseconds microseconds: Int) {
        if microseconds > ConnectionRamp.slowMicroseconds { allowed = max(1, allowed / 2) }
    }
}
