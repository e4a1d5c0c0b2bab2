import BenchReport
import Foundation
import Testing
import Zlib

/// The committed example, drawn anew: what the README shows is what the program draws.
struct ChartReferenceTests {
    private static let example = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../results/example").standardizedFileURL

    /// Whether the machine has the font that the committed pictures are set in: other versions have other letters.
    private static var hasFont: Bool {
        // Without fonts, ChartSetTests shows what happens instead.
        (try? ChartFonts())?.familyFound == ChartFonts.family && FontFile.revision(of: "DejaVuSans") == 2.37
    }

    private static let reason: Comment =
        "the pictures are set in DejaVu Sans 2.37: apt-get install fonts-dejavu-core"

    @Test(.enabled(if: hasFont, reason))
    func `the committed pictures are those that the program draws`() throws {
        let files = try drawn([.png])
        #expect(files.count == 10)
        for file in files {
            let drawn = try Picture(png: file.bytes)
            let kept = try Picture(png: Array(Data(contentsOf: Self.example.appending(path: file.path))))
            #expect(drawn.width == kept.width && drawn.filtered.count == kept.filtered.count, "\(file.path)")
            // The same font gives the same bytes; what is a little off elsewhere is looked at pixel by pixel.
            guard drawn.filtered != kept.filtered else { continue }
            let differences = zip(drawn.pixels, kept.pixels).map { abs(Int($0) - Int($1)) }
            #expect(differences.count { $0 > 8 } * 500 <= differences.count, "\(file.path)")
            #expect(differences.allSatisfy { $0 <= 24 }, "\(file.path)")
        }
    }

    @Test func `a picture that differs is found out`() throws {
        let chart = ChartSamples.summary()
        let origin = ChartOrigin(software: "", command: "", digest: nil, date: "")
        let png = try [Palette.light, .dark].map { palette in
            try ChartPNG(fonts: ChartFonts())
                .encode(chart.displayList(measure: .fixedWidth), palette: palette, origin: origin)
        }
        let pictures = try png.map { try Picture(png: $0) }
        // The corner shows the background.
        #expect(pictures[0].pixels.prefix(3) == [0xFF, 0xFF, 0xFF])
        #expect(pictures[1].pixels.suffix(3) == [0x0D, 0x11, 0x17])
    }

    @Test(.enabled(if: hasFont, reason))
    func `the committed vector charts are those that the program draws`() throws {
        for file in try drawn([.svg]) {
            let kept = try Data(contentsOf: Self.example.appending(path: file.path))
            #expect(file.bytes == Array(kept), "\(file.path)")
        }
    }

    private func drawn(_ formats: Set<ChartSet.Format>) throws -> [ChartSet.File] {
        let json = try Data(contentsOf: Self.example.appending(path: "run.json"))
        return try ChartSet(of: RunDocument(json: Array(json)), digest: nil).render(formats).files
    }
}

/// A PNG file as the program writes it: 8 bits each of red, green and blue, rows as differences.
struct Picture {
    let width: Int
    /// The rows, each behind the number of its filter.
    let filtered: [UInt8]

    /// Reads the file.
    init(png: [UInt8]) throws {
        let number = { (start: Int) in png[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) } }
        var (place, packed) = (8, [UInt8]())
        while place + 8 <= png.count {
            let type = String(decoding: png[(place + 4)..<(place + 8)], as: UTF8.self)
            if type == "IDAT" { packed += png[(place + 8)..<(place + 8 + number(place))] }
            place += 12 + number(place)
        }
        width = number(16)
        filtered = try Inflate.unpacked(packed, limit: (3 * width + 1) * number(20))
    }

    /// The parts of all pixels, row by row: each is told by its difference to the one above.
    var pixels: [UInt8] {
        var above = [UInt8](repeating: 0, count: 3 * width)
        return stride(from: 0, to: filtered.count, by: 3 * width + 1).flatMap { start -> [UInt8] in
            #expect(filtered[start] == 2)
            above = zip(above, filtered[(start + 1)...].prefix(3 * width)).map { $0 &+ $1 }
            return above
        }
    }
}
