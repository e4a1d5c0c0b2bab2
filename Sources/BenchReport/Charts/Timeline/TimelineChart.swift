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

    /// Uploads that lie so close together that a picture can't tell them apart.
    package struct Cell: Sendable, Equatable {
        /// One of them.
        package var mark: Mark
        package var count: Int

        /// Makes a cell.
        ///
        /// - Parameters:
        ///   - mark: One of the uploads.
        ///   - count: How many there are.
        package init(mark: Mark, count: Int) {
            self.mark = mark
            self.count = count
        }
    }

    /// The round of one target.
    package struct Panel: Sendable, Equatable {
        /// The target's name.
        package var name: String
        /// Successful uploads, each where it was done, in that order; of very many only the slowest.
        package var uploads: [Mark]
        /// The others of very many, gathered where they lie close together.
        package var cells: [Cell]
        /// When each successful upload was done, from go, rising.
        package var completions: [Double]
        /// The probe's requests, each where it was due.
        package var probes: [Mark]
        /// What the probe waited in this round; nil without a probe.
        package var probeWait: ProbeWait?
        /// What the target's event loops did; nil where nobody watched them.
        package var loops: Loops?

        /// Makes a panel.
        ///
        /// - Parameters:
        ///   - name: The target's name.
        ///   - uploads: Successful uploads, each where it was done.
        ///   - cells: Others, gathered where they lie close together.
        ///   - completions: When each was done, if `uploads` are only some of them.
        ///   - probes: The probe's requests, each where it was due.
        ///   - probeWait: What the probe waited in this round.
        ///   - loops: What the target's event loops did.
        package init(
            name: String,
            uploads: [Mark],
            cells: [Cell] = [],
            completions: [Double]? = nil,
            probes: [Mark],
            probeWait: ProbeWait?,
            loops: Loops? = nil
        ) {
            self.name = name
            self.uploads = uploads.sorted { $0.time < $1.time }
            self.cells = cells
            self.completions = completions?.sorted() ?? self.uploads.map(\.time)
            self.probes = probes
            self.probeWait = probeWait
            self.loops = loops
        }
    }

    /// One stretch in which a loop took no turn; times in seconds.
    package struct Block: Sendable, Equatable {
        /// How long the loop was blocked.
        package var wait: Double
        /// The stretch by place, each from when it began, with its length: at least one.
        package var parts: [Mark]

        /// Makes a block.
        ///
        /// - Parameters:
        ///   - wait: How long the loop was blocked.
        ///   - parts: The stretch by place.
        package init(wait: Double, parts: [Mark]) {
            self.wait = wait
            self.parts = parts
        }
    }

    /// What the event loops of one target did in one round; times in seconds.
    package struct Loops: Sendable, Equatable {
        /// The blocks, in the order they began.
        package var blocks: [Block]
        /// The share of the round that the loops were blocked, 0…1.
        package var share: Double
        /// The longest block.
        package var worst: Double
        /// The line that the longest block is blamed on; nil where none is known.
        package var blame: String?

        /// Makes the record of a round.
        ///
        /// - Parameters:
        ///   - blocks: The blocks, in the order they began.
        ///   - share: The share of the round that the loops were blocked.
        ///   - worst: The longest block.
        ///   - blame: The line that the longest block is blamed on.
        package init(blocks: [Block], share: Double, worst: Double, blame: String?) {
            self.blocks = blocks
            self.share = share
            self.worst = worst
            self.blame = blame
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
    /// From which length on a stretch without a turn of the loop is a block, in seconds; nil if none was watched.
    package var threshold: Double?
    /// Which uploads these are, part by part.
    package var load: [String]
    /// What stands around the chart.
    package var frame: ChartFrame

    /// Makes the chart's content.
    ///
    /// - Parameters:
    ///   - panels: The targets, the baseline first.
    ///   - probe: What the probe asked for.
    ///   - threshold: From which length on a stretch without a turn of the loop is a block, in seconds.
    ///   - load: Which uploads these are, part by part.
    ///   - frame: What stands around the chart.
    package init(
        panels: [Panel],
        probe: String?,
        threshold: Double? = nil,
        load: [String],
        frame: ChartFrame
    ) {
        self.panels = panels
        self.probe = probe
        self.threshold = threshold
        self.load = load
        self.frame = frame
    }
}
