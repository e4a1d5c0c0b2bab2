/// The chart that answers the question: levels with their intervals, changes with theirs, and a word on each.
package struct SummaryChart: Sendable, Equatable {
    /// A metric's value for one target, over its rounds.
    package struct Level: Sendable, Equatable {
        /// The value; times in seconds.
        package var value: Double
        /// The 95 % interval; nil below 6 rounds.
        package var interval: ClosedRange<Double>?
        /// Whether the value is a lower bound, because uploads were ended before they finished.
        package var isLowerBound: Bool
        /// Whether fewer than 10 samples of all rounds lie above it.
        package var isThin: Bool

        /// Makes a level.
        ///
        /// - Parameters:
        ///   - value: The value; times in seconds.
        ///   - interval: The 95 % interval.
        ///   - isLowerBound: Whether the value is a lower bound.
        ///   - isThin: Whether it rests on few samples.
        package init(
            value: Double,
            interval: ClosedRange<Double>? = nil,
            isLowerBound: Bool = false,
            isThin: Bool = false
        ) {
            self.value = value
            self.interval = interval
            self.isLowerBound = isLowerBound
            self.isThin = isThin
        }
    }

    /// One metric of all targets.
    package struct BarGroup: Sendable, Equatable {
        /// The metric.
        package var metric: Metric
        /// What stands below its bars: `p99`, `GET /health`.
        package var label: String
        /// A value for each target, in their order; nil where nothing was measured.
        package var levels: [Level?]

        /// Makes a group of bars.
        ///
        /// - Parameters:
        ///   - metric: The metric.
        ///   - label: What stands below its bars.
        ///   - levels: A value for each target, in their order.
        package init(metric: Metric, label: String, levels: [Level?]) {
            self.metric = metric
            self.label = label
            self.levels = levels
        }
    }

    /// What a candidate changes in one metric.
    package struct Change: Sendable, Equatable {
        /// What the change means for the user.
        package enum Tone: String, Sendable {
            case better, worse, unchanged
        }

        /// The metric.
        package var metric: Metric
        /// The change of the ratio: 0.284 is +28.4 %.
        package var estimate: Double
        /// Its 95 % interval; nil where there is none.
        package var interval: ClosedRange<Double>?
        /// What it means.
        package var tone: Tone
        /// The verdict in words.
        package var verdict: String

        /// Makes a change.
        ///
        /// - Parameters:
        ///   - metric: The metric.
        ///   - estimate: The change of the ratio, 0.284 for +28.4 %; above −1.
        ///   - interval: Its 95 % interval.
        ///   - tone: What it means.
        ///   - verdict: The verdict in words.
        package init(
            metric: Metric,
            estimate: Double,
            interval: ClosedRange<Double>?,
            tone: Tone,
            verdict: String
        ) {
            self.metric = metric
            self.estimate = estimate
            self.interval = interval
            self.tone = tone
            self.verdict = verdict
        }
    }

    /// All that one candidate changes.
    package struct Comparison: Sendable, Equatable {
        /// The candidate's place among the targets.
        package var target: Int
        /// A change a metric, throughput first.
        package var changes: [Change]
        /// Whether rounds of one block were paired; those of two runs can't be.
        package var isPaired: Bool
        /// Why the two can't be compared, as the end of "not comparable: …"; nil if they can.
        package var obstacle: String?

        /// Makes a comparison.
        ///
        /// - Parameters:
        ///   - target: The candidate's place among the targets.
        ///   - changes: A change a metric, throughput first.
        ///   - isPaired: Whether rounds of one block were paired.
        ///   - obstacle: Why the two can't be compared.
        package init(target: Int, changes: [Change], isPaired: Bool = true, obstacle: String? = nil) {
            self.isPaired = isPaired
            self.target = target
            self.changes = changes
            self.obstacle = obstacle
        }
    }

    /// The targets' names, the baseline's first; at most four.
    package var targets: [String]
    /// The load as a subtitle says it: `100 uploads at once of a 945 kB PDF`.
    package var load: String
    /// How many rounds of each target count.
    package var rounds: Int
    /// Response times, the most usual first.
    package var times: [BarGroup]
    /// Uploads served per second.
    package var throughput: BarGroup
    /// The probe's response time while uploads ran; nil without a probe.
    package var probe: BarGroup?
    /// A comparison a candidate.
    package var comparisons: [Comparison]
    /// What to bear in mind when reading the numbers.
    package var notes: [String]
    /// What stands around the chart.
    package var frame: ChartFrame

    /// Makes the chart's content.
    ///
    /// - Parameters:
    ///   - targets: The targets' names, the baseline's first.
    ///   - load: The load as a subtitle says it.
    ///   - rounds: How many rounds of each target count.
    ///   - times: Response times.
    ///   - throughput: Uploads served per second.
    ///   - probe: The probe's response time while uploads ran.
    ///   - comparisons: A comparison a candidate.
    ///   - notes: What to bear in mind when reading the numbers.
    ///   - frame: What stands around the chart.
    package init(
        targets: [String],
        load: String,
        rounds: Int,
        times: [BarGroup],
        throughput: BarGroup,
        probe: BarGroup?,
        comparisons: [Comparison],
        notes: [String],
        frame: ChartFrame
    ) {
        self.targets = targets
        self.load = load
        self.rounds = rounds
        self.times = times
        self.throughput = throughput
        self.probe = probe
        self.comparisons = comparisons
        self.notes = notes
        self.frame = frame
    }
}
