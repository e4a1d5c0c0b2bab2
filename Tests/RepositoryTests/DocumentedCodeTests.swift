import Testing

/// Code in documents is code that is compiled.
@Suite struct DocumentedCodeTests {
    /// A document and the file that has its code.
    private static let documents = [
        ("README.md", "Tests/IngestServerTests/DemoTests.swift"),
        (
            "Sources/LoopWatch/LoopWatch.docc/GettingStarted.md",
            "Tests/LoopWatchTestingTests/GettingStartedTests.swift"
        ),
        (
            "Examples/DetectBlocking/README.md",
            "Examples/DetectBlocking/Tests/WeatherTests/BlockingTests.swift"
        ),
        (
            "Examples/TestWithS3/README.md",
            "Examples/TestWithS3/Tests/PhotoAlbumTests/PhotoAlbumTests.swift"
        ),
        ("Sources/S3Lite/S3Lite.docc/S3Lite.md", "Tests/S3ClientTests/DocumentedCallTests.swift"),
        ("Sources/S3Client/S3Client.docc/S3Client.md", "Tests/S3ClientTests/DocumentedCallTests.swift"),
    ]

    @Test(arguments: documents)
    func `each piece of code in a document is in a file that is compiled`(
        document: String,
        source: String
    ) throws {
        let code = try #require(SourceTree.file(source)).lines.map(Self.withoutIndentation)
        let pieces = Self.pieces(of: try #require(SourceTree.file(document)).lines)
        #expect(!pieces.isEmpty)
        for piece in pieces {
            let isThere = code.indices.contains { code[$0...].starts(with: piece) }
            #expect(isThere, "\(piece.joined(separator: "\n"))")
        }
    }

    /// The lines between the fences of Swift code, cut where one is empty.
    private static func pieces(of lines: [String]) -> [[String]] {
        var pieces: [[String]] = []
        var isCode = false
        for line in lines {
            if line.hasPrefix("```") {
                isCode = line == "```swift"
                pieces.append([])
            } else if isCode, line.isEmpty {
                pieces.append([])
            } else if isCode {
                pieces[pieces.endIndex - 1].append(withoutIndentation(line))
            }
        }
        return pieces.filter { !$0.isEmpty }
    }

    private static func withoutIndentation(_ line: String) -> String { String(line.drop { $0 == " " }) }
}
