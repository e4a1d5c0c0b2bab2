import Glibc
import Testing

@testable import Measurements

/// Whether the response times of a round settle.
struct SteadyStateTests {
    /// The means of batches of five, the last of them if it is full.
    private func fives(_ values: [Double]) -> [Double] {
        (0..<values.count / 5).map { batch in values[5 * batch..<5 * batch + 5].reduce(0, +) / 5 }
    }

    @Test func `MSER-5 cuts where the reference cuts`() throws {
        let row = Vectors.shared.mser5
        let values = (0..<120).map { (place: Int) -> Double in
            let time = Double(place)
            return 5 * exp(-time / 8) + 1 + 0.05 * sin(1.7 * time)
        }
        let batches = fives(values)
        let found = try #require(Truncation(of: batches, upTo: batches.count / 2))
        #expect(5 * found.cut == row.truncate)
        #expect(abs(found.statistic - row.mser) <= 1e-9 * row.mser)
    }

    @Test func `what is flat is cut nowhere`() throws {
        let flat = try #require(Truncation(of: [Double](repeating: 3, count: 24), upTo: 12))
        #expect(5 * flat.cut == Vectors.shared.mser5.flat && flat.statistic == 0)
        #expect(Truncation(of: [], upTo: 0) == nil)
        #expect(Truncation(of: [4], upTo: 0) == Truncation(of: [4], upTo: 3))
    }

    @Test func `one pass finds what a search by the definition finds`() throws {
        var random = SplitMix64(seed: 3)
        for count in [2, 5, 20, 61] {
            let values = (0..<count).map { _ in 1e6 + random.unit() }
            let statistics = (0...count / 2).map { cut -> Double in
                let left = values[cut...]
                let mean = left.reduce(0, +) / Double(left.count)
                return left.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(left.count * left.count)
            }
            let least = try #require(statistics.min())
            let found = try #require(Truncation(of: values, upTo: count / 2))
            #expect(found.cut == statistics.firstIndex(of: least))
            #expect(abs(found.statistic - least) <= 1e-6 * least)
        }
    }

    /// A closed loop with one upload in flight, whose times are given.
    private func transient(_ seconds: [Double]) -> Transient? {
        var now = 0.0
        let samples = seconds.map { time in
            var sample = Sample(intended: Nanoseconds(now * 1e9))
            now += time
            sample.sent = sample.intended
            sample.done = sample.intended + Nanoseconds(time * 1e9)
            sample.outcome = .ok
            return sample
        }
        return RoundSummary(of: RoundLevelTests.round(samples)).transient
    }

    @Test(arguments: [120, 1000, 50_000])
    func `a ramp has not settled, and neither has a round that is slow for its first 60 %`(count: Int) throws
    {
        var random = SplitMix64(seed: 8)
        let ramp = (0..<count).map { 0.01 * (1 + 2 * Double($0) / Double(count) + 0.2 * random.unit()) }
        let rising = try #require(transient(ramp))
        #expect(rising.share > 0.5 && rising.isRising)
        let slow = (0..<count).map { place in
            0.01 * (10 * place < 6 * count ? 2 : 1) * (1 + 0.3 * random.unit())
        }
        let falling = try #require(transient(slow))
        #expect((0.6...0.75).contains(falling.share) && !falling.isRising)
    }

    @Test func `a slow start that is over in the first half is none, nor is a change too small to matter`() {
        var random = SplitMix64(seed: 8)
        let start = (0..<2000).map { 0.01 * ($0 < 600 ? 3 : 1) * (1 + 0.3 * random.unit()) }
        #expect(transient(start) == nil)
        #expect(transient((0..<2000).map { $0 < 1200 ? 0.01 : 0.0105 }) == nil)
        #expect(transient((0..<2000).map { $0 < 1200 ? 0.01 : 0.0115 }) != nil)
    }

    @Test func `too few completions, or too many at one time, tell nothing`() {
        #expect(transient((0..<99).map { $0 < 60 ? 0.02 : 0.01 }) == nil)
        #expect(transient((0..<101).map { $0 < 60 ? 0.02 : 0.01 }) != nil)
        var order = CompletionOrder(makespan: 1_000_000_000)
        for place in 0..<1000 {
            var sample = Sample(intended: Nanoseconds(place) * 1_000_000)
            sample.outcome = .ok
            sample.done = place < 900 ? 900_000_000 : 1_000_000_000
            order.add(sample)
        }
        #expect(order.means(of: 20) == nil)
    }

    @Test func `what ends after the last start is left out, for the load went down`() {
        // 64 in flight: the last 64 find fewer and fewer beside them and are as fast as that.
        let count = 256
        let samples = (0..<count).map { place in
            let inFlight = min(64, count - place)
            var sample = Sample(intended: Nanoseconds(place) * 1_000_000)
            sample.sent = sample.intended
            sample.done = sample.intended + Nanoseconds(inFlight) * 1_000_000 + Nanoseconds(place % 3) * 9
            sample.outcome = .ok
            return sample
        }
        #expect(RoundSummary(of: RoundLevelTests.round(samples)).transient == nil)
    }

    @Test func `a burst is no steady state, and none is looked for`() {
        var samples = (0..<400).map { place in
            var sample = Sample(intended: 0)
            sample.sent = 0
            sample.done = Nanoseconds(place + 1) * 1_000_000
            sample.outcome = .ok
            return sample
        }
        var round = RoundLevelTests.round(samples)
        #expect(RoundSummary(of: round).transient == nil)
        for place in samples.indices { samples[place].intended = samples[place].done / 2 }
        round = RoundLevelTests.round(samples)
        #expect(RoundSummary(of: round).transient != nil)
        round.burst = BurstFacts(openedAfterGo: 0, lastSent: 0, peakInFlight: 400)
        #expect(RoundSummary(of: round).transient == nil)
    }

    /// Stationary response times, from the distribution they keep.
    enum Stationary: String, CaseIterable, Sendable {
        case even, exponential, fewSlow, autoregressive, queue

        func series(_ count: Int, _ random: inout SplitMix64) -> [Double] {
            switch self {
            case .even: return (0..<count).map { _ in 1 + 0.3 * random.unit() }
            case .exponential: return (0..<count).map { _ in random.exponential() }
            case .fewSlow: return (0..<count).map { _ in random.below(20) == 0 ? 10 : 1 + random.unit() }
            case .autoregressive:
                var mood = 0.0
                return (0..<count + 100).map { _ in
                    mood = 0.7 * mood + random.unit() - 0.5
                    return exp(mood)
                }.suffix(count)
            case .queue:
                // One server that is busy half of the time, arrivals and services at random.
                var wait = 0.0
                return (0..<count + 500).map { _ in
                    wait = max(0, wait - 2 * random.exponential()) + random.exponential()
                    return wait
                }.suffix(count)
            }
        }
    }

    @Test(arguments: Stationary.allCases)
    func `a stationary round is seldom taken for one that warms up, most of ten never`(_ kind: Stationary) {
        var random = SplitMix64(seed: 17)
        for (count, runs) in [(50, 5), (120, 30), (500, 10), (5000, 1)] {
            var alarms = 0
            for _ in 0..<runs {
                let found = (0..<10).compactMap { _ in transient(kind.series(count, &random)) }
                alarms += found.count
                #expect(found.count(where: \.isRising) < 5 && found.count { !$0.isRising } < 5)
            }
            #expect(alarms * 20 <= runs * 10, "\(kind) of \(count): \(alarms) of \(runs * 10)")
        }
        #expect(transient(kind.series(50_000, &random)) == nil)
    }
}

extension SplitMix64 {
    /// A number of the exponential distribution with mean 1.
    fileprivate mutating func exponential() -> Double { -log(1 - unit()) }
}
