/// How many uploads a server works on at the same time.
package struct ServiceOverlap: Sendable, Equatable {
    /// The mean from go to the last reply.
    package let mean: Double
    /// The most, told apart from the blur of clocks: what lasts at least 1 % of the round in total.
    package let most: Int

    /// The share of the round that a number must last to count.
    private static let leastShare = 0.01

    /// Measures a round.
    ///
    /// An upload counts once however many of its stages run at a time.
    ///
    /// - Parameter rows: The uploads of a round.
    package init(rows: [WaterfallChart.Row]) {
        let last = rows.map(\.done).max() ?? 0
        var steps: [(time: Double, change: Int)] = []
        var total = 0.0
        for (start, end) in rows.flatMap(Self.spells) {
            steps.append((start, 1))
            steps.append((end, -1))
            total += end - start
        }
        mean = last > 0 ? total / last : 0
        // Whatever ends makes room before the next begins.
        steps.sort { ($0.time, $0.change) < ($1.time, $1.change) }
        var lasting: [Int: Double] = [:]
        var (level, since) = (0, 0.0)
        for step in steps {
            lasting[level, default: 0] += step.time - since
            level += step.change
            since = step.time
        }
        var beyond = 0.0
        most =
            lasting.keys.sorted(by: >).first { level in
                beyond += lasting[level] ?? 0
                return beyond >= Self.leastShare * last
            } ?? 0
    }

    /// The times at which one upload was worked on, overlaps joined.
    private static func spells(of row: WaterfallChart.Row) -> [(Double, Double)] {
        row.work.sorted { $0.start < $1.start }.reduce(into: []) { spells, work in
            if let last = spells.last, work.start <= last.1 {
                spells[spells.count - 1].1 = max(last.1, work.end)
            } else {
                spells.append((work.start, work.end))
            }
        }
    }
}
