import Foundation
import Testing

/// Rules that the compiler can't see.
@Suite struct RepositoryTests {
    private static let swift = SourceTree.files(in: ["Sources", "Tests"], extensions: ["swift"])
    private static let sources = SourceTree.files(in: ["Sources"], extensions: ["swift"])
    private static let code = SourceTree.files(
        in: ["Sources", "Tests", "Benchmarks"],
        extensions: ["swift", "c", "h"]
    )

    /// The layers of ARCHITECTURE.md, lowest first.
    private static let layers: [[String]] = [
        ["CCairo", "CCurl", "CMuPDF", "CZlib", "CByteSearch", "CLoopProbe"],
        ["Cairo", "Curl", "MuPDF", "Zlib", "Measurements", "MultipartForm", "S3Wire"],
        ["HTTPServing", "LoadGenerator", "LoopWatch", "S3Client"],
        ["BenchReport", "IngestServer", "LoopWatchTesting", "S3Lite"],
        ["ingest-bench"],
    ]

    private static func layer(of target: String) -> Int? {
        layers.firstIndex { $0.contains(target) }
    }

    @Test func `every target has a layer`() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: SourceTree.root.appending(path: "Sources").path()
        )
        #expect(Set(folders) == Set(Self.layers.joined()))
    }

    @Test(arguments: sources)
    func `a file imports only from lower layers`(file: SourceTree.File) throws {
        let own = try #require(Self.layer(of: file.target), "\(file.target) has no layer")
        for name in file.imports {
            guard let layer = Self.layer(of: name) else { continue }
            #expect(layer < own, "\(file.path) imports \(name)")
        }
    }

    /// The strict build checks Swift targets only, so C targets are checked here.
    @Test(arguments: swift)
    func `a C target is imported by its wrapper alone`(file: SourceTree.File) {
        let wrappers = ["CByteSearch": "MultipartForm", "CLoopProbe": "LoopWatch"]
        for name in file.imports where Self.layers[0].contains(name) {
            let wrapper = wrappers[name] ?? String(name.dropFirst())
            let allowed = [wrapper, "\(wrapper)Tests", "\(name)Tests"]
            #expect(allowed.contains(file.target), "\(file.path) imports \(name)")
        }
    }

    /// These absences are the design: no short cut between the load and the system under test.
    @Test(arguments: [
        ("LoadGenerator", ["HTTPServing", "IngestServer", "S3Lite", "S3Client", "BenchReport"]),
        ("IngestServer", ["S3Lite", "LoadGenerator", "Measurements"]),
        ("S3Lite", ["S3Client", "Curl", "LoadGenerator"]),
        ("BenchReport", ["LoadGenerator", "Curl", "HTTPServing"]),
        ("Measurements", ["Foundation", "Dispatch", "NIOCore"]),
    ])
    func `a target can't see what it must not know`(target: String, forbidden: [String]) {
        let seen = Self.sources.filter { $0.target == target }.flatMap(\.imports)
        #expect(Set(seen).isDisjoint(with: forbidden))
    }

    /// It imports the C library for logarithms alone.
    @Test(arguments: sources.filter { $0.target == "Measurements" })
    func `measurements touch no clock, file or socket`(file: SourceTree.File) {
        for call in ["clock_gettime(", "open(", "read(", "write(", "socket(", "getenv("] {
            #expect(!file.lines.contains { $0.contains(" \(call)") }, "\(file.path) calls \(call)")
        }
    }

    @Test(arguments: code)
    func `no file is over 400 lines`(file: SourceTree.File) {
        #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count) lines")
    }

    @Test(arguments: code)
    func `no file is named for nothing in particular`(file: SourceTree.File) {
        let name = URL(filePath: file.path).deletingPathExtension().lastPathComponent
        for word in ["Utils", "Util", "Helper", "Helpers", "Manager", "Common", "Extensions", "Misc"] {
            #expect(!name.hasPrefix(word) && !name.hasSuffix(word), "\(file.path)")
        }
    }

    @Test(arguments: sources)
    func `nothing is forced`(file: SourceTree.File) {
        for (number, line) in file.lines.enumerated() {
            let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
            #expect(!code.contains("try!"), "\(file.path):\(number + 1)")
            let isExplained = file.lines[max(0, number - 2)...number].contains { $0.contains("//") }
            #expect(
                !code.contains("try?") || isExplained,
                "\(file.path):\(number + 1): say why the failure doesn't matter"
            )
        }
    }

    @Test(arguments: sources)
    func `unchecked concurrency says what guards it`(file: SourceTree.File) {
        for (number, line) in file.lines.enumerated()
        where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
            let before = file.lines[max(0, number - 12)...number]
            #expect(before.contains { $0.contains("//") }, "\(file.path):\(number + 1)")
        }
    }

    @Test(arguments: sources)
    func `only the executable exits`(file: SourceTree.File) {
        guard file.target != "ingest-bench" else { return }
        for (number, line) in file.lines.enumerated() {
            #expect(!line.contains(" exit(") && !line.contains(" print("), "\(file.path):\(number + 1)")
        }
    }

    @Test func `scripts can be run`() throws {
        let scripts = try FileManager.default.contentsOfDirectory(
            atPath: SourceTree.root.appending(path: "scripts").path()
        )
        for path in ["ingest-bench", ".ci/run", "Benchmarks/loopwatch/run"] + scripts.map({ "scripts/\($0)" })
        {
            #expect(
                FileManager.default.isExecutableFile(atPath: SourceTree.root.appending(path: path).path()),
                "\(path)"
            )
        }
    }
}
