/// Keeps to the blocks that a file or a module has a part in.
public struct CallerContext: Sendable, Hashable, Codable {
    /// The Swift module.
    package let module: String
    /// The file's name, `nil` for every file of the module.
    package let fileName: String?

    private init(fileID: String, keepsFile: Bool) {
        let parts = fileID.split(separator: "/")
        module = parts.first.map(String.init) ?? ""
        fileName = keepsFile ? parts.last.map(String.init) : nil
    }

    /// Keeps to blocks with a frame of a file.
    ///
    /// - Parameter fileID: The file as `#fileID` gives it; left to the compiler it is the caller's.
    /// - Returns: The context.
    public static func file(_ fileID: String = #fileID) -> CallerContext {
        CallerContext(fileID: fileID, keepsFile: true)
    }

    /// Keeps to blocks with a frame of a module.
    ///
    /// - Parameter fileID: A file as `#fileID` gives it; left to the compiler it is the caller's.
    /// - Returns: The context.
    public static func module(_ fileID: String = #fileID) -> CallerContext {
        CallerContext(fileID: fileID, keepsFile: false)
    }
}
