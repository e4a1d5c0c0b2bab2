import Foundation

/// A pipe that holds more bytes than any test reads, so that no call ever waits.
final class FullPipe: Sendable {
    private let ends: [Int32]

    init() {
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        _ = write(ends[1], [UInt8](repeating: 1, count: 100), 100)
        self.ends = ends
    }

    deinit { for end in ends { close(end) } }

    @inline(never) func readsAnAnswer() -> Int {
        var byte: UInt8 = 0
        return read(ends[0], &byte, 1)
    }

    @inline(never) func asksAQuestion() -> Int {
        var byte: UInt8 = 1
        return write(ends[1], &byte, 1) + 1
    }
}
