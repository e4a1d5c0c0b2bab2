import Measurements
import Testing

@testable import LoadGenerator

/// When uploads are meant to start: numbers in, numbers out.
struct PacerTests {
    private static func arrivals(
        _ rate: ArrivalSchedule.Rate,
        _ spread: ArrivalSpread = .constant,
        block: Int = 0
    ) -> Arrivals {
        Arrivals(ArrivalSchedule(rate: rate, spread: spread), seed: 42, block: block)
    }

    private static func times(_ arrivals: Arrivals, _ count: Int) -> [Nanoseconds] {
        var arrivals = arrivals
        return (0..<count).map { _ in arrivals.next() ?? -1 }
    }

    private static func open(
        _ rate: Double,
        _ limit: Pacer.Limit,
        cap: Int,
        shard: Pacer.Shard = Pacer.Shard()
    ) -> Pacer {
        Pacer(isBurst: false, arrivals: arrivals(.constant(rate)), limit: limit, cap: cap, shard: shard)
    }

    @Test func `a burst is meant to start at go, however late the engine is`() {
        var pacer = Pacer(isBurst: true, arrivals: nil, limit: .uploads(3), cap: 3)
        #expect(pacer.next(now: 0) == .init(sequence: 0, intended: 0, possible: 0))
        #expect(pacer.next(now: 9) == .init(sequence: 1, intended: 0, possible: 0))
        #expect(pacer.next(now: 99) == .init(sequence: 2, intended: 0, possible: 0))
        #expect(pacer.next(now: 100) == nil)
        #expect(pacer.isExhausted(now: 100))
    }

    @Test func `a closed loop starts one when one ends`() {
        var pacer = Pacer(isBurst: false, arrivals: nil, limit: .uploads(3), cap: 1)
        #expect(pacer.next(now: 0)?.intended == 0)
        #expect(pacer.next(now: 5) == nil, "the cap holds")
        pacer.ended(at: 7)
        #expect(pacer.next(now: 7) == .init(sequence: 1, intended: 7, possible: 7))
        pacer.ended(at: 9)
        #expect(pacer.next(now: 9)?.sequence == 2)
        pacer.ended(at: 11)
        #expect(pacer.next(now: 11) == nil && pacer.isExhausted(now: 11))
    }

    @Test func `a closed loop by time starts nothing once its window is over`() {
        var pacer = Pacer(isBurst: false, arrivals: nil, limit: .time(10), cap: 2)
        #expect(pacer.next(now: 0) != nil && pacer.next(now: 0) != nil)
        pacer.ended(at: 9)
        #expect(pacer.next(now: 9)?.sequence == 2)
        pacer.ended(at: 10)
        #expect(pacer.next(now: 10) == nil && pacer.isExhausted(now: 10) && !pacer.isExhausted(now: 9))
        #expect(pacer.inFlight == 1, "what is in flight ends by itself")
    }

    @Test(arguments: [200.0, 3, 7, 1_000_000, 0.25])
    func `constant arrivals are exact to a nanosecond, also late ones`(rate: Double) {
        let distance = 1e9 / rate
        let times = Self.times(Self.arrivals(.constant(rate)), 100_001)
        for index in [0, 1, 2, 3, 99, 10_000, 99_999, 100_000] {
            #expect(times[index] == Nanoseconds((Double(index) * distance).rounded()), "\(index)")
        }
    }

    @Test func `Poisson arrivals follow the seed, block by block`() {
        let first = Self.times(Self.arrivals(.constant(200), .poisson), 20_000)
        #expect(Array(first.prefix(5)) == Self.golden)
        #expect(first == Self.times(Self.arrivals(.constant(200), .poisson), 20_000))
        #expect(first != Self.times(Self.arrivals(.constant(200), .poisson, block: 1), 20_000))
        #expect(first == first.sorted())
        // 20 000 distances of 5 ms: their mean is within 4 standard errors, and e⁻¹ of them are longer.
        let distances = zip(first.dropFirst(), first).map { $0 - $1 }
        let mean = Double(distances.reduce(0, +)) / Double(distances.count)
        #expect(abs(mean - 5e6) < 4 * 5e6 / Double(distances.count).squareRoot())
        let longer = Double(distances.count { $0 > 5_000_000 }) / Double(distances.count)
        #expect(abs(longer - 0.36788) < 0.014)
    }

    private static let golden: [Nanoseconds] = [555_963, 1_780_906, 5_404_809, 6_368_868, 10_877_426]

    @Test func `stages are the integral of straight lines, inverted exactly`() {
        let written: [(Int, Double)] = [(10, 50), (30, 200), (0, 100), (10, 100), (20, 0)]
        let stages = written.map {
            RateStage(duration: .seconds($0.0), rate: $0.1)
        }
        var arrivals = Self.arrivals(.stages(stages))
        var times: [Nanoseconds] = []
        while let time = arrivals.next() { times.append(time) }
        #expect(times.count == 250 + 3750 + 1000 + 1000)
        #expect(times.first == 0)
        #expect(times[1] == 632_455_532, "√(2 ÷ 5) s")
        #expect(times[249] == 9_979_979_960, "√(498 ÷ 5) s")
        #expect(times[250] == 10_000_000_000)
        #expect(times[4000] == 40_000_000_000 && times[4001] == 40_010_000_000)
        #expect(times[4999] == 49_990_000_000 && times[5000] == 50_000_000_000)
        #expect(times[5999] == 70_000_000_000 - 632_455_532, "√(2 ÷ 5) s before the rate is zero")
    }

    /// Every arrival is where the integral of the rate says, checked in the other direction.
    @Test func `the integral up to each arrival is its number`() {
        let stages = [RateStage(duration: .seconds(3), rate: 70), RateStage(duration: .seconds(9), rate: 13)]
        let times = Self.times(Self.arrivals(.stages(stages)), 105 + 373)
        for (index, time) in times.enumerated() {
            let seconds = Double(time) / 1e9
            let expected =
                seconds <= 3
                ? 70.0 / 3 * seconds * seconds / 2
                : 105 + 70 * (seconds - 3) - 57.0 / 9 * (seconds - 3) * (seconds - 3) / 2
            #expect(abs(expected - Double(index)) < 70 * 1e-9, "within a nanosecond at 70/s")
        }
    }

    @Test func `an open loop keeps intended starts when the engine is late, and sends in order`() {
        var pacer = Self.open(100, .uploads(4), cap: 10)
        #expect(pacer.nextDue == 0)
        #expect(pacer.next(now: 35_000_000)?.intended == 0)
        #expect(pacer.next(now: 35_000_000) == .init(sequence: 1, intended: 10_000_000, possible: 10_000_000))
        #expect(pacer.next(now: 35_000_000)?.isQueued == false)
        #expect(pacer.next(now: 35_000_000)?.sequence == 3)
        #expect(pacer.next(now: 99_000_000) == nil && pacer.isExhausted(now: 99_000_000))
    }

    @Test func `what the cap keeps waiting is queued from its intended start`() {
        var pacer = Self.open(100, .time(30_000_000), cap: 1)
        #expect(pacer.next(now: 0)?.isQueued == false)
        #expect(pacer.next(now: 15_000_000) == nil && pacer.nextDue == nil)
        pacer.ended(at: 25_000_000)
        let queued = pacer.next(now: 25_000_500)
        #expect(queued == .init(sequence: 1, intended: 10_000_000, possible: 25_000_000))
        #expect(queued?.isQueued == true)
        pacer.ended(at: 26_000_000)
        let last = pacer.next(now: 40_000_000)
        #expect(last?.intended == 20_000_000 && last?.isQueued == true, "due while the cap was reached")
        pacer.ended(at: 41_000_000)
        #expect(pacer.next(now: 50_000_000) == nil && pacer.isExhausted(now: 50_000_000))
    }

    @Test func `what waits for a slot too long is given up, what can start is not`() {
        var pacer = Self.open(100, .uploads(3), cap: 1)
        #expect(pacer.giveUp(before: 5_000_000) == nil, "a slot is free")
        #expect(pacer.next(now: 0) != nil)
        #expect(pacer.giveUp(before: 10_000_000) == nil)
        #expect(pacer.giveUp(before: 10_000_001)?.sequence == 1)
        #expect(pacer.giveUp(before: 10_000_001) == nil)
        #expect(pacer.notSent(now: 0).map(\.sequence) == [2])
    }

    @Test(arguments: 1...5)
    func `shards have all uploads of a schedule between them, each once`(count: Int) {
        let whole = Self.times(Self.arrivals(.constant(70)), 70)
        var found: [Int: Nanoseconds] = [:]
        for index in 0..<count {
            let shard = Pacer.Shard(index: index, count: count)
            var pacer = Self.open(70, .time(1_000_000_000), cap: 100, shard: shard)
            while let start = pacer.next(now: 2_000_000_000) {
                #expect(found.updateValue(start.intended, forKey: start.sequence) == nil)
            }
        }
        #expect((0..<70).map { found[$0] } == whole)
        #expect((0..<count).reduce(0) { $0 + Pacer.Shard(index: $1, count: count).share(of: 17) } == 17)
    }

    @Test func `a counted round that is cut off names all uploads that it did not send`() {
        var pacer = Self.open(100, .uploads(4), cap: 10)
        #expect(pacer.next(now: 0) != nil)
        #expect(pacer.notSent(now: 5).map(\.sequence) == [1, 2, 3])
        #expect(pacer.notSent(now: 5).map(\.intended) == [10_000_000, 20_000_000, 30_000_000])
        let burst = Pacer(
            isBurst: true,
            arrivals: nil,
            limit: .uploads(3),
            cap: 3,
            shard: .init(index: 0, count: 2)
        )
        #expect(
            burst.notSent(now: 7).map(\.sequence) == [0, 2]
                && burst.notSent(now: 7).allSatisfy { $0.intended == 0 }
        )
    }

    /// Once it named one upload more than the schedule has, or only one of those that were due.
    @Test func `an open loop by time that is cut off names what was meant to start by then`() {
        var pacer = Self.open(100, .time(30_000_000), cap: 1)
        #expect(pacer.next(now: 0) != nil)
        #expect(pacer.notSent(now: 5_000_000).isEmpty, "what is in flight shows the cut")
        #expect(pacer.notSent(now: 25_000_000).map(\.sequence) == [1, 2])
        #expect(pacer.notSent(now: 99_000_000).map(\.intended) == [10_000_000, 20_000_000])
        pacer.ended(at: 6_000_000)
        #expect(
            pacer.notSent(now: 7_000_000).map(\.intended) == [10_000_000],
            "the next, else nothing shows it"
        )
        #expect(pacer.next(now: 30_000_000) != nil)
        pacer.ended(at: 31_000_000)
        #expect(pacer.next(now: 31_000_000)?.sequence == 2)
        #expect(pacer.notSent(now: 32_000_000).isEmpty, "the schedule is at its end")
    }

    @Test func `a closed loop by time that is cut off names an upload only if none is in flight`() {
        var pacer = Pacer(isBurst: false, arrivals: nil, limit: .time(10), cap: 2)
        #expect(pacer.notSent(now: 3).map(\.intended) == [3])
        #expect(pacer.next(now: 0) != nil)
        #expect(pacer.notSent(now: 3).isEmpty && pacer.notSent(now: 12).isEmpty)
    }

    @Test func `threads of shards have all uploads between them, numbered without a gap in each shard`() {
        var found: Set<Int> = []
        for index in 0..<3 {
            let part = Pacer.Shard(index: index, count: 3)
            var places: Set<Int> = []
            var shares = 0
            for thread in 0..<2 {
                let shard = part.part(ofThread: thread, of: 2)
                shares += shard.share(of: 17)
                var pacer = Self.open(17, .uploads(17), cap: 100, shard: shard)
                while let start = pacer.next(now: 2_000_000_000) {
                    #expect(found.insert(start.sequence).inserted && start.sequence % 3 == index)
                    places.insert(start.sequence / 3)
                }
            }
            #expect(shares == part.share(of: 17) && places == Set(0..<shares))
        }
        #expect(found == Set(0..<17))
    }

    /// A server that stands still for the last second of every ten, simulated: a tenth of all arrivals waits
    /// from 0 to 1 s, and no number of connections may hide that.
    @Test(arguments: [4, 10, 200])
    func `a stall shows in full at any number of connections`(cap: Int) {
        var pacer = Self.open(100, .time(20_000_000_000), cap: cap)
        var free: [Nanoseconds] = []
        var responses: [Nanoseconds] = []
        var now: Nanoseconds = 0
        while true {
            if let start = pacer.next(now: now) {
                let phase = now % 10_000_000_000
                let end = phase >= 9_000_000_000 ? now - phase + 10_000_000_000 : now
                responses.append(end - start.intended)
                free.append(end)
                continue
            }
            guard let next = [free.min(), pacer.nextDue].compactMap({ $0 }).min() else { break }
            now = max(now, next)
            if let place = free.firstIndex(where: { $0 <= now }) {
                pacer.ended(at: free.remove(at: place))
            }
        }
        responses.sort()
        #expect(responses.count == 2000)
        #expect(responses[999] == 0)
        #expect(Percentile.p95.value(in: responses) == 500_000_000)
        #expect(Percentile.p99.value(in: responses) == 900_000_000)
        #expect(responses.last == 1_000_000_000)
    }
}
