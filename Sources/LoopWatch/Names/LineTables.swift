internal import CLoopProbe
import Synchronization

/// The line tables of the process's images, each opened when its first address is asked for.
///
/// An address has one place: functions that were inlined at it aren't told apart, only the line is that of the code
/// which really is there. Where that line is foreign (`append` in a handler) the place is the function's own.
/// Lost is a user's closure between a foreign function and foreign code that is inlined into the closure.
package final class LineTables: Sendable {
    /// An image that is loaded.
    private struct Image: Hashable {
        let path: String
        let bias: UInt64
    }

    /// What was found out of an image: images without lines are remembered too.
    private let tables = Mutex<[Image: LineTable?]>([:])

    /// Makes a collection with nothing open.
    package init() {}

    /// The place of an address in the source.
    ///
    /// - Parameters:
    ///   - address: An address of this process, inside the instruction that is meant.
    ///   - name: The function there.
    /// - Returns: `nil` if the image has no lines to ask; empty if it has none for this address.
    package func places(of address: UInt64, in name: FrameName) -> [FramePlace]? {
        var found = lp_linker_image()
        guard lp_linker_image_of(address, &found), let path = found.path else { return nil }
        guard let table = table(of: Image(path: String(cString: path), bias: found.bias)) else { return nil }
        guard
            let line = Self.line(of: address &- found.bias, start: name.start.map { $0 &- found.bias }, table)
        else {
            return []
        }
        return [FramePlace(function: name.function, file: line.file, line: line.line, column: line.column)]
    }

    /// The line at an address if it is the user's, the function's own otherwise.
    private static func line(of address: UInt64, start: UInt64?, _ table: LineTable) -> LineTable.Line? {
        guard let line = table.line(at: address) else { return nil }
        let path = SourcePath(path: line.file)
        let isUsers = line.line > 0 && !path.isForeign && !path.isCompilerGenerated
        guard !isUsers, let start else { return line }
        return table.ownLine(at: address, of: start) ?? line
    }

    private func table(of image: Image) -> LineTable? {
        tables.withLock { tables in
            if let known = tables[image] { return known }
            let opened = LineTable(path: image.path)
            tables[image] = .some(opened)
            return opened
        }
    }
}
