import Foundation

/// A package in the folder of fixtures whose tests are run by a child process.
struct NestedPackage {
    /// How its tests went.
    struct Outcome: Sendable {
        /// The exit code; negative for a signal.
        let status: Int32
        /// All that was written, without colours.
        let lines: [String]

        /// The tests that recorded an issue at one place, in their order.
        ///
        /// - Parameters:
        ///   - place: `File.swift:12`.
        ///   - text: A part of what the issue says.
        ///   - areWarnings: Whether issues that don't fail the test are meant.
        /// - Returns: The tests' names.
        func testsWithIssues(at place: String, saying text: String, areWarnings: Bool = false) -> [String] {
            let words = areWarnings ? "recorded a warning" : "recorded an issue"
            return reports(at: place) { $0.contains(words) }.filter { $0.contains(text) }.compactMap {
                report in
                report.firstMatch(of: /Test "(.+?)" recorded/).map { String($0.1) }
            }
        }

        /// The reports that stand at one place, each with its text.
        ///
        /// - Parameters:
        ///   - place: `File.swift:12`.
        ///   - isMeant: Whether a report that begins with this line is meant.
        /// - Returns: The first line of each, and what follows it up to the next test's line.
        func reports(at place: String, where isMeant: (String) -> Bool) -> [String] {
            lines.indices.filter { lines[$0].contains("\(place):") && isMeant(lines[$0]) }.map { start in
                let rest = lines[(start + 1)...].prefix { line in
                    !Self.marks.contains { line.hasPrefix($0) }
                }
                return ([lines[start]] + rest).joined(separator: "\n")
            }
        }

        /// What the lines about tests begin with.
        private static let marks = ["✘", "✔", "◇", "⚠", "Test Case", "Test Suite"]
    }

    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private let folder: URL

    /// Names a package.
    ///
    /// - Parameter name: Its folder in `Tests/Fixtures`.
    init(_ name: String) {
        folder = Self.root.appending(path: "Tests/Fixtures/\(name)")
    }

    /// The line of a source file that holds a text, from 1.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - path: The file's path in the package.
    /// - Returns: The line's number; nil unless exactly one holds it.
    /// - Throws: What Foundation throws when the file can't be read.
    func line(of text: String, in path: String) throws -> Int? {
        let source = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let found = lines.indices.filter { lines[$0].contains(text) }
        return found.count == 1 ? found.first.map { $0 + 1 } : nil
    }

    /// Builds the package, in the folder that `scripts/test-examples` uses too, and runs its tests one by one.
    ///
    /// - Returns: How they went.
    /// - Throws: What Foundation throws when no process can be started.
    func test() async throws -> Outcome {
        let output = FileManager.default.temporaryDirectory.appending(path: "nested-\(UUID()).log")
        _ = FileManager.default.createFile(atPath: output.path(), contents: nil)
        defer { _ = try? FileManager.default.removeItem(at: output) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "swift", "test", "--package-path", folder.path(), "--no-parallel", "--scratch-path",
            Self.root.appending(path: ".build/nested/.build").path(),
        ]
        // A file, not a pipe: nobody has to read on so that the child can write on.
        let handle = try FileHandle(forWritingTo: output)
        defer { _ = try? handle.close() }
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        let (statuses, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            let status = process.terminationStatus
            continuation.yield(process.terminationReason == .exit ? status : -status)
            continuation.finish()
        }
        try process.run()
        let status = await statuses.first { _ in true } ?? -1
        let text = try String(contentsOf: output, encoding: .utf8)
        return Outcome(
            status: status,
            lines: text.replacing(/\u{1B}\[[0-9;]*m/, with: "").split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
            .map(String.init)
        )
    }
}
