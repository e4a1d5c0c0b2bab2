import Measurements
import Testing

@testable import LoadGenerator

/// Whole rounds against servers that are nothing but numbers; the accuracy tests play the same on real sockets.
struct SimulatedLoadTests {
    /// One upload of a simulated round.
    private struct Upload {
        let start: Nanoseconds
        let end: Nanoseconds
    }

    /// Runs a closed loop by time.
    ///
    /// - Parameters:
    ///   - window: When nothing more starts.
    ///   - cap: Uploads in flight.
    ///   - serviceTime: What the server takes for the n-th.
    /// - Returns: The uploads, in the order they started.
    private static func closedLoop(
        window: Nanoseconds,
        cap: Int,
        serviceTime: (Int) -> Nanoseconds
    ) -> [Upload] {
        var pacer = Pacer(isBurst: false, arrivals: nil, limit: .time(window), cap: cap)
        var uploads: [Upload] = []
        var ends: [Nanoseconds] = []
        var now: Nanoseconds = 0
        while true {
            while let start = pacer.next(now: now) {
                let end = now + serviceTime(start.sequence)
                uploads.append(Upload(start: start.intended, end: end))
                ends.append(end)
            }
            guard let next = ends.min(), let place = ends.firstIndex(of: next) else { return uploads }
            now = ends.remove(at: place)
            pacer.ended(at: now)
        }
    }

    @Test func `a deadline lets what is in flight end and starts nothing else`() {
        let uploads = Self.closedLoop(window: 5_000_000_000, cap: 10) { _ in 3_000_000_000 }
        #expect(uploads.count == 20)
        #expect(uploads.allSatisfy { $0.end - $0.start == 3_000_000_000 })
        #expect(uploads.count { $0.end > 5_000_000_000 } == 10)
    }

    /// A tool that makes up samples for waiting which a closed loop never had says 51 ms at p75 here.
    @Test func `a closed loop has the percentiles of its server, with nothing made up`() {
        var generator = SplitMix64(seed: 5)
        let drawn = (0..<20_000).map { _ -> Nanoseconds in
            switch generator.below(100) {
            case 0..<88: 5_000_000
            case 88..<98: 50_000_000
            default: 400_000_000
            }
        }
        let uploads = Self.closedLoop(window: 8_000_000_000, cap: 10) { drawn[$0] }
        let times = uploads.map { $0.end - $0.start }.sorted()
        #expect(times == drawn.prefix(times.count).sorted())
        let percentiles = [Percentile.p50, Percentile(partsPerMillion: 750_000), .p90, .p95, .p99]
        let milliseconds = percentiles.map { ($0.value(in: times) ?? 0) / 1_000_000 }
        #expect(milliseconds == [5, 5, 50, 50, 400])
    }
}
