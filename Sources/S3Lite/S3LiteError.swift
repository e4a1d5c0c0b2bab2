/// Why a store can't be started.
public enum S3LiteError: Error, Sendable, Equatable {
    /// The folder can't be made, opened or locked.
    case folderUnusable(path: String, reason: String)
    /// Another process has the folder open.
    case folderInUse(path: String)
    /// The folder was written by another version.
    case schemaUnknown(version: Int)
    /// SQLite did not take the setting that makes commits durable.
    case notDurable
    /// The database can't be opened.
    case databaseUnusable(reason: String)
    /// The address can't be listened on.
    case cannotListen(message: String, hint: String?)

    /// What went wrong, in lower case.
    public var message: String {
        switch self {
        case .folderUnusable(let path, let reason): "the folder \(path) can't be used: \(reason)"
        case .folderInUse(let path): "another process stores in \(path)"
        case .schemaUnknown(let version): "the store was written by another version (schema \(version))"
        case .notDurable: "SQLite refuses synchronous=FULL, so nothing would be safe"
        case .databaseUnusable(let reason): "the store's database can't be opened: \(reason)"
        case .cannotListen(let message, _): message
        }
    }

    /// What to try.
    public var hint: String? {
        switch self {
        case .folderUnusable: "name a folder that this user may write"
        case .folderInUse: "stop the other process, or name another folder"
        case .schemaUnknown: "use the version that wrote it, or name an empty folder"
        case .notDurable, .databaseUnusable: nil
        case .cannotListen(_, let hint): hint
        }
    }
}
