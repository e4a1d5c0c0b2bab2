package import HTTPServing
public import S3Wire

/// How a store is run.
public struct S3Configuration: Sendable {
    /// Where objects are kept.
    public enum Storage: Sendable, Hashable {
        /// In this process; nothing is kept when it ends.
        case memory
        /// In a folder that is made if need be.
        case directory(String, durability: Durability)
    }

    /// What an answer promises about a power cut.
    public enum Durability: Sendable, Hashable {
        /// What was answered is on the disk.
        case fsync
        /// What was answered survives the process, but not a power cut.
        case os
    }

    /// The address or name to listen on.
    public var host = "127.0.0.1"
    /// The port to listen on; 0 takes a free one.
    public var port = 0
    /// Where objects are kept.
    public var storage: Storage
    /// The key pairs that are accepted, all of the same owner; a random one if empty.
    public var credentials: [S3Credentials] = []
    /// The region that signatures must name; nil accepts any.
    public var region: String? = "us-east-1"
    /// Domains whose subdomains are buckets.
    public var virtualHostDomains = ["localhost"]
    /// Whether URLs presigned by Signature Version 2 are accepted, which several clients make by default.
    public var acceptsSigV2Presign = true
    /// How long an upload in parts may stay without being completed.
    public var staleUploadAge = Duration.seconds(7 * 86_400)
    /// The largest body of one request.
    public var maximumObjectSize: Int64 = 5 << 30
    /// The smallest part of a multipart upload but the last.
    public var minimumPartSize: Int64 = 5 << 20
    /// How many bytes of bodies are kept in memory; one of 4 GiB or more is refused there whatever the limit.
    public var memoryLimit: Int64 = 2 << 30
    /// The threads that serve connections.
    public var eventLoops = 2
    /// The wall clock that signatures are checked against and objects are dated by.
    public var clock: @Sendable () -> S3Timestamp = { .now() }
    /// What the HTTP server allows clients.
    package var limits = ServerLimits()
    /// What clients are made to suffer, for tests of clients.
    public var faults: S3Faults?
    /// Asked before each call of the file system and each commit, by name; tests let one fail with an error number.
    package var failure: @Sendable (String) -> Int32? = { _ in nil }
    /// The most pages of the database; nil for no limit.
    ///
    /// Tests fill a disk with it.
    package var maximumPages: Int?

    /// Describes a store on a free port of this machine.
    ///
    /// - Parameter storage: Where objects are kept.
    public init(storage: Storage = .memory) {
        self.storage = storage
    }
}
