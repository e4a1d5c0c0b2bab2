import Measurements

/// How many uploads were under way at one time.
enum PeakInFlight {
    /// Counts the most that overlap, each from its sending to its end.
    ///
    /// - Parameter samples: The uploads.
    /// - Returns: The most at one time; an upload that ends as another begins does not overlap it.
    static func count(_ samples: some Sequence<Sample>) -> Int {
        let sent = samples.lazy.filter { $0.sent != Sample.absent }
        let begins = sent.map(\.sent).sorted()
        let ends = sent.map(\.done).sorted()
        var peak = 0
        var ended = 0
        for (begun, time) in begins.enumerated() {
            while ended < ends.count, ends[ended] <= time { ended += 1 }
            peak = max(peak, begun + 1 - ended)
        }
        return peak
    }
}
