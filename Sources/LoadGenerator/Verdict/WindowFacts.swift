import Measurements

/// What happened inside the window of a round that time bounds.
struct WindowFacts: Equatable {
    /// The mean number of uploads in flight.
    let meanInFlight: Double
    /// Uploads a second that the schedule asked for.
    let askedRate: Double
    /// Uploads a second that were sent.
    let sentRate: Double

    /// Looks at a round; nil without a window, or without its uploads.
    ///
    /// - Parameter round: The round.
    init?(_ round: RoundRecord) {
        guard let window = round.window, window > 0, !round.samples.isEmpty else { return nil }
        var time = 0.0
        var sent = 0
        var asked = 0
        for sample in round.samples {
            if sample.intended < window { asked += 1 }
            // A connection that is opened for an upload takes its slot from then on, even if it came to nothing.
            let start =
                sample.sent == Sample.absent
                ? sample.intended : sample.sent - max(0, sample.connect) - max(0, sample.tls)
            // What began before the end of the window was in flight until then, though it ended later.
            time += Double(max(0, min(sample.done, window) - start))
            if sample.sent != Sample.absent, sample.sent < window { sent += 1 }
        }
        meanInFlight = time / Double(window)
        askedRate = Double(asked) / (Double(window) / 1e9)
        sentRate = Double(sent) / (Double(window) / 1e9)
    }
}
