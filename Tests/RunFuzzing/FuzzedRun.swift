package import BenchReport
import Foundation

/// Has everything read what may be a run: what it can't use it must refuse in a sentence.
package struct FuzzedRun {
    /// What went wrong that a trap would not show.
    package struct Finding: Error {
        /// What it is.
        package let text: String
    }

    private let path: String
    private let other: RunDocument

    /// Prepares a folder.
    ///
    /// - Parameters:
    ///   - path: An empty folder, which is emptied again after each run.
    ///   - other: A sound run to compare with.
    package init(in path: String, other: RunDocument) {
        self.path = path
        self.other = other
    }

    /// Reads a document, and makes all of it that there is.
    ///
    /// - Parameter json: The document.
    /// - Returns: Whether it was taken for a run.
    /// - Throws: ``Finding`` for one that is not read again as it was written, or refused without a word.
    package func read(_ json: [UInt8]) throws -> Bool {
        let document: RunDocument
        do throws(DocumentFault) {
            document = try RunDocument(json: json)
        } catch {
            guard !error.message.isEmpty, !error.message.contains("\n") else {
                throw Finding(text: "refused without a sentence: \(error)")
            }
            return false
        }
        try rewrite(document)
        try makeAll(of: document)
        return true
    }

    /// Reads what a run that was killed left.
    ///
    /// - Parameter files: The files of its folder by name.
    /// - Returns: Whether there was a run in it.
    /// - Throws: ``Finding``, or what Foundation throws.
    package func recover(_ files: [(name: String, bytes: [UInt8])]) throws -> Bool {
        for file in files { try Data(file.bytes).write(to: URL(filePath: "\(path)/\(file.name)")) }
        defer { empty() }
        let document: RunDocument
        do throws(ReportError) {
            document = try ResultsFolder.readRun(at: path, files: .real).document
        } catch {
            let names = try FileManager.default.contentsOfDirectory(atPath: path)
            guard Set(files.map(\.name)).isSubset(of: names) else {
                throw Finding(text: "\(error.message), and what was left is lost: \(names)")
            }
            return false
        }
        try rewrite(document)
        return true
    }

    private func rewrite(_ document: RunDocument) throws {
        for isPacked in [false, true] {
            let json = try document.json(isPacked: isPacked)
            let again = try RunDocument(json: json).json(isPacked: isPacked)
            guard again == json else { throw Finding(text: "written otherwise when it was read again") }
        }
    }

    private func makeAll(of document: RunDocument) throws {
        let formats = Set(RunExport.Format.allCases).subtracting([.png, .pdf])
        let folder = ResultsFolder(at: path, files: .real)
        let outcome = RunExport(to: folder, formats: formats) { _ in nil }.rewrite(document)
        empty()
        if let failure = outcome.failures.first { throw Finding(text: failure.message) }
        for width in [40, 100] {
            _ = TextReport(of: document, style: TerminalStyle(width: width), checks: [], written: nil).text
        }
        for (before, after) in [(document, other), (other, document)] {
            // Runs of other targets can't be compared.
            guard let comparison = try? RunComparison(of: before, with: after) else { continue }
            let written = ComparisonExport(of: comparison, to: folder).write(
                digests: (nil, nil),
                formats: [.svg]
            )
            empty()
            if let failure = written.failures.first { throw Finding(text: failure.message) }
            _ = ComparisonReport(of: comparison).text(style: TerminalStyle())
        }
        // A run by itself is seldom all shards.
        if let merge = try? RunMerge(of: [("a", document)]) { _ = try merge.document(id: "whole").json() }
    }

    private func empty() {
        // What can't be removed is seen by whoever made the folder.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for name in names { try? FileManager.default.removeItem(atPath: "\(path)/\(name)") }
    }
}
