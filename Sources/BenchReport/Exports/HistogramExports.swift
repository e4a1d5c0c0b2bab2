import Measurements
import Zlib

/// `TARGET-cCONCURRENCY.hgrm`: response times by percentile in milliseconds, as HdrHistogram prints them.
enum PercentileText {
    /// The share of what is left below 100 % that lies between two lines: five lines for each half.
    private static let step = 0.1
    private static let microsecondsPerMillisecond = 1000.0

    /// Writes the distribution of every target's successful uploads, over all counted rounds.
    ///
    /// - Parameter document: The run.
    /// - Returns: File names and contents; none for a run whose rounds kept no histogram.
    static func files(of document: RunDocument) -> [(name: String, bytes: [UInt8])] {
        var taken: Set<String> = []
        return CountedSeries.all(of: document).compactMap { series in
            guard let histogram = series.histogram, histogram.count > 0 else { return nil }
            let stem = "\(CountedSeries.word(series.target))-\(series.load.word)"
            var name = stem
            // Two names may become one word.
            var number = 2
            while !taken.insert(name).inserted {
                name = "\(stem)-\(number)"
                number += 1
            }
            return ("\(name).hgrm", Array(text(of: histogram).utf8))
        }
    }

    private static func text(of histogram: Histogram) -> String {
        var text = "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
        for line in lines(of: histogram) {
            text +=
                padded(milliseconds(Double(line.value)), 12) + " " + FixedPoint.text(line.share, decimals: 12)
            text += " " + padded(String(line.count), 10)
            if line.share < 1 {
                text += " " + padded(FixedPoint.text(1 / (1 - line.share), decimals: 2), 14)
            }
            text += "\n"
        }
        let doublings = Double(histogram.bucketCount / 1024 - 1)
        text += "#[\(mark("Mean", 8))= \(padded(milliseconds(histogram.mean ?? 0), 12)), "
        text +=
            "\(mark("StdDeviation", 15))= \(padded(milliseconds(histogram.standardDeviation ?? 0), 12))]\n"
        text += "#[\(mark("Max", 8))= \(padded(milliseconds(Double(histogram.maximum ?? 0)), 12)), "
        text += "\(mark("Total count", 15))= \(padded(String(histogram.count), 12))]\n"
        text += "#[\(mark("Buckets", 8))= \(padded(FixedPoint.text(doublings, decimals: 0), 12)), "
        text += "\(mark("SubBuckets", 15))= \(padded("2048", 12))]\n"
        return text
    }

    /// The points of a distribution: each covers a tenth of what is left, until all values are counted.
    private static func lines(of histogram: Histogram) -> [(value: Int64, share: Double, count: Int)] {
        var lines: [(value: Int64, share: Double, count: Int)] = []
        var level = 0.0
        var counted = 0
        for (values, number) in histogram.buckets {
            counted += Int(number)
            while Double(counted) * 100 / Double(histogram.count) >= level {
                lines.append((values.upperBound, level / 100, counted))
                level += (100 - level) * step
                if counted == histogram.count { break }
            }
        }
        if let maximum = histogram.maximum { lines.append((maximum, 1, histogram.count)) }
        return lines
    }

    private static func milliseconds(_ microseconds: Double) -> String {
        FixedPoint.text(microseconds / microsecondsPerMillisecond, decimals: 3)
    }

    private static func mark(_ name: String, _ width: Int) -> String { name.padded(to: width) }

    private static func padded(_ text: String, _ width: Int) -> String {
        text.padded(to: width, isRight: true)
    }
}

/// `run.hlog`: the histogram of each counted round, as HdrHistogram logs intervals (version 1.3).
enum HistogramLog {
    /// Writes the log of a run, times in seconds, values in microseconds; nil where no round kept a histogram.
    ///
    /// - Parameter document: The run.
    /// - Returns: The text.
    /// - Throws: ``ZlibError/outOfMemory``.
    static func bytes(of document: RunDocument) throws(ZlibError) -> [UInt8]? {
        let all = CountedSeries.all(of: document)
        let isSweep = Set(all.map(\.load)).count > 1
        let rounds = all.flatMap { series in
            let tag = CountedSeries.word(series.target) + (isSweep ? "-\(series.load.word)" : "")
            return series.rounds.map { (tag: tag, round: $0) }
        }.filter { $0.round.summary.histogram != nil }
        guard !rounds.isEmpty else { return nil }
        let start = document.started
        let sorted = rounds.sorted {
            $0.round.record.started.nanosecondsSince1970 < $1.round.record.started.nanosecondsSince1970
        }
        var text = "#[Histogram log format version 1.3]\n"
        text +=
            "#[StartTime: \(seconds(start.nanosecondsSince1970)) (seconds since epoch), \(start.iso8601)]\n"
        text += "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n"
        for (tag, round) in sorted {
            guard let encoded = round.summary.histogram, let histogram = Histogram(decoding: encoded) else {
                continue
            }
            let record = round.record
            let offset = max(0, record.started.nanosecondsSince1970 - start.nanosecondsSince1970)
            let most = FixedPoint.text(Double(histogram.maximum ?? 0) / 1e6, decimals: 6)
            let fields = [
                "Tag=\(tag)", seconds(offset), seconds(record.makespan), most,
                try HistogramText.text(encoded),
            ]
            text += fields.joined(separator: ",") + "\n"
        }
        return Array(text.utf8)
    }

    private static func seconds(_ nanoseconds: Int64) -> String {
        FixedPoint.text(Double(nanoseconds) / 1e9, decimals: 3)
    }
}
