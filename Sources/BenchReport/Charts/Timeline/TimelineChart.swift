/// The chart of one block along its time: when replies came, and how long a probe waited meanwhile.
package struct TimelineChart: Sendable, Equatable {
    /// One answer; times in seconds.
    package struct Mark: Sendable, Equatable {
        /// Where it stands along the round, from go.
        package var time: Double
        /// How long the answer took.
        package var wait: Double

        /// Makes a mark.
        ///
        /// - Parameters:
        ///   - time: Where it stands along the round, from go.
        ///   - wait: How long the answer took.
        package init(time: Double, wait: Double) {
            self.time = time
            self.wait = wait
        }
    }

    /// The round of one target.
    package struct Panel: Sendable, Equatable {
        /// The target's name.
        package var name: String
        /// Successful uploads, each where it was done, in that order.
        package var uploads: [Mark]
        /// The probe's requests, each where it was due.
        package var probes: [Mark]
        /// What the probe waited in this round; nil without a probe.
        package var probeWait: ProbeWait?

        /// Makes a panel.
        ///
        /// - Parameters:
        ///   - name: The target's name.
        ///   - uploads: Successful uploads, each where it was done.
        ///   - probes: The probe's requests, each where it was due.
        ///   - probeWait: What the probe waited in this round.
        package init(name: String, uploads: [Mark], probes: [Mark], probeWait: ProbeWait?) {
            self.name = name
            self.uploads = uploads.sorted { $0.time < $1.time }
            self.probes = probes
            self.probeWait = probeWait
        }
    }

    /// The probe's percentiles in one round, in seconds.
    package struct ProbeWait: Sendable, Equatable {
        package var p50: Double
        package var p99: Double

        /// Makes the percentiles.
        ///
        /// - Parameters:
        ///   - p50: The median.
        ///   - p99: The 99th percentile.
        package init(p50: Double, p99: Double) {
            self.p50 = p50
            self.p99 = p99
        }
    }

    /// The targets, the baseline first; at most four.
    package var panels: [Panel]
    /// What the probe asked for, part by part of a subtitle: `probe: GET /health every 10 ms`; nil without one.
    package var probe: String?
    /// Which uploads these are, part by part.
    package var load: [String]
    /// What stands around the chart.
    package var frame: ChartFrame

    /// Makes the chart's content.
    ///
    /// - Parameters:
    ///   - panels: The targets, the baseline first.
    ///   - probe: What the probe asked for.
    ///   - load: Which uploads these are, part by part.
    ///   - frame: What stands around the chart.
    package init(panels: [Panel], probe: String?, load: [String], frame: ChartFrame) {
        self.panels = panels
        self.probe = probe
        self.load = load
        self.frame = frame
    }
}
