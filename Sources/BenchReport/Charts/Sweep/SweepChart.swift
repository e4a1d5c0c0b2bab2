package import Measurements

/// The chart of a sweep: what each load brings, and what it costs.
package struct SweepChart: Sendable, Equatable {
    /// One target at one load.
    package struct Point: Sendable, Equatable {
        package var load: Load
        /// Uploads served per second.
        package var throughput: SummaryChart.Level
        /// The 99th percentile of response time, in seconds; nil without a reply.
        package var p99: SummaryChart.Level?

        /// Makes a point.
        ///
        /// - Parameters:
        ///   - load: How many uploads were in flight, or arrived a second.
        ///   - throughput: Uploads served per second.
        ///   - p99: The 99th percentile of response time, in seconds.
        package init(load: Load, throughput: SummaryChart.Level, p99: SummaryChart.Level?) {
            self.load = load
            self.throughput = throughput
            self.p99 = p99
        }
    }

    /// One target's way through the sweep.
    package struct Series: Sendable, Equatable {
        /// The target's name.
        package var name: String
        /// Rising by load.
        package var points: [Point]
        /// The first load that brings nearly all; nil where nothing was served.
        package var knee: Load?

        /// Makes a way through the sweep.
        ///
        /// - Parameters:
        ///   - name: The target's name.
        ///   - points: Rising by load.
        ///   - knee: The first load that brings nearly all.
        package init(name: String, points: [Point], knee: Load?) {
            self.name = name
            self.points = points
            self.knee = knee
        }

        /// Where more brings nothing more; nil if the sweep ended before that could show.
        var saturation: Point? {
            knee == points.last?.load ? nil : points.first { $0.load == knee }
        }
    }

    /// What the sweep says, in a sentence.
    package var title: String
    /// The targets, the baseline first; at most four.
    package var series: [Series]
    /// How many rounds each point has.
    package var rounds: Int
    /// How the load was made: `closed loop`.
    package var load: String
    /// What stands around the chart.
    package var frame: ChartFrame

    /// Makes the chart's content.
    ///
    /// - Parameters:
    ///   - title: What the sweep says, in a sentence.
    ///   - series: The targets, the baseline first.
    ///   - rounds: How many rounds each point has.
    ///   - load: How the load was made.
    ///   - frame: What stands around the chart.
    package init(title: String, series: [Series], rounds: Int, load: String, frame: ChartFrame) {
        self.title = title
        self.series = series
        self.rounds = rounds
        self.load = load
        self.frame = frame
    }

    /// The loads, rising.
    var loads: [Load] { Set(series.flatMap { $0.points.map(\.load) }).sorted() }

    /// What the loads count.
    var axis: String {
        loads.contains { $0.rate != nil } ? "Uploads offered per second" : "Uploads in flight"
    }
}
