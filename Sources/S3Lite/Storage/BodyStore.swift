import NIOCore
import S3Wire

/// Where bodies lie that are not in the database.
enum BodyStore: Sendable {
    /// In this process, up to a limit.
    case memory(MemoryBodies)
    /// In files.
    case directory(BodyFiles)

    /// Bodies up to this size are kept in the database when it is a file: one fsync covers many of them.
    static let inlineLimit: Int64 = 256 * 1024

    /// Starts to take in a body.
    ///
    /// - Parameters:
    ///   - size: The declared size.
    ///   - plan: What to compute of it.
    /// - Returns: The sink the body is written to.
    /// - Throws: ``S3RequestError`` (InsufficientStorage) if there is no room.
    func sink(size: Int64, plan: BodyDigest.Plan) async throws -> BodySink {
        switch self {
        case .memory(let bodies):
            // A buffer holds no more, whatever the limit for all of them.
            guard size <= Int64(UInt32.max) else { throw S3RequestError(.insufficientStorage) }
            try bodies.reserve(size)
            return BodySink(size: size, plan: plan, target: .memory(bodies))
        case .directory(let files):
            guard size > Self.inlineLimit else { return BodySink(size: size, plan: plan, target: .inline) }
            return BodySink(size: size, plan: plan, target: .file(try await files.create(size: size)))
        }
    }

    /// Where the bytes of a body are read from.
    ///
    /// - Parameters:
    ///   - location: Where the database says it is.
    ///   - hold: What keeps the body until it is read.
    /// - Returns: A source of its bytes.
    /// - Throws: ``S3RequestError`` (InternalError) if it is not there.
    func source(_ location: BodyLocation, keptBy hold: BodyHolds.Hold?) throws(S3RequestError) -> BodySource {
        switch (location, self) {
        case (.inline(let bytes), _): return .bytes(bytes)
        case (.named(let name), .memory(let bodies)):
            guard let bytes = bodies.bytes(name) else {
                throw S3RequestError(.internalError, "a body of a stored object is missing")
            }
            return .bytes(bytes)
        case (.named(let name), .directory(let files)): return .file(files, name, hold)
        }
    }

    /// Removes bodies nothing refers to; on the writer's thread, never on an event loop.
    ///
    /// - Parameter names: Their names.
    func remove(_ names: [String]) {
        guard !names.isEmpty else { return }
        switch self {
        case .memory(let bodies): bodies.remove(names)
        case .directory(let files): files.remove(names)
        }
    }

    /// Removes bodies nothing refers to and nobody reads any more, without blocking.
    ///
    /// - Parameter names: Their names.
    func removeLater(_ names: [String]) {
        guard !names.isEmpty else { return }
        switch self {
        case .memory(let bodies): bodies.remove(names)
        case .directory(let files): files.removeLater(names)
        }
    }

    /// Makes sure that no sync of a body or its folder has failed since the start.
    ///
    /// - Throws: The failure.
    func requireSyncs() throws {
        guard case .directory(let files) = self else { return }
        try files.requireSyncs()
    }

    /// Makes the names of new files durable.
    ///
    /// - Parameter names: The files a commit is about to refer to.
    /// - Throws: What the file system says.
    func synchronizeFolders(of names: [String]) throws {
        guard case .directory(let files) = self, !names.isEmpty else { return }
        try files.synchronizeFolders(of: names)
    }
}

/// Takes in one body: counts, hashes and keeps its bytes.
struct BodySink {
    enum Target {
        case memory(MemoryBodies)
        case inline
        case file(BodyFiles.NewFile)
    }

    private let target: Target
    private let declaredSize: Int64
    private(set) var digest: BodyDigest
    private var bytes: ByteBuffer

    init(size: Int64, plan: BodyDigest.Plan, target: Target) {
        self.target = target
        declaredSize = size
        digest = BodyDigest(plan)
        if case .file = target {
            bytes = ByteBuffer()
        } else {
            bytes = ByteBufferAllocator().buffer(capacity: Int(size))
        }
    }

    /// Takes the next bytes.
    ///
    /// - Parameter buffer: What came in.
    /// - Throws: What the file system says.
    mutating func write(_ buffer: ByteBuffer) async throws {
        let start = digest.byteCount
        buffer.withUnsafeReadableBytes { digest.update($0) }
        if case .file(let file) = target {
            try await file.write(buffer, at: start)
        } else {
            bytes.writeImmutableBuffer(buffer)
        }
    }

    /// Ends the body and makes its file durable.
    ///
    /// - Returns: The body, which is in the store but belongs to no object.
    /// - Throws: What the file system says.
    func finish() async throws -> ReceivedBody {
        let content: ReceivedBody.Content
        switch target {
        case .memory(let bodies): content = .named(bodies.add(bytes, md5: digest.md5Bytes))
        case .inline: content = .inline(bytes)
        case .file(let file):
            try await file.finish()
            content = .named(file.name)
        }
        return ReceivedBody(
            content: content,
            size: digest.byteCount,
            md5: digest.md5Bytes,
            checksum: digest.checksum
        )
    }

    /// Gives up: what was written is removed.
    func discard() async {
        switch target {
        case .memory(let bodies): bodies.release(declaredSize)
        case .inline: break
        case .file(let file): await file.discard()
        }
    }
}

/// The bytes of one body, read bit by bit.
enum BodySource: Sendable {
    case bytes(ByteBuffer)
    case file(BodyFiles, String, BodyHolds.Hold?)

    /// Reads some bytes.
    ///
    /// - Parameters:
    ///   - offset: Where to start.
    ///   - count: How many bytes, at most what is left.
    /// - Returns: The bytes.
    /// - Throws: What the file system says.
    func read(at offset: Int64, count: Int) async throws -> ByteBuffer {
        switch self {
        case .bytes(let bytes):
            guard let slice = bytes.getSlice(at: bytes.readerIndex + Int(offset), length: count) else {
                throw S3RequestError(.internalError, "a stored body is shorter than its object")
            }
            return slice
        case .file(let files, let name, _): return try await files.read(name, at: offset, count: count)
        }
    }
}
