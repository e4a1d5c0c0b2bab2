import ArgumentParser
import BenchReport
import Foundation
import S3Wire

/// `ingest-bench compare`: how each target of one saved run changed in another.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare two saved runs, target by target, and say what else was different.",
        discussion: """
            The rounds of two runs can't be paired, so the change is the two-sample one, and what drifted between \
            the runs is in it. Where both hold another target, a change adjusted by it is given, too.
            """
    )

    @Argument(
        help: ArgumentHelp("The run to compare with: its folder, or its run.json.", valueName: "baseline")
    )
    var baseline: String

    @Argument(help: ArgumentHelp("The run that is judged.", valueName: "candidate"))
    var candidate: String

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp(
            "Also write compare.json, compare.md and charts to this folder.",
            valueName: "folder"
        )
    )
    var output: String?

    @Option(help: "Colour: auto, always or never.")
    var color: TerminalStyle.Color = .auto

    func run() throws {
        let before = try ResultsFolder.readRun(at: baseline, files: .real)
        let after = try ResultsFolder.readRun(at: candidate, files: .real)
        let comparison = try RunComparison(of: before.document, with: after.document)
        let report = ComparisonReport(of: comparison)
        let style = TerminalStyle.ofStandardOutput(ProcessInfo.processInfo.environment, color: color)
        guard let output else { return try writeToStandardOutput(report.text(style: style)) }
        let folder = try ResultsFolder.make(at: output, files: .real)
        let digests = [before.json, after.json].map { $0.withUnsafeBytes { PayloadDigest.sha256($0) } }
        let outcome = ComparisonExport(of: comparison, to: folder).write(digests: (digests[0], digests[1]))
        try writeToStandardOutput(report.text(style: style, written: outcome.written))
        if let failure = outcome.failures.first { throw failure }
    }
}
