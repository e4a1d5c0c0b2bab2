import BenchReport
import Foundation
import Measurements

/// A run whose exports were written to a folder of its own.
struct ExportedRun {
    let document: RunDocument
    let folder: TemporaryFolder

    /// Writes a run.
    ///
    /// - Parameters:
    ///   - formats: What to write.
    ///   - change: Changes the run before it is measured.
    /// - Throws: What can't be written.
    init(_ formats: Set<RunExport.Format>, _ change: (inout SampleRun) -> Void = { _ in }) throws {
        var run = SampleRun()
        run.uploads = 20
        run.rounds = 10
        change(&run)
        try self.init(run.document(), formats)
    }

    /// Writes a document.
    ///
    /// - Parameters:
    ///   - document: The run.
    ///   - formats: What to write.
    /// - Throws: What can't be written.
    init(_ document: RunDocument, _ formats: Set<RunExport.Format>) throws {
        folder = try TemporaryFolder()
        self.document = document
        let export = RunExport(to: ResultsFolder(at: folder.path, files: .real), formats: formats) { _ in nil
        }
        let outcome = try export.write(document, rescue: folder.path)
        if let failure = outcome.failures.first { throw failure }
    }

    /// A name that ends a word, a line, an attribute or a cell in one format or another.
    static let hostileName = "<script>|\"=1+1`\\{},\u{1B}[2J\n" + String(repeating: "x", count: 300)
}
