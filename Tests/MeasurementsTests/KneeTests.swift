import Measurements
import Testing

/// Where a sweep stops bringing more.
struct KneeTests {
    private static func knee(_ points: [(Int, Double)]) -> Int? {
        Knee.first(of: points.map { (Load(concurrency: $0), $1) })?.concurrency
    }

    @Test func `the knee is the first with nearly all of the throughput`() {
        let sweep = Vectors.shared.knee
        #expect(Self.knee(sweep.rows.map { ($0.n, $0.x) }) == sweep.first_n_ge_95pct)
    }

    @Test func `a share of exactly 95 % counts, a little less does not`() {
        #expect(Self.knee([(1, 94.999), (2, 95), (4, 100)]) == 2)
        #expect(Self.knee([(1, 10), (2, 5)]) == 1)
    }

    @Test func `a sweep that served nothing has no knee`() {
        #expect(Self.knee([]) == nil)
        #expect(Self.knee([(1, 0), (2, 0)]) == nil)
    }
}
