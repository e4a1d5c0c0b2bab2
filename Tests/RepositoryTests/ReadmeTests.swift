import Foundation
import Testing

/// What the README promises must be there.
@Suite struct ReadmeTests {
    private static let lines = SourceTree.file("README.md")?.lines ?? []

    /// The indented lines that are commands of this checkout.
    private static let commands = lines.filter { $0.hasPrefix("    ./ingest-bench ") }.map {
        String($0.trimmingCharacters(in: .whitespaces).dropFirst("./ingest-bench ".count))
    }

    @Test func `every file that is linked exists`() throws {
        let text = Self.lines.joined(separator: "\n")
        let links = text.matches(of: /(?:src|srcset)="([^"]+)"|\]\(([^)#]+)\)/)
            .compactMap { $0.1 ?? $0.2 }.filter { !$0.contains("://") }
        #expect(links.count > 4)
        for link in links {
            let path = SourceTree.root.appending(path: String(link)).path()
            #expect(FileManager.default.fileExists(atPath: path), "\(link)")
        }
    }

    @Test func `every command is one that the end-to-end tests run`() throws {
        let tests = try #require(SourceTree.file("Tests/EndToEndTests/ReadmeCommandTests.swift"))
        let known = tests.lines.joined(separator: "\n")
        #expect(!Self.commands.isEmpty)
        for command in Self.commands {
            #expect(known.contains("\"\(command)\""), "\(command)")
        }
    }
}
