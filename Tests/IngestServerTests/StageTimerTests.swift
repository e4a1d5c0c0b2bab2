import NIOCore
import Testing

@testable import IngestServer

/// What of an upload is told in a header, and how text becomes JSON.
struct StageTimerTests {
    @Test func `a header has 64 stages and 4 KiB at the most, and no put after the 32nd`() {
        let timer = StageTimer(zero: 0) { .max / 2 }
        for put in 0..<40 { timer.record(.put(put), from: .max / 2 - 1) }
        for _ in 0..<100 { timer.record(.cleanup, from: .max / 2 - 1) }
        let header = timer.serverTiming()
        let names = header.split(separator: ", ").map { $0.prefix { $0 != ";" } }
        #expect(names.count == 64)
        #expect(header.utf8.count <= 4096)
        #expect(names.contains("put-31"))
        #expect(!names.contains("put-32"))
    }

    @Test func `what JSON doesn't allow is escaped, and nothing else`() {
        var buffer = ByteBuffer()
        buffer.writeJSON("\0\u{1f}\"\\/\n\r\t\u{7f}é\u{1f600}")
        #expect(String(buffer: buffer) == #""\u0000\u001f\"\\/\n\r\t\#u{7f}é\#u{1f600}""#)
    }
}
