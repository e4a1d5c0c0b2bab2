/// A place in the source: where a scope was opened.
public struct CallSite: Sendable, Codable, Hashable {
    /// The file as the compiler names it: `Module/File.swift`.
    public var file: String
    /// The function.
    public var function: String
    /// The line, from 1.
    public var line: Int

    /// Makes a place.
    ///
    /// - Parameters:
    ///   - file: The file as the compiler names it.
    ///   - function: The function.
    ///   - line: The line, from 1.
    public init(file: String, function: String, line: Int) {
        self.file = file
        self.function = function
        self.line = line
    }

    /// The place that calls.
    ///
    /// - Parameters:
    ///   - file: Left to the compiler.
    ///   - function: Left to the compiler.
    ///   - line: Left to the compiler.
    /// - Returns: The place.
    public static func here(
        file: String = #fileID,
        function: String = #function,
        line: Int = #line
    ) -> CallSite {
        CallSite(file: file, function: function, line: line)
    }
}
