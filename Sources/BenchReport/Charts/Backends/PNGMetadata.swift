import Zlib

/// Where a chart comes from, as its file says.
package struct ChartOrigin: Sendable, Equatable {
    /// The program and its version.
    package var software: String
    /// The command, its secrets masked.
    package var command: String
    /// The SHA-256 of the run document, in hex.
    package var digest: String?
    /// When the run began, in ISO 8601: `2026-11-22T15:40:00Z`.
    package var date: String

    /// Makes an origin.
    ///
    /// - Parameters:
    ///   - software: The program and its version.
    ///   - command: The command, its secrets masked.
    ///   - digest: The SHA-256 of the run document, in hex.
    ///   - date: When the run began, in ISO 8601.
    package init(software: String, command: String, digest: String?, date: String) {
        self.date = date
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

    /// The chunks, which stand behind the header.
    var chunks: [UInt8] {
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
        return bytes(UInt32(data.count)) + checked + bytes(Checksum.crc32(of: checked))
    }

    /// A number as PNG has it, the highest byte first.
    static func bytes(_ number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
