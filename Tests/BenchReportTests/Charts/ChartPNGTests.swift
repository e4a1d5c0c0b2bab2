import BenchReport
import Testing

struct ChartPNGTests {
    private struct Chunk {
        let type: String
        let data: [UInt8]
        let isIntact: Bool
    }

    @Test func `the chunks are whole, in order, and say where the chart comes from`() throws {
        let chunks = try chunks(title: "async vs blocking", digest: "abc123")
        #expect(chunks.filter { !$0.isIntact }.isEmpty)
        let types = chunks.map(\.type)
        #expect(types.prefix(7) == ["IHDR", "pHYs", "iTXt", "iTXt", "iTXt", "iTXt", "iTXt"])
        #expect(types.last == "IEND")
        #expect(!types.contains("tIME"))
        #expect(chunks[0].data.prefix(4) == [0, 0, 6, 64])
        #expect(chunks[1].data == [0, 0, 0x16, 0x25, 0, 0, 0x16, 0x25, 1])
        let texts = chunks.filter { $0.type == "iTXt" }.map { String(decoding: $0.data, as: UTF8.self) }
        #expect(
            texts == [
                "Title\0\0\0\0\0async vs blocking", "Description\0\0\0\0\0Bar chart.",
                "Software\0\0\0\0\0ingest-bench 0.1.0", "Source\0\0\0\0\0ingest-bench run sample.pdf 100",
                "Comment\0\0\0\0\0run.json SHA-256 abc123",
            ]
        )
    }

    @Test func `a hostile title stays within its chunk`() throws {
        let chunks = try chunks(title: "a\0b\u{1B}[31m\u{202E}\n漢", digest: nil)
        #expect(chunks.filter { !$0.isIntact }.isEmpty)
        #expect(String(decoding: chunks[2].data, as: UTF8.self) == "Title\0\0\0\0\0a b [31m\u{FFFD} 漢")
        #expect(chunks.count { $0.type == "iTXt" } == 4)
    }

    /// Reads a PNG as the standard lays it out, and checks each CRC.
    private func chunks(title: String, digest: String?) throws -> [Chunk] {
        let (list, origin) = ChartSamples.titled(title, digest: digest)
        let bytes = try ChartPNG(fonts: ChartFonts()).encode(list, palette: .light, origin: origin)
        #expect(bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        var rest = bytes.dropFirst(8)
        var chunks: [Chunk] = []
        while rest.count >= 12 {
            let length = Int(number(rest.prefix(4)))
            let checked = rest.dropFirst(4).prefix(4 + length)
            chunks.append(
                Chunk(
                    type: String(decoding: checked.prefix(4), as: UTF8.self),
                    data: Array(checked.dropFirst(4)),
                    isIntact: checked.count == 4 + length
                        && crc(checked) == number(rest.dropFirst(8 + length).prefix(4))
                )
            )
            rest = rest.dropFirst(12 + length)
        }
        #expect(rest.isEmpty)
        return chunks
    }

    private func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The CRC of PNG by its table, as annex D of the standard computes it.
    private func crc(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in Self.table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8) }
    }

    private static let table: [UInt32] = (0..<256).map { number in
        (0..<8).reduce(number) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }
}
