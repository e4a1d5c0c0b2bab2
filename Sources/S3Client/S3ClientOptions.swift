public import S3Wire

/// How patient a client is, and how many connections it may have.
public struct S3ClientOptions: Sendable {
    /// The most requests, and so connections, at one time.
    public var maximumConnections = 64
    /// The most time for connecting.
    public var connectTimeout = Duration.seconds(3)
    /// The most time for one call with all its tries.
    public var timeout = Duration.seconds(60)
    /// The most time a transfer may move less than one kilobyte a second.
    public var stallTimeout = Duration.seconds(30)
    /// The checksum to send with each object, and to compare on each read of a whole one; nil for none.
    public var checksum: ChecksumAlgorithm?
    /// The most tries of one call.
    public var attempts = 3
    /// The wall clock requests are dated by.
    public var clock: @Sendable () -> S3Timestamp = { .now() }

    /// The options a client has if nobody says otherwise.
    public init() {}
}
