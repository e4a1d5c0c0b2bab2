import Measurements

/// What the event loops of a ``SampleRun`` did: rules as simple as those of its times.
///
/// The loop of "blocking" is blocked from end to end by two places in turn; that of any other target three
/// times a round, briefly.
enum SampleLoops {
    static let places = [
        BlockedPlace(
            blame: "IngestHandler.swift:61 ingestBlocking",
            callee: "extract",
            frames: [
                "extract MuPDF/PDFDocument.swift:88", "ingestBlocking IngestServer/IngestHandler.swift:61",
            ]
        ),
        BlockedPlace(
            blame: "IngestHandler.swift:74 ingestBlocking",
            callee: "put",
            frames: [
                "put S3Client/BlockingS3Client.swift:40",
                "ingestBlocking IngestServer/IngestHandler.swift:74",
            ]
        ),
        BlockedPlace(blame: "MultipartReader.swift:120 nextPart", callee: nil, frames: []),
    ]

    /// A run whose loops were watched.
    static func run(_ change: (inout SampleRun) -> Void = { _ in }) -> SampleRun {
        var run = SampleRun()
        run.stacks = places
        run.editRound = { watch(&$0) }
        change(&run)
        return run
    }

    /// Adds what the loop did to a round.
    static func watch(_ round: inout RoundRecord) {
        let all = round.target == "blocking" ? blocking(round.makespan) : brief(round.makespan, round.index)
        round.loops = LoopActivity(
            threshold: 10_000_000,
            watched: 1,
            notScheduled: all.reduce(0) { $0 + $1.notScheduled },
            all: all
        )
    }

    private static func blocking(_ makespan: Nanoseconds) -> [LoopBlockSample] {
        let step = makespan / 20
        return (0..<20).flatMap { turn -> [LoopBlockSample] in
            let start = Int64(turn) * step
            let extract = step / 10 * 6
            let put = step / 100 * 39
            return [
                LoopBlockSample(
                    loop: 0,
                    start: start,
                    duration: extract,
                    cpu: extract - 500_000,
                    waiting: 500_000,
                    notScheduled: 0,
                    stack: 0
                ),
                LoopBlockSample(
                    loop: 0,
                    start: start + extract,
                    duration: put,
                    cpu: 600_000,
                    waiting: put - 600_000,
                    notScheduled: 0,
                    stack: 1
                ),
            ]
        }
    }

    private static func brief(_ makespan: Nanoseconds, _ index: Int) -> [LoopBlockSample] {
        (0..<3).map { turn in
            let computed: Int64 = 11_000_000 + Int64(turn) * 1_000_000 + Int64(index) * 100_000
            return LoopBlockSample(
                loop: 0,
                start: Int64(turn) * (makespan / 4),
                duration: computed + 1_000_000,
                cpu: computed,
                waiting: 0,
                notScheduled: 1_000_000,
                stack: 2
            )
        }
    }
}
