import BenchReport
import Foundation
import Measurements
import Testing

/// `report.md`, which a comment must have room for.
struct MarkdownReportTests {
    /// Many targets, many of whose uploads fail with long answers.
    private static func failing(_ run: inout SampleRun) {
        (run.uploads, run.rounds, run.hasProbe) = (20, 6, true)
        run.names = ["blocking"] + (1..<24).map { "a-candidate-with-a-rather-long-name-of-its-own-\($0)" }
        run.arguments = ["run"] + run.names.map { "--target \($0)=http://127.0.0.1/\($0)" }
        run.edit = { sample, target, _, place in
            guard place < 5 else { return }
            (sample.outcome, sample.status) = (.status, 500 + Int32(place))
        }
        run.firstAnswers = run.names.flatMap { name in
            (0..<5).map { place in
                FirstAnswer(
                    target: name,
                    status: 500 + Int32(place),
                    body: String(repeating: "<|>`", count: 50)
                )
            }
        }
    }

    @Test(arguments: [true, false])
    func `the largest report has room in a comment, and its marker and verdict first`(_ isSweep: Bool) throws
    {
        let document: RunDocument
        if isSweep {
            let rates = (0..<24).map { target in (0..<4).map { Double(20 + target + $0) } }
            document = SampleSweep.document(rates, Self.failing)
        } else {
            var run = SampleRun()
            Self.failing(&run)
            document = run.document()
        }
        let text = try ExportedRun(document, [.md]).folder.text("report.md")
        #expect(text.count < 60_000 && text.utf8.count < 65_536)
        #expect(text.hasPrefix("<!-- ingest-bench:a-candidate-with"))
        let lines = text.split(separator: "\n")
        #expect(lines[0].hasSuffix("-vs-blocking -->") || lines[0].hasSuffix("… -->"))
        #expect(lines[1].hasPrefix("**") && lines[1].hasSuffix("**"))
        // What is left out is counted, and what comes after it is not lost.
        let note = try #require(lines.last)
        #expect(note.contains(/^Left out for want of room: [0-9]+ parts? of the report, which `run.json`/))
        #expect(text.contains("<summary>Environment and command</summary>"))
        let (begun, ended) = (text.matches(of: /<details>/).count, text.matches(of: /<\/details>/).count)
        #expect(begun == ended)
    }

    @Test func `the changes of several candidates stand in a table of their own`() throws {
        let run = try ExportedRun([.md]) { $0.names = ["blocking", "async", "pool"] }
        let text = try run.folder.text("report.md")
        #expect(text.contains("|  | blocking (baseline) | async | pool |\n| :-- | --: | --: | --: |\n"))
        #expect(
            text.contains("**Changes against blocking**\n\n| target | metric | change | 95 % CI | verdict")
        )
        #expect(text.contains(/\n\| pool \| p99 \| [+−0-9. ]+% \| .+ \| .+ \|\n/))
    }

    @Test func `the sizes of uploads stand in a table that is folded`() throws {
        let text = try ExportedRun(SizedRun.run().document(), [.md]).folder.text("report.md")
        let start = try #require(text.range(of: "<details><summary>By size of upload</summary>"))
        #expect(text[start.upperBound...].contains("| 1MiB-4MiB p50, ms | 10.0 ±"))
        #expect(text.contains("**+100 %**"))
    }
}
