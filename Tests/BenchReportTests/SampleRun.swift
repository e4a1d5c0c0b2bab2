import BenchReport
import Measurements

/// A synthetic run whose times follow simple rules, for tests of everything that reads a document.
///
/// "blocking" serves one upload after the other; every other target parses with two workers first and
/// replies late. Equal settings give equal documents.
struct SampleRun {
    var names = ["blocking", "async"]
    var uploads = 100
    var shard: RunDocument.Plan.Shard?
    /// Names and sizes; nil for ``fileName`` alone.
    var files: [(name: String, bytes: Int64)]?
    var rounds = 10
    var warmup = 1
    var concurrency: Int?
    /// Arrivals a second of an open loop.
    var rate: Double?
    var seed: UInt64 = 42
    var hasProbe = true
    var hasStages = true
    var mode = RunDocument.Plan.Mode.burst
    var connections = RunDocument.Plan.Connections.reuse
    var interrupted: String?
    var validity = Validity()
    var build = "release"
    var arguments = ["run", "sample.pdf", "100"]
    var fileName = "sample.pdf"
    var firstAnswers: [FirstAnswer] = []
    /// Where loops were blocked, for rounds that refer to it.
    var stacks: [BlockedPlace] = []
    /// How fast targets answered the probe before any upload.
    var idleProbe: ProbeBaseline?
    var sameHost = true
    /// The limits that the run must keep.
    var thresholds: [Threshold] = []
    /// How hard every round presses.
    var load: Load { Load(concurrency: concurrency ?? uploads, rate: rate) }
    /// The time one upload takes a target, in milliseconds; the default tells baseline and candidates apart.
    var milliseconds: (_ target: Int) -> Double = { $0 == 0 ? 37 : 30 }
    /// Changes each sample of a measured round before it is recorded.
    var edit: (_ sample: inout Sample, _ target: Int, _ round: Int, _ place: Int) -> Void = { _, _, _, _ in }
    /// Changes each round before it is recorded.
    var editRound: (_ round: inout RoundRecord) -> Void = { _ in }

    static let epoch = Timestamp(nanosecondsSince1970: 1_795_362_000 * 1_000_000_000)

    /// The rounds, in the order they ran.
    func records() -> [RoundRecord] {
        var random = SplitMix64(seed: seed)
        var started = Self.epoch
        var records: [RoundRecord] = []
        for block in 0..<(warmup + rounds) {
            let isWarmup = block < warmup
            let order = block.isMultiple(of: 2) ? Array(names.indices) : names.indices.reversed()
            for (place, target) in order.enumerated() {
                var round = record(
                    target,
                    isWarmup ? block : block - warmup,
                    isWarmup: isWarmup,
                    order: place,
                    &random
                )
                round.started = started
                editRound(&round)
                let whole = round.makespan / 1_000_000 * 1_000_000 + 250_000_000
                started.nanosecondsSince1970 += whole
                records.append(round)
            }
        }
        return records
    }

    /// The whole document.
    func document() -> RunDocument {
        let records = records()
        let last = records.last?.started ?? Self.epoch
        return RunDocument(
            id: "20261122T154000Z-sample-\(uploads)",
            tool: RunDocument.Tool(
                version: "0.1.0",
                commit: nil,
                build: build,
                swift: "6.3",
                curl: "7.88.1",
                cairo: "1.16.0",
                mupdf: "1.21.1"
            ),
            started: Self.epoch,
            finished: last,
            interrupted: interrupted,
            validity: validity,
            environment: RunDocument.Environment(
                os: "Debian 12.11",
                kernel: "6.18",
                arch: "x86_64",
                cpu: "AMD EPYC",
                cores: 2,
                memoryBytes: 8_325_758_976,
                virtualization: "kvm",
                loadBefore: 0.1,
                sameHost: sameHost
            ),
            plan: RunDocument.Plan(
                arguments: arguments,
                mode: mode,
                requests: uploads,
                concurrency: [concurrency ?? uploads],
                rates: rate.map { [$0] } ?? [],
                rounds: rounds,
                warmup: warmup,
                seed: seed,
                timeoutSeconds: 120,
                connections: connections,
                field: "file",
                probe: hasProbe ? RunDocument.Plan.Probe(path: "/health", intervalSeconds: 0.01) : nil,
                files: (files ?? [(fileName, 944_816)]).map { name, bytes in
                    RunDocument.Plan.File(
                        name: name,
                        bytes: bytes,
                        sha256: "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf"
                    )
                },
                server: RunDocument.Plan.Server(
                    loops: 1,
                    workers: 2,
                    executor: "loop",
                    store: "s3lite memory"
                ),
                shard: shard
            ),
            targets: names.enumerated().map { index, name in
                RunDocument.Target(
                    name: name,
                    url: "http://127.0.0.1:49152/ingest/\(name)",
                    isBaseline: index == 0,
                    selfComparisonOf: name == "\(names[0])-aa" ? names[0] : nil,
                    isEmbedded: true,
                    idleProbe: idleProbe
                )
            },
            rounds: records,
            firstAnswers: firstAnswers,
            stacks: stacks,
            thresholds: thresholds
        )
    }

    private func record(
        _ target: Int,
        _ index: Int,
        isWarmup: Bool,
        order: Int,
        _ random: inout SplitMix64
    ) -> RoundRecord {
        var samples: [Sample] = []
        // A round is a little faster or slower as a whole, as rounds are.
        let pace = milliseconds(target) * (1 + 0.04 * (random.unit() - 0.5))
        for place in 0..<uploads {
            var sample = self.sample(place, target, pace, &random)
            if !isWarmup { edit(&sample, target, index, place) }
            samples.append(sample)
        }
        let makespan = samples.map(\.done).max() ?? 0
        return RoundRecord(
            index: index,
            isWarmup: isWarmup,
            order: order,
            target: names[target],
            load: load,
            started: Self.epoch,
            makespan: makespan,
            samples: SampleSequence(samples),
            probes: hasProbe ? probes(target, makespan, pace, &random) : [],
            burst: mode == .burst
                ? BurstFacts(openedAfterGo: 0, lastSent: 4_300_000, peakInFlight: uploads) : nil,
            client: ClientHealth(
                cores: 0.05,
                busiestThread: 0.05,
                sendLagP99: 412_000,
                processorTime: 149_000_000
            ),
            host: HostHealth(steal: 0.002, others: 0.01, pagesSwapped: 0),
            validity: Validity()
        )
    }

    private func sample(_ place: Int, _ target: Int, _ pace: Double, _ random: inout SplitMix64) -> Sample {
        let step = pace * 1e6
        var sample = Sample(intended: 0)
        sample.sent = 20_000 + Int64(random.below(60_000)) + Int64(place) * 40_000
        sample.bodySent = sample.sent + 800_000 + Int64(random.below(300_000))
        let share = Double(uploads) * 0.6
        let finished = target == 0 ? Double(place + 1) : share + Double(place + 1) * 0.4
        sample.done = max(
            sample.bodySent + 100_000,
            Int64(finished * step * (1 + 0.01 * (random.unit() - 0.5)))
        )
        sample.firstByte = sample.done - 40_000
        sample.outcome = .ok
        sample.status = 200
        sample.connection = Int32(place)
        sample.flags = [.reused]
        sample.bytesOut = 944_943
        sample.bytesIn = 412
        guard hasStages else { return sample }
        let end = sample.firstByte - 10_000
        let work = min(end - sample.bodySent, Int64(step * (target == 0 ? 0.6 : 1.2)))
        let store = work / 4
        sample.stages = [
            StageTiming(name: "pdf", start: end - work, duration: work - store),
            StageTiming(name: "store", start: end - store, duration: store),
        ]
        return sample
    }

    private func probes(
        _ target: Int,
        _ makespan: Nanoseconds,
        _ pace: Double,
        _ random: inout SplitMix64
    ) -> [ProbeSample] {
        stride(from: 0, to: makespan, by: 10_000_000).map { intended in
            let wait = target == 0 ? pace * random.unit() * 10 : 0.5 + random.unit() * 8
            let done = intended + Int64(wait * 1e6)
            return ProbeSample(intended: intended, sent: intended, done: done, outcome: .ok, status: 200)
        }
    }
}

/// Most loads are numbers in flight.
extension Load: ExpressibleByIntegerLiteral {
    /// Makes a closed loop's load.
    public init(integerLiteral value: Int) { self.init(concurrency: value) }
}
