/// What the uploads of a round add up to while they come in: counts and histograms, whatever their number.
///
/// Exact figures come from the uploads themselves; these stand in where those could not be kept.
package struct RoundTotals: Sendable, Equatable {
    /// The times of uploads that ended alike.
    package struct Times: Sendable, Equatable {
        /// From the intended start to the end.
        package private(set) var response = Histogram()
        /// From the real start to the end.
        package private(set) var service = Histogram()
        fileprivate var responseSum = 0.0
        fileprivate var serviceSum = 0.0

        fileprivate mutating func add(_ sample: Sample) {
            response.record(sample.responseTime)
            responseSum += Double(sample.responseTime)
            guard sample.sent != Sample.absent else { return }
            service.record(sample.serviceTime)
            serviceSum += Double(sample.serviceTime)
        }
    }

    /// Those that succeeded.
    package private(set) var succeeded = Times()
    /// Those that were ended by a time-out or a signal: their times are lower bounds.
    package private(set) var ended = Times()
    /// Those that failed otherwise.
    package private(set) var failed = Times()
    /// How late each upload was sent.
    package private(set) var lags = Histogram()
    /// When the last upload was sent; ``Sample/absent`` if none was.
    package private(set) var lastSent = Sample.absent
    /// Successes that ended after the window.
    package private(set) var drained = 0
    package private(set) var bytesSent: Int64 = 0
    package private(set) var bytesReceived: Int64 = 0
    package private(set) var failures: [RoundSummary.Failures] = []
    package private(set) var statuses: [Int32: Int] = [:]

    /// Makes the totals of no upload.
    package init() {}

    /// How many uploads there were.
    package var uploads: Int { succeeded.response.count + failures.reduce(0) { $0 + $1.count } }

    /// Adds an upload.
    ///
    /// - Parameters:
    ///   - sample: The upload.
    ///   - lag: How late it was sent; nil if it was not.
    package mutating func add(_ sample: Sample, lag: Nanoseconds?) {
        if let lag { lags.record(lag) }
        lastSent = max(lastSent, sample.sent)
        bytesSent += sample.bytesOut
        bytesReceived += sample.bytesIn
        if sample.status != 0 { statuses[sample.status, default: 0] += 1 }
        if sample.outcome == .ok {
            succeeded.add(sample)
            if sample.flags.contains(.drained) { drained += 1 }
        } else {
            RoundSummary.count(sample, in: &failures)
            if sample.isCensored { ended.add(sample) } else { failed.add(sample) }
        }
    }

    /// The summary of a round whose uploads are not to be had, within a thousandth.
    ///
    /// - Parameter round: The round; its uploads are not looked at.
    /// - Returns: The summary.
    package func summary(of round: RoundRecord) -> RoundSummary {
        var summary = RoundSummary(of: round)
        summary.uploads = uploads
        summary.succeeded = succeeded.response.count
        summary.failures = failures
        summary.statuses = statuses
        summary.bytesSent = bytesSent
        summary.bytesReceived = bytesReceived
        summary.drained = drained
        summary.throughput = round.throughput(succeeded: summary.succeeded, drained: drained)
        var response = succeeded.response
        response.merge(ended.response)
        summary.response = TimeSummary(
            response,
            sum: succeeded.responseSum + ended.responseSum,
            firstCensored: ended.response.minimum
        )
        var service = succeeded.service
        service.merge(ended.service)
        summary.service = TimeSummary(
            service,
            sum: succeeded.serviceSum + ended.serviceSum,
            firstCensored: ended.service.minimum
        )
        summary.histogram = succeeded.response.inMicroseconds.encoded()
        return summary
    }
}

extension Sample {
    /// Whether its time is a lower bound: it was ended, it did not end.
    package var isCensored: Bool { flags.contains(.censored) || outcome.isCensored }
}
