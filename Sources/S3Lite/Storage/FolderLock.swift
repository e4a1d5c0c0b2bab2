/// Keeps a second process out of a store's folder, for as long as this process lives.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// Makes the folder if need be and takes its lock; blocks.
    ///
    /// - Parameters:
    ///   - folder: The store's folder.
    ///   - isDurable: Whether a folder made here must survive a power cut.
    /// - Throws: ``S3LiteError`` if the folder can't be used or another process has it.
    init(folder: String, isDurable: Bool) throws(S3LiteError) {
        do {
            if try FileCalls.makeFolder(folder), isDurable {
                try FileCalls.synchronizeFolder(Self.parent(of: folder))
            }
            descriptor = try FileCalls.open("\(folder)/lock", flags: FileCalls.createIfMissing)
        } catch {
            throw .folderUnusable(path: folder, reason: error.reason)
        }
        guard FileCalls.lock(descriptor) else {
            FileCalls.close(descriptor)
            throw .folderInUse(path: folder)
        }
    }

    /// Lets another process in.
    func release() {
        FileCalls.close(descriptor)
    }

    private static func parent(of folder: String) -> String {
        let trimmed = folder.last == "/" ? folder.dropLast() : folder[...]
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }
}
