import BenchReport
import Crypto
import Foundation
import LoadGenerator
import Measurements

/// Makes the document of a run: what was asked for, by what and where, and what was measured.
struct RunSummary {
    let plan: LoadPlan
    /// The command's arguments, the program's name not among them.
    let arguments: [String]
    let tool: RunDocument.Tool
    let machine: RunDocument.Environment
    /// The embedded server; nil when every target is external.
    let server: RunDocument.Plan.Server?
    /// The signal that ended the run.
    let signal: TerminationSignals.Signal?

    /// The document.
    ///
    /// - Parameters:
    ///   - id: The results folder's name.
    ///   - started: When the run began.
    ///   - result: What was measured.
    /// - Returns: The document, its results worked out.
    /// - Throws: What reading an uploaded file throws: its digest is part of the plan.
    func document(id: String, started: Timestamp, result: LoadResult) throws -> RunDocument {
        RunDocument(
            id: id,
            tool: tool,
            started: started,
            finished: .now(),
            interrupted: signal?.name ?? result.failure?.message,
            validity: result.validity,
            environment: machine,
            plan: try documentPlan(),
            targets: plan.targets.enumerated().map { index, target in
                RunDocument.Target(
                    name: target.name,
                    url: target.address.url,
                    method: target.method,
                    isBaseline: index == 0,
                    isEmbedded: target.isEmbedded
                )
            },
            rounds: result.rounds,
            firstAnswers: result.failures.filter { !$0.firstBody.isEmpty }.map {
                FirstAnswer(target: $0.target, status: $0.status, body: $0.firstBody)
            }
        )
    }

    private func documentPlan() throws -> RunDocument.Plan {
        RunDocument.Plan(
            arguments: arguments,
            mode: plan.arrivals == .burst ? .burst : .closed,
            requests: plan.requests,
            concurrency: [plan.concurrency],
            rounds: plan.rounds,
            warmup: plan.warmup,
            seed: plan.seed,
            timeoutSeconds: plan.timeout / .seconds(1),
            connections: plan.connections == .reuse ? .reuse : .fresh,
            field: plan.field,
            expectedStatus: plan.expectedStatuses.description,
            probe: plan.probe.map {
                RunDocument.Plan.Probe(path: $0.path, intervalSeconds: $0.interval / .seconds(1))
            },
            files: try plan.files.map { file in
                let content = try Data(contentsOf: URL(filePath: file.path), options: .mappedIfSafe)
                return RunDocument.Plan.File(
                    name: file.name,
                    bytes: Int64(file.bytes),
                    sha256: FileDigest.sha256(content)
                )
            },
            server: server
        )
    }
}

/// The digest that names a file's content.
enum FileDigest {
    /// The SHA-256 of bytes.
    ///
    /// - Parameter bytes: The content.
    /// - Returns: 64 lower-case hexadecimal digits.
    static func sha256(_ bytes: some DataProtocol) -> String {
        SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
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
