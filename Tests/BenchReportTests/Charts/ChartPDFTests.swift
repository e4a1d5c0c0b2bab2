import BenchReport
import Foundation
import Testing
import Zlib

struct ChartPDFTests {
    @Test func `text stays text and lines stay lines`() throws {
        let pdf = try Self.document(title: "two uploads")
        let text = String(decoding: pdf, as: UTF8.self)
        #expect(text.contains("/ToUnicode"))
        #expect(!text.contains("/Subtype /Image"))
        let content = Self.streams(of: pdf).map { String(decoding: $0, as: UTF8.self) }
        // Text is shown, and paths are filled.
        #expect(content.contains { $0.contains("TJ") || $0.contains("Tj") })
        #expect(content.contains { $0.contains(" f") })
    }

    @Test func `it says what it shows and when the run began`() throws {
        let text = String(decoding: try Self.document(title: "two uploads"), as: UTF8.self)
        #expect(text.contains("/Title (two uploads)"))
        #expect(text.contains("/Subject (Bar chart.)"))
        #expect(text.contains("/Creator (ingest-bench 0.1.0)"))
        #expect(text.contains("/CreationDate (20261122154000"))
        #expect(text.contains("/MediaBox [ 0 0 600 "))
    }

    @Test func `a hostile title stays within its string`() throws {
        let text = String(decoding: try Self.document(title: "a) /JS (\0\u{1B}\u{202E}"), as: UTF8.self)
        #expect(!text.contains("(a) /JS"))
        #expect(text.hasSuffix("%%EOF\n"))
    }

    @Test(.enabled(if: hasReader, reason))
    func `another program finds the text of every chart`() throws {
        let charts = ChartSet(of: SampleRun(uploads: 20).document(), digest: nil)
        let files = try charts.render([.pdf]).files
        #expect(files.count == charts.charts.count)
        for (chart, file) in zip(charts.charts, files) {
            let text = try Self.text(of: file.bytes)
            #expect(text.contains(chart.title), "\(chart.name)")
            #expect(text.contains("$ ingest-bench run sample.pdf 100"), "\(chart.name)")
        }
    }

    @Test(.enabled(if: hasReader, reason))
    func `letters that the font lacks are drawn as question marks, and kept where nothing is drawn`() throws {
        let charts = ChartSet(of: SampleRun(names: ["非同期"], uploads: 20, rounds: 1).document(), digest: nil)
        let text = try Self.text(of: try #require(try charts.render([.pdf]).files.first).bytes)
        #expect(text.contains("???: "))
        #expect(!text.contains("非"))
        #expect(charts.charts[0].altText.contains("非同期"))
        let svg = try #require(try charts.render([.svg]).files.first)
        #expect(String(decoding: svg.bytes, as: UTF8.self).contains(">非同期</text>"))
    }

    private static let reader = "/usr/bin/pdftotext"
    private static let reason: Comment = "another program reads the text: apt-get install poppler-utils"
    private static var hasReader: Bool { FileManager.default.isExecutableFile(atPath: reader) }

    /// What another program reads in a document, its blanks made one.
    private static func text(of pdf: [UInt8]) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "chart-\(UUID()).pdf")
        try Data(pdf).write(to: path)
        // What is left behind lies where such files are swept.
        defer { try? FileManager.default.removeItem(at: path) }
        let process = Process()
        process.executableURL = URL(filePath: reader)
        process.arguments = ["-raw", path.path(), "-"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private static func document(title: String) throws -> [UInt8] {
        let (list, origin) = ChartSamples.titled(title)
        return try ChartPDF(fonts: ChartFonts()).encode(list, origin: origin)
    }

    /// The streams of a document that can be unpacked.
    private static func streams(of pdf: [UInt8]) -> [[UInt8]] {
        let data = Data(pdf)
        var streams: [[UInt8]] = []
        var rest = data.startIndex..<data.endIndex
        while let start = data.range(of: Data("stream\n".utf8), in: rest),
            let end = data.range(of: Data("endstream".utf8), in: start.upperBound..<data.endIndex)
        {
            // Fonts are streams too, and some are packed otherwise.
            if let bytes = try? Inflate.unpacked(
                Array(data[start.upperBound..<end.lowerBound]),
                limit: 1 << 22
            ) {
                streams.append(bytes)
            }
            rest = end.upperBound..<data.endIndex
        }
        return streams
    }
}
