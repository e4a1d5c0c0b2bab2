import ArgumentParser
import BenchReport
import Foundation

/// `ingest-bench report`: everything that follows from a saved run, made again.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Make every export and chart of saved runs again from run.json, and print the report."
    )

    @Argument(help: ArgumentHelp("Results folders, or run.json files.", valueName: "run"))
    var runs: [String]

    @OptionGroup(title: "Results") var output: OutputOptions

    func run() async throws {
        guard output.output == nil || runs.count == 1 else {
            throw UsageError(message: "--output takes one run, \(runs.count) were given")
        }
        let formats = try output.formats()
        let style = output.style(ProcessInfo.processInfo.environment)
        var failure: ReportError?
        for path in runs {
            let run = try ResultsFolder.readRun(at: path, files: .real)
            let outcome: RunExport.Outcome
            if let place = output.output {
                let folder = try ResultsFolder.make(at: place, files: .real)
                outcome = try RunExport(to: folder, formats: formats, digest: FileDigest.sha256)
                    .copy(
                        run.document,
                        json: run.json,
                        rescue: FileManager.default.temporaryDirectory.path()
                    )
            } else {
                outcome = RunExport(to: run.folder, formats: formats, digest: FileDigest.sha256)
                    .rewrite(run.document)
            }
            try writeToStandardOutput(outcome.text(style: style))
            failure = failure ?? outcome.failures.first
        }
        if let failure { throw failure }
    }
}
