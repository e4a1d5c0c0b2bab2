import Glibc

/// The system calls that results are written with; each can be made to fail, so that tests can.
package struct FileSystem: Sendable {
    /// What is asked of the system.
    package enum Call: Sendable, CaseIterable {
        case makeFolder, create, write, sync, close, rename, link
    }

    /// Asked before each call: a number from errno makes the call fail with it, 0 lets it happen.
    private let fault: @Sendable (Call) -> Int32

    /// The system as it is.
    package static let real = FileSystem { _ in 0 }

    /// Makes a system with faults.
    ///
    /// - Parameter fault: Asked before each call for a number from errno, or 0.
    package init(fault: @escaping @Sendable (Call) -> Int32) {
        self.fault = fault
    }

    /// Runs a call again while signals interrupt it.
    ///
    /// - Parameters:
    ///   - call: Which call it is, for tests to make it fail.
    ///   - path: The file or folder that an error names.
    ///   - body: Makes the call; a negative result is a failure.
    /// - Returns: What the call returned.
    /// - Throws: ``ReportError/file(path:code:)``.
    func run<Number: SignedInteger>(
        _ call: Call,
        at path: String,
        _ body: () -> Number
    ) throws(ReportError) -> Number {
        let code = fault(call)
        guard code == 0 else { throw .file(path: path, code: code) }
        while true {
            let result = body()
            if result >= 0 { return result }
            if errno != EINTR { throw .file(path: path, code: errno) }
        }
    }

    /// Makes a folder that must not exist yet.
    ///
    /// The corresponding C function is `mkdir`.
    func makeFolder(_ path: String) throws(ReportError) {
        _ = try run(.makeFolder, at: path) { mkdir(path, 0o777) }
    }

    /// Makes a folder and those above it, unless they exist.
    func makeFolders(_ path: String) throws(ReportError) {
        if isFolder(path) { return }
        let parent = Self.parent(of: path)
        if parent != path { try makeFolders(parent) }
        do {
            try makeFolder(path)
        } catch .file(_, EEXIST) {
            // Unless another process made it meanwhile, a file is in the way.
            guard isFolder(path) else { throw .file(path: path, code: ENOTDIR) }
        }
    }

    /// Puts a file in its place at once: a reader finds all of it, or what stood there before.
    ///
    /// The bytes go to a temporary file in the same folder, to the disk, and only then to their name.
    ///
    /// - Parameters:
    ///   - path: The place.
    ///   - mayReplace: Whether a file that stands there is replaced; one of the same content never is.
    ///   - content: Writes the content.
    /// - Throws: ``ReportError/file(path:code:)``, or what `content` throws.
    func write(
        to path: String,
        mayReplace: Bool,
        _ content: (FileOutput) throws(ReportError) -> Void
    ) throws(ReportError) {
        let folder = Self.parent(of: path)
        let temporary = "\(folder)/.\(Self.name(of: path)).\(getpid()).part"
        do {
            let output = try FileOutput(temporary, files: self)
            try content(output)
            try output.write()
            if mayReplace, isFile(path), isEqual(temporary, path) {
                output.abandon()
                unlink(temporary)
                return
            }
            try output.finish()
            if mayReplace {
                _ = try run(.rename, at: path) { rename(temporary, path) }
            } else {
                try nameOnce(temporary, path)
            }
        } catch {
            unlink(temporary)
            throw error.naming(path)
        }
        try syncFolder(folder)
    }

    /// Whether two files hold the same; not if the second one can't be read.
    private func isEqual(_ left: String, _ right: String) -> Bool {
        do {
            let (first, second) = (try FileInput(left), try FileInput(right))
            // What is no file, such as a pipe, would keep its reader waiting.
            guard try first.size() == second.size() else { return false }
            while true {
                let (piece, other) = (try first.next(), try second.next())
                if piece != other { return false }
                if piece.isEmpty { return true }
            }
        } catch {
            return false
        }
    }

    /// Gives a temporary file its name, unless a file has that name already.
    ///
    /// A second name, unlike a new one, is refused where a file stands. Where there are no second names (vfat,
    /// shared folders of virtual machines) an empty file takes the name first, and is replaced.
    private func nameOnce(_ temporary: String, _ path: String) throws(ReportError) {
        do {
            _ = try run(.link, at: path) { Glibc.link(temporary, path) }
            unlink(temporary)
        } catch .file(_, let code) where [EPERM, ENOSYS, EOPNOTSUPP, EINVAL].contains(code) {
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
            let descriptor = try run(.create, at: path) { open(path, flags, 0o666) }
            close(descriptor)
            do {
                _ = try run(.rename, at: path) { rename(temporary, path) }
            } catch {
                unlink(path)
                throw error
            }
        }
    }

    /// Makes the names of a folder durable.
    ///
    /// The corresponding C function is `fsync`.
    private func syncFolder(_ path: String) throws(ReportError) {
        let descriptor = try run(.create, at: path) { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(descriptor) }
        _ = try run(.sync, at: path) { fsync(descriptor) }
    }

    /// Points a symbolic link somewhere else at once; what is no link stays.
    func link(_ path: String, to destination: String) throws(ReportError) {
        if exists(path), !isLink(path) { return }
        let temporary = "\(path).\(getpid()).part"
        _ = try run(.link, at: path) { symlink(destination, temporary) }
        do {
            _ = try run(.rename, at: path) { rename(temporary, path) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Reads a whole file; nil where there is none.
    func read(_ path: String, limit: Int) throws(ReportError) -> [UInt8]? {
        let input: FileInput
        do {
            input = try FileInput(path)
        } catch .file(_, let code) where code == ENOENT || code == ENOTDIR {
            return nil
        }
        let size = try input.size()
        guard size <= limit else { throw .document(path: path, fault: .tooLarge(bytes: size)) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        // What is no file, such as a pipe, has no size beforehand.
        while true {
            let piece = try input.next()
            if piece.isEmpty { return bytes }
            bytes.append(contentsOf: piece)
            guard bytes.count <= limit else {
                throw .document(path: path, fault: .tooLarge(bytes: bytes.count))
            }
        }
    }

    /// Removes a folder that is empty; any other stays.
    func removeEmptyFolder(_ path: String) {
        rmdir(path)
    }

    /// The bytes that an ordinary user may still write.
    func freeBytes(in folder: String) throws(ReportError) -> Int {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { throw .file(path: folder, code: errno) }
        return Int(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
                .partialValue
        )
    }

    /// Checks that files can be made in a folder.
    func checkWritable(_ folder: String) throws(ReportError) {
        let code = fault(.create)
        guard code == 0 else { throw .file(path: folder, code: code) }
        guard access(folder, W_OK | X_OK) == 0 else { throw .file(path: folder, code: errno) }
    }

    /// Whether a folder holds anything.
    func isEmpty(_ folder: String) throws(ReportError) -> Bool {
        guard let stream = opendir(folder) else { throw .file(path: folder, code: errno) }
        defer { closedir(stream) }
        var entries = 0
        // Every folder lists itself and the one above.
        while readdir(stream) != nil, entries <= 2 { entries += 1 }
        return entries <= 2
    }

    func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether anything has this name, a link that points nowhere too.
    func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    private func isFile(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }
}
