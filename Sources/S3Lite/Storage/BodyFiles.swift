import NIOCore
import NIOPosix
import S3Wire
import Synchronization

/// Bodies in files with random names, written once and never renamed: the database row is the switch.
///
/// The files lie in 256 folders by the first two digits of their names.
final class BodyFiles: Sendable {
    private let folder: String
    private let isDurable: Bool
    private let threads: NIOThreadPool
    private let failure: @Sendable (String) -> Int32?
    private let failedSync = Mutex<FileCallError?>(nil)

    /// Opens the folder of bodies.
    ///
    /// - Parameters:
    ///   - folder: An existing folder.
    ///   - isDurable: Whether files are synced before they are referred to.
    ///   - threads: Where calls that block are made.
    ///   - failure: Asked before each call whether it fails.
    /// - Throws: ``FileCallError`` if the folders can't be made.
    init(
        folder: String,
        isDurable: Bool,
        threads: NIOThreadPool,
        failure: @escaping @Sendable (String) -> Int32?
    ) throws(FileCallError) {
        self.folder = folder
        self.isDurable = isDurable
        self.threads = threads
        self.failure = failure
        var isNew = try FileCalls.makeFolder(folder)
        for byte in UInt8.min...UInt8.max
        where try FileCalls.makeFolder("\(folder)/\(HexEncoding.encode([byte]))") {
            isNew = true
        }
        if isNew && isDurable { try FileCalls.synchronizeFolder(folder) }
    }

    private func folder(of name: String) -> String { "\(folder)/\(name.prefix(2))" }

    private func path(of name: String) -> String { "\(folder(of: name))/\(name)" }

    /// Makes a file for a body and sets its room aside.
    ///
    /// - Parameter size: The declared size.
    /// - Returns: The new file.
    /// - Throws: ``S3RequestError`` (InsufficientStorage) if the disk is full.
    func create(size: Int64) async throws -> NewFile {
        var generator = SystemRandomNumberGenerator()
        let name = HexEncoding.encode(
            (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        )
        let path = path(of: name)
        let descriptor = try await run { [self] in
            try requireSyncs()
            try attempt("open")
            let descriptor = try FileCalls.open(path, flags: FileCalls.createNew)
            do {
                try attempt("fallocate")
                try FileCalls.reserve(size, in: descriptor)
            } catch {
                FileCalls.close(descriptor)
                FileCalls.remove(path)
                throw error
            }
            return descriptor
        }
        return NewFile(name: name, path: path, descriptor: descriptor, isDurable: isDurable, files: self)
    }

    /// Reads bytes of a body that is held.
    ///
    /// Opened for each piece: an object of ten thousand parts must not need as many descriptors.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - offset: Where to start.
    ///   - count: How many bytes.
    /// - Returns: The bytes.
    /// - Throws: ``S3RequestError`` if they can't be read.
    func read(_ name: String, at offset: Int64, count: Int) async throws -> ByteBuffer {
        let path = path(of: name)
        return try await run {
            let descriptor = try FileCalls.open(path, flags: FileCalls.readOnly)
            defer { FileCalls.close(descriptor) }
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            let read = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
                try FileCalls.read(into: .init(rebasing: space.prefix(count)), from: descriptor, at: offset)
            }
            guard read == count else {
                throw FileCallError(call: "pread", path: "", errno: FileCalls.truncated)
            }
            return buffer
        }
    }

    /// Removes files; blocks.
    ///
    /// - Parameter names: Their names.
    func remove(_ names: [String]) {
        for name in names { FileCalls.remove(path(of: name)) }
    }

    /// Removes files on a thread that may block.
    ///
    /// - Parameter names: Their names.
    func removeLater(_ names: [String]) {
        // Files that stay because the store stops are swept at the next start.
        threads.submit { [self] _ in remove(names) }
    }

    /// Waits until the names of new files are on the disk; blocks.
    ///
    /// - Parameter names: Their names.
    /// - Throws: ``FileCallError``.
    func synchronizeFolders(of names: [String]) throws(FileCallError) {
        guard isDurable else { return }
        for folder in Set(names.map { self.folder(of: $0) }) {
            try noting { () throws(FileCallError) in
                try attempt("fsync")
                try FileCalls.synchronizeFolder(folder)
            }
        }
    }

    /// Makes sure that no sync has failed since the start.
    ///
    /// - Throws: ``FileCallError``, the first that failed.
    func requireSyncs() throws(FileCallError) {
        if let failure = failedSync.withLock({ $0 }) { throw failure }
    }

    /// Waits until the bytes of a new file are on the disk; blocks.
    fileprivate func synchronize(_ descriptor: Int32) throws(FileCallError) {
        try noting { () throws(FileCallError) in
            try attempt("fsync")
            try FileCalls.synchronize(descriptor)
        }
    }

    /// Lets a test fail the call that comes next.
    fileprivate func attempt(_ call: String) throws(FileCallError) {
        if let errno = failure(call) { throw FileCallError(call: call, path: "", errno: errno) }
    }

    /// Makes a call and remembers it if it is a sync that fails.
    private func noting(_ call: () throws(FileCallError) -> Void) throws(FileCallError) {
        do {
            try call()
        } catch {
            if error.isSync { failedSync.withLock { $0 = $0 ?? error } }
            throw error
        }
    }

    /// Removes files no row refers to: what a crash left behind; blocks.
    ///
    /// - Parameter isKnown: Whether a row refers to a name.
    /// - Throws: What the file system or the closure says.
    func sweep(isKnown: (String) throws -> Bool) throws {
        for shard in try FileCalls.names(in: folder) {
            for name in try FileCalls.names(in: "\(folder)/\(shard)") where try !isKnown(name) {
                FileCalls.remove("\(folder)/\(shard)/\(name)")
            }
        }
    }

    /// Runs calls that block on a thread that may block.
    fileprivate func run<Value: Sendable>(
        _ calls: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        do {
            return try await threads.runIfActive { try calls() }
        } catch let error as FileCallError {
            throw error.requestError
        }
    }
}

extension BodyFiles {
    /// A file a body is being written to, by one request.
    final class NewFile: Sendable {
        /// The body's name.
        let name: String
        private let path: String
        private let descriptor: Int32
        private let isDurable: Bool
        private let files: BodyFiles

        fileprivate init(name: String, path: String, descriptor: Int32, isDurable: Bool, files: BodyFiles) {
            self.name = name
            self.path = path
            self.descriptor = descriptor
            self.isDurable = isDurable
            self.files = files
        }

        deinit { FileCalls.close(descriptor) }

        /// Writes bytes at an offset.
        func write(_ buffer: ByteBuffer, at start: Int64) async throws {
            try await files.run { [descriptor, files] in
                try files.attempt("pwrite")
                try buffer.withUnsafeReadableBytes { bytes in
                    try FileCalls.write(bytes, to: descriptor, at: start)
                }
            }
        }

        /// Waits until the bytes are on the disk.
        func finish() async throws {
            guard isDurable else { return }
            try await files.run { [descriptor, files] in try files.synchronize(descriptor) }
        }

        /// Removes the file.
        func discard() async {
            // A file that stays is swept at the next start.
            try? await files.run { [path] in FileCalls.remove(path) }
        }
    }
}
