/// The chart of response time by percentile, its axis stretched towards the tail.
package struct PercentileChart: Sendable, Equatable {
    /// A time and the share of uploads that waited no longer.
    package struct Quantile: Sendable, Equatable {
        /// 0…1; 1 itself has no place on the axis.
        package var share: Double
        package var seconds: Double

        /// Makes a quantile.
        ///
        /// - Parameters:
        ///   - share: The share of uploads that waited no longer.
        ///   - seconds: The time.
        package init(share: Double, seconds: Double) {
            self.share = share
            self.seconds = seconds
        }
    }

    /// A percentile that tables name.
    package struct Mark: Sendable, Equatable {
        /// Such as `p99`.
        package var name: String
        package var quantile: Quantile
        /// Whether fewer than 10 samples of all rounds lie above it.
        package var isThin: Bool

        /// Makes a mark.
        ///
        /// - Parameters:
        ///   - name: Such as `p99`.
        ///   - quantile: Its share and its time: the median round's.
        ///   - isThin: Whether it rests on few samples.
        package init(name: String, quantile: Quantile, isThin: Bool) {
            self.name = name
            self.quantile = quantile
            self.isThin = isThin
        }
    }

    /// The distribution of one target.
    package struct Curve: Sendable, Equatable {
        /// The target's name.
        package var name: String
        /// Each round, its quantiles rising.
        package var rounds: [[Quantile]]
        /// The median over rounds at each share.
        package var median: [Quantile]
        /// All rounds as one, from where a single round ends; empty where that adds nothing.
        package var tail: [Quantile]
        /// The percentiles that tables name.
        package var marks: [Mark]
        /// The longest time of all rounds, in seconds.
        package var worst: Double
        /// How many times all rounds hold.
        package var pooled: Int

        /// Makes a distribution.
        ///
        /// - Parameters:
        ///   - name: The target's name.
        ///   - rounds: Each round, its quantiles rising.
        ///   - median: The median over rounds at each share.
        ///   - tail: All rounds as one, from where a single round ends.
        ///   - marks: The percentiles that tables name.
        ///   - worst: The longest time of all rounds, in seconds.
        ///   - pooled: How many times all rounds hold.
        package init(
            name: String,
            rounds: [[Quantile]],
            median: [Quantile],
            tail: [Quantile],
            marks: [Mark],
            worst: Double,
            pooled: Int
        ) {
            self.name = name
            self.rounds = rounds
            self.median = median
            self.tail = tail
            self.marks = marks
            self.worst = worst
            self.pooled = pooled
        }
    }

    /// The targets, the baseline first; at most four.
    package var curves: [Curve]
    /// What each candidate's deciles say against the baseline's; empty where nothing can be judged.
    package var shifts: [ShiftChart.Panel]
    /// How many rounds each target has.
    package var rounds: Int
    /// How many uploads a round has.
    package var uploads: Int
    /// What stands around the chart.
    package var frame: ChartFrame

    /// Makes the chart's content.
    ///
    /// - Parameters:
    ///   - curves: The targets, the baseline first.
    ///   - shifts: What each candidate's deciles say against the baseline's.
    ///   - rounds: How many rounds each target has.
    ///   - uploads: How many uploads a round has.
    ///   - frame: What stands around the chart.
    package init(
        curves: [Curve],
        shifts: [ShiftChart.Panel],
        rounds: Int,
        uploads: Int,
        frame: ChartFrame
    ) {
        self.curves = curves
        self.shifts = shifts
        self.rounds = rounds
        self.uploads = uploads
        self.frame = frame
    }

    /// From which share on fewer than 10 samples of the smallest target are left.
    var thinFrom: Double {
        let fewest = curves.map(\.pooled).min() ?? 0
        return fewest > 10 ? 1 - 10 / Double(fewest) : 0
    }

    /// How many times rarer than all the rarest upload is: where the axis ends.
    var rarest: Double { Double(max(2, curves.map(\.pooled).max() ?? 0)) }

    /// Where the curves of two targets cross first; nil unless deciles on both sides of it differ for sure.
    var crossing: Quantile? {
        guard curves.count == 2, let shift = shifts.first, shift.differs.isMixed else { return nil }
        let (first, second) = (curves[0].median, curves[1].median)
        var sign = 0.0
        for (one, other) in zip(first, second) where one.share == other.share {
            let difference = other.seconds - one.seconds
            if sign * difference < 0 { return one }
            if difference != 0 { sign = difference }
        }
        return nil
    }
}

extension ShiftChart.Panel {
    /// On which sides of zero deciles lie for sure.
    struct Differences: Equatable {
        let hasLonger: Bool
        let hasShorter: Bool

        var isMixed: Bool { hasLonger && hasShorter }
    }

    /// On which sides of zero deciles lie for sure.
    var differs: Differences {
        Differences(
            hasLonger: deciles.contains { $0.tone == .worse },
            hasShorter: deciles.contains { $0.tone == .better }
        )
    }
}
