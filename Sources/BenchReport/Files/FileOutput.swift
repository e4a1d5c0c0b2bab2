import Glibc

/// A file that is written piece by piece, so that its content need never be in memory as a whole.
package final class FileOutput {
    private let path: String
    private let files: FileSystem
    private let descriptor: Int32
    private var isOpen = true
    private var pending: [UInt8] = []
    private var failure: ReportError?

    /// Bytes that are gathered for one call.
    private static let piece = 1 << 16

    /// Makes a file, which must not exist yet.
    ///
    /// - Parameters:
    ///   - path: Where it shall be.
    ///   - files: The file system.
    /// - Throws: ``ReportError/file(path:code:)``.
    init(_ path: String, files: FileSystem) throws(ReportError) {
        self.path = path
        self.files = files
        descriptor = try files.run(.create, at: path) {
            open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        }
        pending.reserveCapacity(Self.piece * 2)
    }

    /// Writes to what is open already, such as standard error, and leaves it open.
    ///
    /// The corresponding C function is `dup`.
    ///
    /// - Parameter open: Its descriptor.
    /// - Throws: ``ReportError/file(path:code:)``.
    package init(copying open: Int32) throws(ReportError) {
        path = "descriptor \(open)"
        files = .real
        descriptor = try files.run(.create, at: path) { fcntl(open, F_DUPFD_CLOEXEC, 0) }
        pending.reserveCapacity(Self.piece * 2)
    }

    deinit { abandon() }

    /// Appends bytes; a failure is kept for ``finish()``, and what follows it goes nowhere.
    ///
    /// - Parameter bytes: What comes next.
    func append(_ bytes: [UInt8]) {
        pending.append(contentsOf: bytes)
        if pending.count >= Self.piece { flush() }
    }

    /// Writes what was gathered, so that others can read it.
    ///
    /// - Throws: ``ReportError/file(path:code:)``, the first there was.
    package func write() throws(ReportError) {
        flush()
        if let failure { throw failure }
    }

    /// Writes what is left, and has all of it brought to the disk.
    ///
    /// - Throws: ``ReportError/file(path:code:)``, the first there was.
    func finish() throws(ReportError) {
        try write()
        _ = try files.run(.sync, at: path) { fsync(descriptor) }
        isOpen = false
        _ = try files.run(.close, at: path) { close(descriptor) }
    }

    /// Closes the file without a care for its content.
    func abandon() {
        guard isOpen else { return }
        isOpen = false
        close(descriptor)
    }

    private func flush() {
        defer { pending.removeAll(keepingCapacity: true) }
        guard failure == nil else { return }
        do throws(ReportError) {
            try files.write(pending[...], to: descriptor, at: nil, path: path)
        } catch {
            failure = error
        }
    }
}

/// A file that is read piece by piece.
final class FileInput {
    private let path: String
    private let descriptor: Int32
    private static let piece = 1 << 16

    /// Opens a file.
    ///
    /// - Parameter path: Where it is.
    /// - Throws: ``ReportError/file(path:code:)``.
    init(_ path: String) throws(ReportError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(path: path, code: errno) }
    }

    deinit { close(descriptor) }

    /// How long the file is; 0 of what is none, such as a pipe.
    ///
    /// The corresponding C function is `fstat`.
    ///
    /// - Returns: Its length in bytes.
    /// - Throws: ``ReportError/file(path:code:)``.
    func size() throws(ReportError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .file(path: path, code: errno) }
        return Int(status.st_size)
    }

    /// Reads the next piece.
    ///
    /// - Returns: Its bytes; none at the end.
    /// - Throws: ``ReportError/file(path:code:)``.
    func next() throws(ReportError) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.piece) { buffer, count in
            while count < Self.piece {
                let result = read(descriptor, buffer.baseAddress?.advanced(by: count), Self.piece - count)
                if result < 0, errno == EINTR { continue }
                if result < 0 { code = errno }
                guard result > 0 else { return }
                count += result
            }
        }
        guard code == 0 else { throw .file(path: path, code: code) }
        return bytes
    }
}

extension FileSystem {
    /// Writes bytes to an open file, all of them.
    ///
    /// The corresponding C functions are `write` and `pwrite`.
    ///
    /// - Parameters:
    ///   - bytes: What to write.
    ///   - descriptor: The file.
    ///   - offset: Where; nil is where the last call ended.
    ///   - path: What an error names.
    /// - Throws: ``ReportError/file(path:code:)``.
    func write(
        _ bytes: ArraySlice<UInt8>,
        to descriptor: Int32,
        at offset: Int?,
        path: String
    ) throws(ReportError) {
        var written = 0
        while written < bytes.count {
            let start = written
            written += try run(.write, at: path) {
                bytes.withUnsafeBytes { bytes in
                    let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
                    return offset.map { pwrite(descriptor, rest.baseAddress, rest.count, off_t($0 + start)) }
                        ?? Glibc.write(descriptor, rest.baseAddress, rest.count)
                }
            }
        }
    }
}
