import S3Wire

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A failed call of the file system.
struct FileCallError: Error, Equatable {
    let call: String
    let path: String
    let errno: Int32

    var reason: String { "\(call): \(String(cString: strerror(errno)))" }

    /// Whether it was a sync: from then on nobody knows what is on the disk.
    var isSync: Bool { call == "fsync" }

    /// What a client is told: a full disk has a code of its own, and a lost disk is not its fault.
    var requestError: S3RequestError {
        if isSync { return S3RequestError(.serviceUnavailable) }
        let isFull = [ENOSPC, EDQUOT, EFBIG].contains(errno)
        return S3RequestError(isFull ? .insufficientStorage : .internalError)
    }
}

/// The calls of the file system the store makes; each blocks, none belongs on an event loop.
enum FileCalls {
    /// Opens for reading only.
    static let readOnly = O_RDONLY
    /// Makes a new file and refuses one that exists.
    static let createNew = O_RDWR | O_CREAT | O_EXCL
    /// Makes a file unless it exists.
    static let createIfMissing = O_RDWR | O_CREAT
    /// The error of a file that ends too early.
    static let truncated = EIO

    /// Opens a file.
    ///
    /// The corresponding C function is `open`.
    static func open(_ path: String, flags: Int32) throws(FileCallError) -> Int32 {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileCallError(call: "open", path: path, errno: errno) }
        return descriptor
    }

    /// Writes all bytes at an offset.
    ///
    /// The corresponding C function is `pwrite`.
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int64)
        throws(FileCallError)
    {
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(written))
            guard count > 0 else {
                if errno == EINTR { continue }
                throw FileCallError(call: "pwrite", path: "", errno: errno)
            }
            written += count
        }
    }

    /// Reads bytes at an offset.
    ///
    /// The corresponding C function is `pread`.
    ///
    /// - Returns: How many bytes were read: fewer only at the end of the file.
    static func read(
        into bytes: UnsafeMutableRawBufferPointer,
        from descriptor: Int32,
        at offset: Int64
    ) throws(FileCallError) -> Int {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
            if count == 0 { break }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw FileCallError(call: "pread", path: "", errno: errno)
            }
            done += count
        }
        return done
    }

    /// Sets room aside, so that a full disk shows before the body is sent.
    ///
    /// The corresponding C function is `posix_fallocate`.
    static func reserve(_ size: Int64, in descriptor: Int32) throws(FileCallError) {
        #if canImport(Glibc)
        let code = posix_fallocate(descriptor, 0, off_t(size))
        guard code == 0 else { throw FileCallError(call: "fallocate", path: "", errno: code) }
        #endif
    }

    /// Waits until a file or folder is on the disk.
    ///
    /// The corresponding C function is `fsync`.
    static func synchronize(_ descriptor: Int32) throws(FileCallError) {
        guard fsync(descriptor) == 0 else { throw FileCallError(call: "fsync", path: "", errno: errno) }
    }

    /// Opens a folder, waits until its entries are on the disk, and closes it.
    static func synchronizeFolder(_ path: String) throws(FileCallError) {
        let descriptor = try open(path, flags: O_RDONLY | O_DIRECTORY)
        defer { close(descriptor) }
        try synchronize(descriptor)
    }

    /// Makes a folder that only this user can enter, unless it exists.
    ///
    /// The corresponding C function is `mkdir`.
    ///
    /// - Returns: Whether it was made here.
    static func makeFolder(_ path: String) throws(FileCallError) -> Bool {
        if mkdir(path, 0o700) == 0 { return true }
        guard errno == EEXIST else { throw FileCallError(call: "mkdir", path: path, errno: errno) }
        return false
    }

    /// Closes a file.
    ///
    /// The corresponding C function is `close`.
    static func close(_ descriptor: Int32) {
        // What was to be durable was synced before; closing adds nothing to it.
        _ = Glibc.close(descriptor)
    }

    /// Removes a file, which may be gone already.
    ///
    /// The corresponding C function is `unlink`.
    static func remove(_ path: String) {
        // A file that stays is swept at the next start.
        _ = unlink(path)
    }

    /// Takes the lock that keeps a second process away.
    ///
    /// The corresponding C function is `flock`.
    ///
    /// - Returns: Whether nobody else has it.
    static func lock(_ descriptor: Int32) -> Bool {
        flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }

    /// Lists a folder, without its entries for itself and its parent.
    ///
    /// The corresponding C function is `readdir`.
    static func names(in path: String) throws(FileCallError) -> [String] {
        guard let folder = opendir(path) else {
            throw FileCallError(call: "opendir", path: path, errno: errno)
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
