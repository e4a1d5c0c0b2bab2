import BenchReport
import Measurements

/// What a synthetic run's document says besides its rounds.
enum SyntheticRun {
    static let started = Timestamp(nanosecondsSince1970: 1_795_362_000 * 1_000_000_000)

    /// Makes the document, as the program makes it of a measured run.
    ///
    /// - Parameters:
    ///   - id: Its name.
    ///   - plan: What was asked for.
    ///   - rounds: What was measured, of "first" and "second".
    /// - Returns: The document with its statistics.
    static func document(id: String, plan: RunDocument.Plan, rounds: [RoundRecord]) -> RunDocument {
        RunDocument(
            id: id,
            tool: RunDocument.Tool(
                version: ProgramVersion.text,
                commit: nil,
                build: "release",
                swift: "6.3",
                curl: "-",
                cairo: ChartSet.cairoVersion,
                mupdf: "-"
            ),
            started: started,
            finished: started,
            interrupted: nil,
            validity: Validity(),
            environment: RunDocument.Environment(
                os: "synthetic",
                kernel: "-",
                arch: "x86_64",
                cpu: "synthetic",
                cores: 2,
                memoryBytes: 8_000_000_000,
                loadBefore: 0,
                sameHost: true
            ),
            plan: plan,
            targets: ["first", "second"].enumerated().map { index, name in
                RunDocument.Target(
                    name: name,
                    url: "http://127.0.0.1/\(name)",
                    isBaseline: index == 0,
                    isEmbedded: false
                )
            },
            rounds: rounds
        )
    }

    /// The plan of such a run.
    ///
    /// - Parameters:
    ///   - mode: How uploads are started.
    ///   - uploads: How many a round has.
    ///   - concurrency: How many are in flight.
    ///   - rounds: Rounds a target.
    /// - Returns: The plan.
    static func plan(_ mode: RunDocument.Plan.Mode, uploads: Int, concurrency: Int, rounds: Int)
        -> RunDocument.Plan
    {
        RunDocument.Plan(
            arguments: ["run", "sample.pdf", "\(uploads)"],
            mode: mode,
            requests: uploads,
            concurrency: [concurrency],
            rounds: rounds,
            warmup: 0,
            seed: 42,
            timeoutSeconds: 120,
            field: "file",
            probe: nil,
            files: [
                RunDocument.Plan.File(
                    name: "sample.pdf",
                    bytes: 944_816,
                    sha256: String(repeating: "0", count: 64)
                )
            ],
            server: nil
        )
    }

    /// One round around its uploads.
    ///
    /// - Parameters:
    ///   - target: "first" or "second".
    ///   - index: The block.
    ///   - order: Its place in the block.
    ///   - concurrency: How many uploads were in flight.
    ///   - started: The wall time of go.
    ///   - samples: The uploads.
    /// - Returns: The round.
    static func round(
        _ target: String,
        index: Int,
        order: Int,
        concurrency: Int,
        started: Timestamp,
        samples: [Sample]
    ) -> RoundRecord {
        RoundRecord(
            index: index,
            isWarmup: false,
            order: order,
            target: target,
            load: Load(concurrency: concurrency),
            started: started,
            makespan: samples.map(\.done).max() ?? 0,
            samples: SampleSequence(samples),
            probes: [],
            burst: nil,
            client: ClientHealth(cores: 0.05, busiestThread: 0.05, sendLagP99: 0),
            host: HostHealth(steal: 0, others: 0, pagesSwapped: 0),
            validity: Validity()
        )
    }
}
