import ArgumentParser
import BenchReport
import Foundation

/// `ingest-bench merge`: one run made of the shards that several processes measured.
struct MergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Join the shards of one distributed run, and report on the whole.",
        discussion: """
            Every process of `run --shard I/N` leaves a results folder. All N of them make one run: each round is the \
            union of their uploads, counted from the earliest go, and every percentile is computed anew.
            """
    )

    @Argument(help: ArgumentHelp("The shards' results folders, or their run.json files.", valueName: "run"))
    var runs: [String]

    @OptionGroup(title: "Results") var output: OutputOptions

    func run() async throws {
        guard let place = output.output else {
            throw UsageError(message: "merge needs --output, the folder of the whole run")
        }
        let formats = try output.formats()
        var shards: [(path: String, document: RunDocument)] = []
        for path in runs {
            shards.append((path, try ResultsFolder.readRun(at: path, files: .real).document))
        }
        let merge = try RunMerge(of: shards)
        let folder = try ResultsFolder.make(at: place, files: .real)
        let outcome = try RunExport(to: folder, formats: formats, digest: FileDigest.sha256)
            .write(merge.document(id: folder.name), rescue: FileManager.default.temporaryDirectory.path())
        try writeToStandardOutput(outcome.text(style: output.style(ProcessInfo.processInfo.environment)))
        if let failure = outcome.failures.first { throw failure }
        if let defect = outcome.document.defect { throw defect }
        if let broken = BrokenThresholds(outcome.document) { throw broken }
    }
}
