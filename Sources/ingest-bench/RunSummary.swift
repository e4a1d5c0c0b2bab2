import BenchReport
import Foundation
import LoadGenerator
import Measurements
import S3Wire

/// Makes the document of a run: what was asked for, by what and where, and what was measured.
struct RunSummary {
    let plan: LoadPlan
    /// The uploaded files, hashed before the first round.
    let files: [RunDocument.Plan.File]
    /// The command's arguments, the program's name not among them.
    let arguments: [String]
    let tool: RunDocument.Tool
    let machine: RunDocument.Environment
    /// The embedded server; nil when every target is external.
    let server: RunDocument.Plan.Server?
    /// The limits that the run must keep.
    let thresholds: [Threshold]

    /// The document of a run that is over.
    ///
    /// - Parameters:
    ///   - id: The results folder's name.
    ///   - started: When the run began.
    ///   - result: What was measured.
    ///   - places: The places that loop blocks refer to by their number.
    ///   - signal: The signal that ended the run.
    /// - Returns: The document, its results worked out.
    func document(
        id: String,
        started: Timestamp,
        result: LoadResult,
        places: [BlockedPlace],
        signal: TerminationSignals.Signal?
    ) -> RunDocument {
        document(
            id: id,
            started: started,
            interrupted: signal?.name ?? result.failure?.message,
            validity: result.validity,
            baselines: result.baselines,
            rounds: result.rounds,
            firstAnswers: result.failures.filter { !$0.firstBody.isEmpty }.map {
                FirstAnswer(target: $0.target, status: $0.status, body: $0.firstBody)
            },
            places: places
        )
    }

    /// The document of a run that begins, as a crash would leave it.
    ///
    /// - Parameters:
    ///   - id: The results folder's name.
    ///   - started: When the run began.
    /// - Returns: The document without rounds.
    func beginning(id: String, started: Timestamp) -> RunDocument {
        document(
            id: id,
            started: started,
            interrupted: "crash",
            validity: Validity(),
            baselines: [:],
            rounds: [],
            firstAnswers: [],
            places: []
        )
    }

    private func document(
        id: String,
        started: Timestamp,
        interrupted: String?,
        validity: Validity,
        baselines: [String: ProbeBaseline],
        rounds: [RoundRecord],
        firstAnswers: [FirstAnswer],
        places: [BlockedPlace]
    ) -> RunDocument {
        RunDocument(
            id: id,
            tool: tool,
            started: started,
            finished: .now(),
            interrupted: interrupted,
            validity: validity,
            environment: machine,
            plan: documentPlan(),
            targets: plan.targets.enumerated().map { index, target in
                RunDocument.Target(
                    name: target.name,
                    url: target.address.url,
                    method: target.method,
                    isBaseline: index == 0,
                    selfComparisonOf: target.selfComparisonOf,
                    isEmbedded: target.isEmbedded,
                    idleProbe: baselines[target.name]
                )
            },
            rounds: rounds,
            firstAnswers: firstAnswers,
            stacks: places,
            thresholds: thresholds
        )
    }

    private func documentPlan() -> RunDocument.Plan {
        RunDocument.Plan(
            arguments: arguments,
            mode: mode,
            requests: plan.requests,
            durationSeconds: plan.duration.map { $0 / .seconds(1) },
            concurrency: Set(plan.loads.map(\.concurrency)).sorted(),
            rates: plan.loads.compactMap(\.rate),
            arrivals: plan.schedule?.spread.rawValue,
            stages: plan.schedule?.stagesText,
            rounds: plan.rounds,
            warmup: plan.warmup,
            measuresNoise: plan.measuresNoise,
            seed: plan.seed,
            timeoutSeconds: plan.timeout / .seconds(1),
            connections: plan.connections == .reuse ? .reuse : .fresh,
            http: plan.transport.version.rawValue,
            threads: plan.threads,
            field: plan.field,
            expectedStatus: plan.expectedStatuses.description,
            probe: plan.probe.map {
                RunDocument.Plan.Probe(path: $0.path, intervalSeconds: $0.interval / .seconds(1))
            },
            files: files,
            server: server,
            shard: plan.shard.map { .init(index: $0.index, count: $0.count, startAt: $0.startAt) }
        )
    }
}

extension RunSummary {
    private var mode: RunDocument.Plan.Mode {
        switch plan.arrivals {
        case .burst: .burst
        case .closed: .closed
        case .open: .open
        }
    }
}

/// The digest that names a file's content.
enum FileDigest {
    /// The SHA-256 of a file.
    ///
    /// - Parameter path: The file.
    /// - Returns: 64 lower-case hexadecimal digits; nil if it can't be read.
    static func sha256(_ path: String) -> String? {
        // A chart without the digest of its run is still right.
        guard let file = try? FileHandle(forReadingFrom: URL(filePath: path)) else { return nil }
        return try? PayloadDigest.sha256 { Array(try file.read(upToCount: 1 << 16) ?? Data()) }
    }

    /// The files of a plan with their digests, as they are before anything is sent.
    ///
    /// - Parameter files: The files.
    /// - Returns: Names, sizes and digests.
    /// - Throws: ``UsageError`` for a file that can't be read any more.
    static func files(_ files: [PlannedFile]) throws -> [RunDocument.Plan.File] {
        try files.map { file in
            do {
                let content = try Data(contentsOf: URL(filePath: file.path))
                return RunDocument.Plan.File(
                    name: file.name,
                    bytes: Int64(content.count),
                    sha256: content.withUnsafeBytes { PayloadDigest.sha256($0) }
                )
            } catch {
                throw UsageError(message: "\(file.path): \(error.localizedDescription)")
            }
        }
    }
}

extension Timestamp {
    /// The wall time.
    ///
    /// - Returns: The time by the system's clock.
    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanosecondsSince1970: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

extension LoadTarget {
    /// Whether the target is on this machine, as far as its address tells.
    var isOnThisHost: Bool {
        address.host.hasPrefix("127.") || ["localhost", "::1"].contains(address.host)
    }
}
