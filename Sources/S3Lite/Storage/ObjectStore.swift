import GRDB
import NIOPosix
import S3Wire
import Synchronization

/// Buckets, objects and their bodies, kept in one SQLite database and a body store.
///
/// Reads see a snapshot; writes go through one writer that commits many at a time.
final class ObjectStore: Sendable {
    /// Where bodies are taken in and read.
    let bodies: BodyStore
    /// Which bodies are being read.
    let holds: BodyHolds
    /// Where rows are looked up.
    let reader: GroupReader
    /// Where changes are committed.
    let writer: GroupCommitWriter

    private let database: any DatabaseWriter
    private let threads: NIOThreadPool?
    private let lock: FolderLock?
    // Every request asks for its bucket: this spares a query. Changed by the writer, right after the commit.
    private let bucketsByName: Mutex<[String: Bucket]>

    private init(
        database: any DatabaseWriter,
        bodies: BodyStore,
        failure: @escaping @Sendable (String) -> Int32?,
        threads: NIOThreadPool?,
        lock: FolderLock?
    ) throws {
        self.database = database
        self.bodies = bodies
        self.threads = threads
        self.lock = lock
        holds = BodyHolds(bodies: bodies)
        reader = GroupReader(database: database)
        writer = GroupCommitWriter(database: database, bodies: bodies, holds: holds, failure: failure)
        bucketsByName = Mutex([:])
        remember(try database.read { try BucketRows.all(in: $0) })
    }

    /// Makes a store that is gone when the process ends.
    ///
    /// - Parameter configuration: How the store is run.
    /// - Returns: An empty store.
    /// - Throws: What SQLite says.
    static func inMemory(_ configuration: S3Configuration) throws -> ObjectStore {
        let database = try DatabaseQueue(configuration: StoreSchema.configuration(label: "s3lite"))
        try database.inDatabase { try StoreSchema.create(in: $0) }
        let bodies = BodyStore.memory(MemoryBodies(limit: configuration.memoryLimit))
        return try ObjectStore(
            database: database,
            bodies: bodies,
            failure: configuration.failure,
            threads: nil,
            lock: nil
        )
    }

    /// Opens or makes a store in a folder; blocks.
    ///
    /// - Parameters:
    ///   - path: The folder.
    ///   - isDurable: Whether a power cut must lose nothing that was answered.
    ///   - configuration: How the store is run.
    /// - Returns: The store with all it had.
    /// - Throws: ``S3LiteError``, or what SQLite or the file system says.
    static func inFolder(
        _ path: String,
        isDurable: Bool,
        configuration: S3Configuration
    ) throws -> ObjectStore {
        let lock = try FolderLock(folder: path, isDurable: isDurable)
        let threads = NIOThreadPool(numberOfThreads: 4)
        threads.start()
        do {
            let files = try BodyFiles(
                folder: "\(path)/data",
                isDurable: isDurable,
                threads: threads,
                failure: configuration.failure
            )
            // SQLite gives its journals the mode of the database, which it would make readable for all.
            FileCalls.close(try FileCalls.open("\(path)/index.sqlite", flags: FileCalls.createIfMissing))
            let database = try DatabasePool(
                path: "\(path)/index.sqlite",
                configuration: StoreSchema.configuration(label: "s3lite")
            )
            try database.writeWithoutTransaction { database in
                try prepare(database, files, isDurable: isDurable, configuration)
            }
            return try ObjectStore(
                database: database,
                bodies: .directory(files),
                failure: configuration.failure,
                threads: threads,
                lock: lock
            )
        } catch {
            // Nothing runs on them yet.
            try? threads.syncShutdownGracefully()
            lock.release()
            throw error
        }
    }

    /// Makes the tables and the promises, and removes what a crash or a lost client left behind.
    private static func prepare(
        _ database: Database,
        _ files: BodyFiles,
        isDurable: Bool,
        _ configuration: S3Configuration
    ) throws {
        try StoreSchema.create(in: database)
        try StoreSchema.requireFullSynchronization(of: database, isDurable: isDurable)
        if let pages = configuration.maximumPages {
            try database.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
        try database.inTransaction(.immediate) {
            // The files of its parts are swept below, with all that no row refers to.
            var effects = GroupCommitWriter.Effects()
            try UploadRows.deleteStale(
                at: configuration.clock(),
                age: configuration.staleUploadAge,
                in: database,
                effects: &effects
            )
            return .commit
        }
        try files.sweep { try BodyRows.isKnown(name: $0, in: database) }
    }

    /// Closes the database; nothing may be asked of the store any more.
    ///
    /// - Throws: What SQLite says.
    func close() async throws {
        try database.close()
        try await threads?.shutdownGracefully()
        lock?.release()
    }

    /// Reads from a snapshot of its own: for pages, which take longer than a look-up may wait.
    ///
    /// - Parameter query: Reads.
    /// - Returns: What the query returned.
    /// - Throws: What the query throws.
    func readPage<Value: Sendable>(
        _ query: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        guard let pool = database as? DatabasePool else { return try await reader.read(query) }
        return try await pool.read(query)
    }

    /// Finds a bucket.
    ///
    /// - Parameter name: Its name.
    /// - Returns: The bucket.
    /// - Throws: ``S3RequestError`` (NoSuchBucket).
    func bucket(_ name: String) throws(S3RequestError) -> Bucket {
        guard let bucket = bucketsByName.withLock({ $0[name] }) else {
            throw S3RequestError(.noSuchBucket, details: [.init("BucketName", name)])
        }
        return bucket
    }

    /// All buckets by name.
    func buckets() -> [Bucket] {
        bucketsByName.withLock { $0.values.sorted { $0.name < $1.name } }
    }

    /// Makes a bucket, unless it exists.
    func createBucket(_ name: String, location: String, at time: S3Timestamp) async throws {
        try await writer.commit { [self] database, effects in
            try BucketRows.insert(name: name, created: time, location: location, in: database)
            let buckets = try BucketRows.all(in: database)
            effects.afterCommit.append { self.remember(buckets) }
        }
    }

    /// Removes an empty bucket.
    func deleteBucket(_ bucket: Bucket) async throws {
        try await writer.commit { [self] database, effects in
            try BucketRows.delete(bucket, in: database, effects: &effects)
            let buckets = try BucketRows.all(in: database)
            effects.afterCommit.append { self.remember(buckets) }
        }
    }

    /// Removes every bucket, object and upload.
    func removeAll(keepingBuckets: Bool) async throws {
        try await writer.commit { [self] database, effects in
            effects.orphaned += try String.fetchAll(
                database,
                sql: "SELECT name FROM body WHERE name IS NOT NULL"
            )
            for table in ["object", "segment", "body", "upload", "part"] {
                try database.execute(sql: "DELETE FROM \(table)")
            }
            guard !keepingBuckets else { return }
            try database.execute(sql: "DELETE FROM bucket")
            effects.afterCommit.append { self.remember([]) }
        }
    }

    private func remember(_ buckets: [Bucket]) {
        bucketsByName.withLock { $0 = Dictionary(uniqueKeysWithValues: buckets.map { ($0.name, $0) }) }
    }
}
