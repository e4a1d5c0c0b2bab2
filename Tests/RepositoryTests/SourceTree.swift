import Foundation
import Testing

/// The files of this checkout, as the rules of the repository see them.
struct SourceTree {
    /// One file: its path from the root of the checkout, and its lines.
    struct File: CustomTestStringConvertible {
        let path: String
        let lines: [String]

        var testDescription: String { path }

        /// The target that the file belongs to: the folder under `Sources` or `Tests`.
        var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

        /// The modules it imports, whatever the access level.
        var imports: [String] {
            lines.compactMap { line in
                let words = line.split(separator: " ")
                guard let index = words.firstIndex(of: "import"), index + 1 < words.count else { return nil }
                guard words[..<index].allSatisfy({ Self.importModifiers.contains(String($0)) }) else {
                    return nil
                }
                return words[index + 1].split(separator: ".").first.map(String.init)
            }
        }

        private static let importModifiers: Set<String> = [
            "public", "package", "internal", "private", "@testable", "@preconcurrency",
        ]
    }

    /// The root of the checkout.
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every file below the named folders whose name ends in one of the extensions.
    static func files(in folders: [String], extensions: Set<String>) -> [File] {
        folders.flatMap { folder -> [File] in
            let base = root.appending(path: folder)
            guard let names = FileManager.default.enumerator(atPath: base.path()) else { return [] }
            return names.compactMap { $0 as? String }.sorted().compactMap { name in
                guard extensions.contains(URL(filePath: name).pathExtension) else { return nil }
                return file("\(folder)/\(name)")
            }
        }
    }

    /// One file by its path from the root; nil when it isn't text or isn't there.
    static func file(_ path: String) -> File? {
        guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else {
            return nil  // the caller says what a missing file means
        }
        return File(
            path: path,
            lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        )
    }
}
