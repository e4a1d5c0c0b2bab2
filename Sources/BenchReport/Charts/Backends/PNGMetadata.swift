/// Where a chart comes from, as its file says.
package struct ChartOrigin: Sendable, Equatable {
    /// The program and its version.
    package var software: String
    /// The command, its secrets masked.
    package var command: String
    /// The SHA-256 of the run document, in hex.
    package var digest: String?

    /// Makes an origin.
    ///
    /// - Parameters:
    ///   - software: The program and its version.
    ///   - command: The command, its secrets masked.
    ///   - digest: The SHA-256 of the run document, in hex.
    package init(software: String, command: String, digest: String?) {
        self.software = software
        self.command = command
        self.digest = digest
    }
}

/// The chunks of a PNG file that are not its picture: density and texts.
///
/// PNG Specification, third edition, 5.3 (chunk layout), 11.3.3.4 (iTXt) and 11.3.4.3 (pHYs). There is no time
/// stamp: the same run gives the same bytes.
struct PNGMetadata {
    let title: String
    let description: String
    let origin: ChartOrigin

    /// Two pixels each of 1/72 inch.
    private static let pixelsPerMetre: UInt32 = 5669
    /// The length of the signature and of the header chunk, behind which the others go.
    private static let headerEnd = 8 + 25

    /// Writes the chunks behind the header of a PNG file.
    func inserted(into png: [UInt8]) -> [UInt8] {
        png.prefix(Self.headerEnd) + chunks + png.dropFirst(Self.headerEnd)
    }

    private var chunks: [UInt8] {
        let density = Self.bytes(Self.pixelsPerMetre)
        let texts = [
            ("Title", title), ("Description", description), ("Software", origin.software),
            ("Source", origin.command), ("Comment", origin.digest.map { "run.json SHA-256 \($0)" } ?? ""),
        ]
        return Self.chunk("pHYs", density + density + [1])
            + texts.filter { !$0.1.isEmpty }.flatMap { keyword, text in
                // Keyword; then not compressed, and neither language nor translated keyword.
                Self.chunk("iTXt", Array(keyword.utf8) + [0, 0, 0, 0, 0] + ChartCanvas.cleaned(text).utf8)
            }
    }

    /// One chunk: length, type, data, and the CRC of the latter two.
    static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let checked = Array(type.utf8) + data
        return bytes(UInt32(data.count)) + checked + bytes(crc32(of: checked))
    }

    /// The CRC of ISO 3309, as PNG uses it; bit by bit, since only texts pass here.
    static func crc32(of bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { remainder, _ in
                remainder & 1 == 1 ? 0xEDB8_8320 ^ (remainder >> 1) : remainder >> 1
            }
        }
    }

    private static func bytes(_ number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
