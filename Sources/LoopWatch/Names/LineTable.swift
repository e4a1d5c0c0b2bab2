internal import CLoopProbe

/// The source lines of one image, read from its debug information once and then cheap to ask.
///
/// Any thread may ask: nothing changes after opening. The corresponding C type is `lp_lines`.
package final class LineTable: Sendable {
    /// A place in the source.
    package struct Line: Hashable, Sendable {
        /// The file's path as the compiler noted it: older debug information leaves it relative to a folder
        /// unknown here.
        package let file: String
        /// The line; 0 in code that the compiler added.
        package let line: Int
        /// The column; 0 if unknown.
        package let column: Int
    }

    // Written by `init` and freed by `deinit` alone; the C functions in between only read it.
    nonisolated(unsafe) private let raw: OpaquePointer

    /// Reads an image's file, unless it can't be read or has no lines, or only compressed ones.
    ///
    /// The corresponding C function is `lp_lines_open`.
    ///
    /// - Parameter path: The image's path.
    package init?(path: String) {
        guard let raw = lp_lines_open(path) else { return nil }
        self.raw = raw
    }

    deinit { lp_lines_close(raw) }

    /// How many runs of addresses have lines.
    package var sequenceCount: Int { lp_lines_count(raw) }

    /// The line of the code at an address: where inlined code is written, not what holds it.
    ///
    /// The corresponding C function is `lp_lines_find`.
    ///
    /// - Parameter address: An address as the image's file has it.
    /// - Returns: `nil` if the address has no line.
    package func line(at address: UInt64) -> Line? {
        var found = lp_line()
        guard lp_lines_find(raw, address, &found) else { return nil }
        return Self.line(found)
    }

    /// The last line up to an address that lies in the file in which its function begins.
    ///
    /// Where foreign code is inlined into a function, this is where the function itself had come to. The
    /// corresponding C function is `lp_lines_find_own`.
    ///
    /// - Parameters:
    ///   - address: An address as the image's file has it.
    ///   - function: The first address of its function.
    /// - Returns: `nil` if the function has no lines.
    package func ownLine(at address: UInt64, of function: UInt64) -> Line? {
        var found = lp_line()
        guard lp_lines_find_own(raw, function, address, &found) else { return nil }
        return Self.line(found)
    }

    private static func line(_ found: lp_line) -> Line? {
        guard let file = found.file else { return nil }
        let parts = [found.base, found.directory, file].compactMap { $0.map { String(cString: $0) } }
        let path = parts.filter { !$0.isEmpty }.joined(separator: "/")
        // The folder of code that belongs to no file is the root.
        return Line(
            file: path.hasPrefix("//") ? String(path.dropFirst()) : path,
            line: Int(clamping: found.line),
            column: Int(clamping: found.column)
        )
    }
}
