import BenchReport
import Glibc
import Measurements

/// Counts how often the report's statistics call equal targets different, and how often they find a faster one.
///
/// One server, a queue before it; service times with 10 % noise; rounds whose pace wanders (AR(1), 2.3 %) and drifts
/// by 5 % over a run. Rounds of a block are neighbours, in an order that is drawn anew for each block.
struct Simulation {
    let runs: Int
    private static let uploads = 100
    private static let rounds = 10
    private static let serviceSeconds = 0.03
    private static let serviceNoise = 0.1
    private static let roundNoise = 0.023
    private static let memory = 0.5
    private static let drift = 0.05

    /// The load of a round.
    private enum Load: String, CaseIterable {
        case burst = "burst of 100"
        case closed = "8 in flight"

        var concurrency: Int { self == .burst ? Simulation.uploads : 8 }
    }

    /// Prints the shares, and the goals.
    func print() {
        Swift.print("\(runs) simulated runs of \(Self.rounds) rounds a target")
        for load in Load.allCases {
            for (speed, goal) in [(1.0, "≤ 6 % different"), (1.1, "≥ 95 % found")] {
                let all = (0..<runs).map { verdicts(load, speed: speed, seed: UInt64($0 + 1)) }
                let shares = ["throughput", "p50", "p99"].map { metric in
                    let told = all.count { $0[metric] == .better || $0[metric] == .worse }
                    return "\(metric) \(FixedPoint.text(100 * Double(told) / Double(runs), decimals: 1)) %"
                }
                let wrong = all.count { speed > 1 && $0["throughput"] == .worse }
                let name = speed == 1 ? "equal targets called different" : "10 % faster found"
                Swift.print("\(load.rawValue), \(name) (goal \(goal)): \(shares.joined(separator: ", "))")
                if wrong > 0 { Swift.print("  called worse: \(wrong)") }
            }
        }
    }

    /// What the program says of one run, by metric.
    private func verdicts(_ load: Load, speed: Double, seed: UInt64) -> [String: MetricResult.Verdict] {
        var random = SplitMix64(seed: seed)
        var records: [RoundRecord] = []
        var started = SyntheticRun.started
        var mood = 0.0
        for block in 0..<Self.rounds {
            let order = random.below(2) == 0 ? [0, 1] : [1, 0]
            for (place, target) in order.enumerated() {
                let step = Double(2 * block + place) / Double(2 * Self.rounds)
                mood =
                    Self.memory * mood
                    + Self.roundNoise * (1 - Self.memory * Self.memory).squareRoot() * random.normal()
                let pace =
                    Self.serviceSeconds * exp(mood) * (1 + Self.drift * step) / (target == 1 ? speed : 1)
                let record = SyntheticRun.round(
                    target == 0 ? "first" : "second",
                    index: block,
                    order: place,
                    concurrency: load.concurrency,
                    started: started,
                    samples: Self.samples(load, pace: pace, &random)
                )
                started.nanosecondsSince1970 += record.makespan + 1_000_000_000
                records.append(record)
            }
        }
        let plan = SyntheticRun.plan(
            load == .burst ? .burst : .closed,
            uploads: Self.uploads,
            concurrency: load.concurrency,
            rounds: Self.rounds
        )
        let document = SyntheticRun.document(id: "simulated", plan: plan, rounds: records)
        let changes = document.results.filter { $0.target == "second" }
        return Dictionary(
            uniqueKeysWithValues: changes.compactMap { result in
                result.change.map { (result.metric.name, $0.verdict) }
            }
        )
    }

    /// The uploads of a round before one server: it serves them one after the other.
    private static func samples(_ load: Load, pace: Double, _ random: inout SplitMix64) -> [Sample] {
        var free = 0.0
        var slots = Array(repeating: 0.0, count: load.concurrency)
        return (0..<uploads).map { index in
            let intended = load == .burst ? 0 : slots[index % slots.count]
            free = max(free, intended) + pace * exp(serviceNoise * random.normal())
            slots[index % slots.count] = free
            var sample = Sample(intended: Nanoseconds(intended * 1e9))
            sample.sent = sample.intended
            sample.bodySent = sample.intended
            sample.done = Nanoseconds(free * 1e9)
            sample.firstByte = sample.done
            sample.outcome = .ok
            sample.status = 200
            return sample
        }
    }
}

extension SplitMix64 {
    /// A number of the standard normal distribution (Box and Muller, 1958).
    fileprivate mutating func normal() -> Double {
        (-2 * log(1 - unit())).squareRoot() * cos(2 * .pi * unit())
    }
}
