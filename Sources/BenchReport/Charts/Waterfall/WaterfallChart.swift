/// The chart that shows the mechanism: a row an upload, from go to its last byte, with what was done for it.
package struct WaterfallChart: Sendable, Equatable {
    /// One upload; times in seconds from the round's go.
    package struct Row: Sendable, Equatable {
        /// When it was sent; nil if it never was.
        package var sent: Double?
        /// When its last response byte arrived, or it ended otherwise.
        package var done: Double
        /// Work on it, by stage: when it began and ended.
        package var work: [Work]
        /// Whether it succeeded.
        package var isOK: Bool

        /// Makes a row.
        ///
        /// - Parameters:
        ///   - sent: When it was sent.
        ///   - done: When it ended.
        ///   - work: Work on it.
        ///   - isOK: Whether it succeeded.
        package init(sent: Double?, done: Double, work: [Work], isOK: Bool) {
            self.sent = sent
            self.done = done
            self.work = work
            self.isOK = isOK
        }
    }

    /// Work on one upload in one stage.
    package struct Work: Sendable, Equatable {
        /// The stage's place in ``WaterfallChart/stages``.
        package var stage: Int
        package var start: Double
        package var end: Double

        /// Makes a piece of work.
        ///
        /// - Parameters:
        ///   - stage: The stage's place.
        ///   - start: When it began.
        ///   - end: When it ended.
        package init(stage: Int, start: Double, end: Double) {
            self.stage = stage
            self.start = start
            self.end = end
        }
    }

    /// The uploads of one target.
    package struct Panel: Sendable, Equatable {
        /// The target's name.
        package var name: String
        /// Its uploads, in order of completion.
        package var rows: [Row]

        /// Makes a panel.
        ///
        /// - Parameters:
        ///   - name: The target's name.
        ///   - rows: Its uploads, in any order.
        package init(name: String, rows: [Row]) {
            self.name = name
            self.rows = rows.sorted { $0.done < $1.done }
        }
    }

    /// What the pieces of work are.
    package enum Stages: Sendable, Equatable {
        /// The server said what it did, at most two stages: `PDF work`, `storage`.
        case server([String])
        /// It did not: the one piece is the reply on its way.
        case client
    }

    /// The targets, the baseline first; at most four.
    package var panels: [Panel]
    /// What the pieces of work are.
    package var stages: Stages
    /// Which uploads these are, part by part: `100 uploads sent at t = 0`, `round 3 of 10`.
    package var load: [String]
    /// What stands around the chart.
    package var frame: ChartFrame

    /// Makes the chart's content.
    ///
    /// - Parameters:
    ///   - panels: The targets, the baseline first.
    ///   - stages: What the pieces of work are.
    ///   - load: Which uploads these are, part by part.
    ///   - frame: What stands around the chart.
    package init(panels: [Panel], stages: Stages, load: [String], frame: ChartFrame) {
        self.panels = panels
        self.stages = stages
        self.load = load
        self.frame = frame
    }
}
