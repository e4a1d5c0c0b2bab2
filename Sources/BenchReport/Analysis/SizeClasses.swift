import Measurements

/// Uploads of about the same size: from a power of 4 up to the next.
package struct SizeClass: Sendable, Hashable, Comparable {
    /// The power: 0 for 1 to 3 bytes, 8 for 64 to 256 KiB.
    package let power: Int

    /// Finds the class of a size.
    ///
    /// - Parameter bytes: The size; 0 counts as 1.
    package init(bytes: Int64) {
        power = (63 - max(1, bytes).leadingZeroBitCount) / 2
    }

    /// The name in documents and exports: from, and up to but not with, such as "256KiB-1MiB".
    package var name: String { "\(Self.text(power))-\(Self.text(power + 1))" }

    private static func text(_ power: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        let unit = min(power / 5, units.count - 1)
        return "\(1 << (2 * (power - 5 * unit)))\(units[unit])"
    }

    package static func < (left: SizeClass, right: SizeClass) -> Bool { left.power < right.power }
}

/// The classes of a run's files, where there are several.
struct SizeClasses {
    /// Rising.
    let classes: [SizeClass]
    /// The place of each file's class among them.
    private let places: [Int]

    /// Sorts files by size; nil if all are of one class.
    init?(of files: [RunDocument.Plan.File]) {
        let all = files.map { SizeClass(bytes: $0.bytes) }
        let classes = Set(all).sorted()
        guard classes.count > 1 else { return nil }
        self.classes = classes
        places = all.map { sizeClass in classes.firstIndex(of: sizeClass) ?? 0 }
    }

    /// What the uploads of one class add up to.
    private struct Sums {
        var uploads = 0
        var succeeded = 0
        /// How many succeeded after the window.
        var drained = 0
        var times = TimeSummary.Builder(capacity: 0)
    }

    /// Counts, throughput and response times of a round by class; nothing if its uploads were not kept.
    func summaries(of round: RunDocument.Round) -> [SizeClass: RoundSummary] {
        guard round.hasSamples else { return [:] }
        var sums = classes.map { _ in Sums() }
        for sample in round.record.samples where places.indices.contains(Int(sample.file)) {
            let place = places[Int(sample.file)]
            sums[place].uploads += 1
            if sample.outcome == .ok {
                sums[place].succeeded += 1
                if sample.flags.contains(.drained) { sums[place].drained += 1 }
            }
            guard sample.isTimed else { continue }
            sums[place].times.add(sample.responseTime, isCensored: sample.isCensored)
        }
        var summaries: [SizeClass: RoundSummary] = [:]
        for place in classes.indices where sums[place].uploads > 0 {
            summaries[classes[place]] = RoundSummary(
                uploads: sums[place].uploads,
                succeeded: sums[place].succeeded,
                failures: [],
                statuses: [:],
                bytesSent: 0,
                bytesReceived: 0,
                throughput: round.record.throughput(
                    succeeded: sums[place].succeeded,
                    drained: sums[place].drained
                ),
                response: sums[place].times.summary(),
                service: nil,
                histogram: nil,
                probe: nil
            )
        }
        return summaries
    }
}
