/// The chart of the shift function: how much longer or shorter each decile waits than the baseline's.
///
/// Doksum, "Empirical probability plots and statistical inference for nonlinear models", 1974. One number can
/// hide that fast uploads lose what slow ones gain.
package struct ShiftChart: Sendable, Equatable {
    /// The difference at one decile, in seconds.
    package struct Decile: Sendable, Equatable {
        /// 1…9 for p10…p90.
        package var tenth: Int
        /// The candidate's time minus the baseline's.
        package var difference: Double
        /// Its 95 % interval.
        package var interval: ClosedRange<Double>

        /// Makes a difference.
        ///
        /// - Parameters:
        ///   - tenth: 1…9 for p10…p90.
        ///   - difference: The candidate's time minus the baseline's, in seconds.
        ///   - interval: Its 95 % interval.
        package init(tenth: Int, difference: Double, interval: ClosedRange<Double>) {
            self.tenth = tenth
            self.difference = difference
            self.interval = interval
        }

        /// What the difference means; nothing while its interval holds zero.
        var tone: SummaryChart.Change.Tone {
            interval.lowerBound > 0 ? .worse : interval.upperBound < 0 ? .better : .unchanged
        }
    }

    /// The shift of one candidate.
    package struct Panel: Sendable, Equatable {
        /// The candidate's name.
        package var candidate: String
        /// Its place among the targets.
        package var target: Int
        package var deciles: [Decile]

        /// Makes a panel.
        ///
        /// - Parameters:
        ///   - candidate: The candidate's name.
        ///   - target: Its place among the targets.
        ///   - deciles: The differences, rising.
        package init(candidate: String, target: Int, deciles: [Decile]) {
            self.candidate = candidate
            self.target = target
            self.deciles = deciles
        }
    }

    /// The baseline's name.
    package var baseline: String
    /// A panel a candidate, at most three.
    package var panels: [Panel]
    /// How many rounds were compared.
    package var rounds: Int
    /// What stands around the chart.
    package var frame: ChartFrame

    /// Makes the chart's content.
    ///
    /// - Parameters:
    ///   - baseline: The baseline's name.
    ///   - panels: A panel a candidate.
    ///   - rounds: How many rounds were compared.
    ///   - frame: What stands around the chart.
    package init(baseline: String, panels: [Panel], rounds: Int, frame: ChartFrame) {
        self.baseline = baseline
        self.panels = panels
        self.rounds = rounds
        self.frame = frame
    }
}
