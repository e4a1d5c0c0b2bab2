import Curl
import Glibc

/// A file that uploads carry.
package struct PlannedFile: Sendable, Codable, Equatable {
    /// Where it is.
    package let path: String
    /// The last part of its path, which the upload names.
    package let name: String
    /// Its size.
    package let bytes: Int

    /// Makes a file that has been looked at.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - bytes: Its size.
    package init(path: String, bytes: Int) {
        self.path = path
        name = path.split(separator: "/").last.map(String.init) ?? path
        self.bytes = bytes
    }

    /// Looks at files and into folders.
    ///
    /// Of a folder it takes the regular files, in the order of their names; hidden files and subfolders are
    /// not searched.
    ///
    /// - Parameter paths: Files and folders.
    /// - Returns: The files, each readable and of at least one byte.
    /// - Throws: ``PlanError`` for the first that cannot be uploaded.
    package static func find(_ paths: [String]) throws(PlanError) -> [PlannedFile] {
        var files: [PlannedFile] = []
        for path in paths {
            var status = stat()
            guard stat(path, &status) == 0 else { throw failure(of: path, errno) }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                files.append(try inspect(path, status))
                continue
            }
            let inside = try names(in: path)
            var found: [PlannedFile] = []
            for name in inside.sorted() {
                let inner = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
                guard stat(inner, &status) == 0 else { throw failure(of: inner, errno) }
                if status.st_mode & S_IFMT == S_IFREG { found.append(try inspect(inner, status)) }
            }
            guard !found.isEmpty else { throw .emptyFolder(path: path) }
            files += found
        }
        guard !files.isEmpty else { throw .noFiles }
        return files
    }

    private static func inspect(_ path: String, _ status: stat) throws(PlanError) -> PlannedFile {
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, reason: "not a regular file")
        }
        guard access(path, R_OK) == 0 else { throw failure(of: path, errno) }
        guard status.st_size > 0 else { throw .emptyFile(path: path) }
        return PlannedFile(path: path, bytes: Int(status.st_size))
    }

    private static func names(in folder: String) throws(PlanError) -> [String] {
        guard let stream = opendir(folder) else { throw failure(of: folder, errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func failure(of path: String, _ number: Int32) -> PlanError {
        switch number {
        case ENOENT, ENOTDIR: .noSuchFile(path: path)
        case EACCES, EPERM: .permissionDenied(path: path)
        default: .unreadable(path: path, reason: describeSystemError(number))
        }
    }
}
