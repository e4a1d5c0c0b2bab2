import ArgumentParser
import BenchReport
import Foundation
import HTTPServing
import IngestServer
import LoadGenerator
import Measurements

/// `ingest-bench run`: measure, compare, report; the main job.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Upload files to two or more targets in interleaved rounds and compare them.",
        usage: "ingest-bench run <file-or-folder> ... [<requests>] [<options>]"
    )

    /// The flags whose next argument is no value of theirs.
    static let flagsWithoutValue: Set = [
        "--json", "--quiet", "--aa", "--insecure", "--expect-continue", "--require-conclusive", "--help",
        "-h",
        "--version",
    ]

    @OptionGroup var load: RunOptions
    @OptionGroup(title: "Embedded server") var ingest: IngestOptions
    @OptionGroup(title: "Results") var output: OutputOptions

    @Flag(help: "Print the run document on standard output, and nothing else.")
    var json = false

    @Flag(help: "No progress on standard error.")
    var quiet = false

    func run() async throws {
        // A file that may not grow is an error of the results, not the end of the run.
        signal(SIGXFSZ, SIG_IGN)
        let environment = ProcessInfo.processInfo.environment
        let formats = try output.formats()
        let files = try PlannedFile.find(load.paths)
        let named = try load.namedTargets()
        guard named.isEmpty else {
            if let flag = ingest.given.first {
                throw UsageError(
                    message: "\(flag) belongs to the embedded server, which --target replaces",
                    hint: "leave out \(flag), or --target"
                )
            }
            return try await measure(files: files, targets: named, stack: nil, formats: formats)
        }
        let inFlight = try load.mostInFlight(limits: .raised())
        // The stack has no time-out of its own here: the client has one, and counts.
        _ = try await EmbeddedStack.with(
            ingest,
            environment: environment,
            // Nobody waits for an answer by then.
            grace: .seconds(1),
            configure: {
                $0.maximumQueue = max($0.maximumQueue, inFlight)
                // One for each upload, and some for the probe and for connections on their way out.
                $0.limits.connections = max($0.limits.connections, inFlight + 64)
                $0.keptBlocks = 100_000
                $0.namesBlocksLater = true
            }
        ) { stack in
            let targets = try IngestRoute.allCases.map { route in
                try LoadTarget(
                    name: route.rawValue,
                    url: stack.ingest.baseURL + route.path,
                    method: load.method,
                    headers: load.headerFields(),
                    isEmbedded: true,
                    // Workers of their own do the parsing with --isolate.
                    isSelfContained: stack.hasOwnStore && ingest.isolate != true
                )
            }
            try await measure(files: files, targets: targets, stack: stack, formats: formats)
        }
    }

    /// Measures targets that are up, and reports.
    private func measure(
        files: [PlannedFile],
        targets: [LoadTarget],
        stack: EmbeddedStack?,
        formats: Set<RunExport.Format>
    ) async throws {
        let environment = ProcessInfo.processInfo.environment
        let draft = try load.draft(files: files, targets: targets, isEmbedded: stack != nil)
        let plan = try LoadPlan(draft, limits: .raised())
        let thresholds = try load.thresholds(for: plan)
        let started = Timestamp.now()
        let machine = MachineFacts.read(sameHost: plan.targets.allSatisfy(\.isOnThisHost))
        let hashed = try FileDigest.files(files)
        let observer = stack.flatMap { stack in
            stack.ingest.loopBlocks.map { LoopObserver($0, loops: ingest.loopCount) }
        }
        let folder = try makeFolder(plan: plan, started: started)
        let signals = TerminationSignals()
        let summary = RunSummary(
            plan: plan,
            files: hashed,
            arguments: Array(CommandLine.arguments.dropFirst()),
            tool: Version.tool(curl: LoadRun.curlVersion, environment: environment),
            machine: machine,
            server: stack.map { server(of: $0) },
            thresholds: thresholds
        )
        let spool = try RunSpool(summary.beginning(id: folder.name, started: started), in: folder)
        let result: LoadResult
        do {
            result = try await load(plan, stack: stack, observer: observer, signals: signals, spool: spool)
        } catch {
            spool.remove()
            folder.removeIfEmpty()
            throw ending(of: error, signals: signals)
        }
        let document = summary.document(
            id: folder.name,
            started: started,
            result: result,
            places: observer?.places ?? [],
            signal: signals.received
        )
        var failure: (any Error)?
        do {
            failure = try report(document, in: folder, formats: formats, environment: environment)
            spool.remove()
        } catch {
            // The results are not where they should be: what is asked for on the screen is given all the same.
            failure = error
            if json {
                try write(document, to: STDOUT_FILENO)
            } else {
                let style = output.style(environment)
                let report = TextReport(of: document, style: style, checks: [], written: nil)
                // Should the screen be lost, too, the results are what the user must hear of.
                try? writeToStandardOutput(report.text)
            }
            if case ReportError.savedElsewhere = error { spool.remove() }
            if case ReportError.savedNowhere = error, !json { try write(document, to: STDERR_FILENO) }
        }
        if let loss = spool.loss(result.sampleLoss) {
            // Where the document went is told beside what it lacks.
            (failure as? any UserFacingError)?.print()
            failure = loss
        }
        let failures = [result.failure, failure].compactMap { $0 }
        try end(document, failures: failures, signal: signals.received)
    }

    private func makeFolder(plan: LoadPlan, started: Timestamp) throws -> ResultsFolder {
        let folder: ResultsFolder
        if let path = output.output {
            folder = try ResultsFolder.make(at: path, files: .real)
        } else {
            let name = ResultsFolder.defaultName(
                started: started,
                input: load.paths[0],
                load: plan.briefLoad
            )
            folder = try ResultsFolder.make(named: name, in: "results", files: .real)
        }
        do {
            try folder.checkRoom(
                forUploads: plan.roundsTotal * (plan.uploadsOfRound ?? 0)
            )
        } catch {
            folder.removeIfEmpty()
            throw error
        }
        return folder
    }

    /// Runs the load, with a progress line meanwhile.
    private func load(
        _ plan: LoadPlan,
        stack: EmbeddedStack?,
        observer: LoopObserver?,
        signals: TerminationSignals,
        spool: RunSpool
    ) async throws -> LoadResult {
        let hooks = LoadHooks(
            betweenRounds: { await stack?.emptyStore() },
            serverReceivedBytes: { name in
                guard let stack, let route = IngestRoute(rawValue: name) else { return nil }
                return UInt64(stack.ingest.receivedBytes(route))
            },
            loopActivity: { go, end in await observer?.activity(from: go, to: end) },
            samples: spool.samples
        )
        let progress = ProgressOutput(plan: plan, isQuiet: quiet || json)
        defer { progress.end() }
        signals.beforeLeaving { progress.end() }
        return try await signals.cancelling {
            try await LoadRun(plan: plan, hooks: hooks).run(onEvent: { event in
                spool.note(event)
                progress.take(event)
            })
        }
    }

    private func server(of stack: EmbeddedStack) -> RunDocument.Plan.Server {
        RunDocument.Plan.Server(
            loops: ingest.loopCount,
            workers: ingest.workerCount,
            executor: ingest.handlerExecutor.rawValue,
            store: stack.storeName
        )
    }

    /// Writes the results and prints the report; returns the first export that failed.
    private func report(
        _ document: RunDocument,
        in folder: ResultsFolder,
        formats: Set<RunExport.Format>,
        environment: [String: String]
    ) throws -> (any Error)? {
        let export = RunExport(to: folder, formats: formats, digest: FileDigest.sha256)
        let outcome = try export.write(document, rescue: FileManager.default.temporaryDirectory.path())
        if output.output == nil {
            pointLatest(at: folder)
        }
        do {
            if json {
                try writeToStandardOutput(fileAt: "\(folder.path)/run.json")
            } else {
                try writeToStandardOutput(outcome.text(style: output.style(environment)))
            }
        } catch {
            // The results are in their folder, whatever became of the screen.
            return outcome.failures.first ?? error
        }
        return outcome.failures.first
    }

    /// Writes a document that no file holds.
    private func write(_ document: RunDocument, to descriptor: Int32) throws {
        let output = try FileOutput(copying: descriptor)
        try document.write(to: output)
        // A reader that went away is no error.
        try? output.write()
    }

    /// Points `results/latest` at a run; where links aren't possible the run is none the worse for it.
    private func pointLatest(at folder: ResultsFolder) {
        do {
            try folder.becomeLatest()
        } catch {
            writeToStandardError("ingest-bench: results/latest is no link to this run: \(error.message)\n")
        }
    }

    /// What a run that measured nothing ends with.
    private func ending(of error: any Error, signals: TerminationSignals) -> any Error {
        guard let signal = signals.received else { return error }
        writeToStandardError("ingest-bench: interrupted by \(signal.name) before anything was measured\n")
        return CommandEnding(status: signal.exitStatus)
    }

    /// Ends with the status that the run deserves.
    private func end(
        _ document: RunDocument,
        failures: [any Error],
        signal: TerminationSignals.Signal?
    ) throws {
        let known = failures.compactMap { $0 as? any UserFacingError }
        if let signal {
            gravest(of: known)?.print()
            throw CommandEnding(status: signal.exitStatus)
        }
        if let unknown = failures.first(where: { !($0 is any UserFacingError) }) { throw unknown }
        var errors = known + [document.defect].compactMap { $0 }
        // What one shard saw of a run judges nothing: its thresholds are kept for the whole.
        if document.plan.shard == nil {
            errors += [BrokenThresholds(document)].compactMap { $0 }
            if load.requireConclusive { errors += [Inconclusive(document)].compactMap { $0 } }
        }
        if let error = gravest(of: errors) { throw error }
    }
}
