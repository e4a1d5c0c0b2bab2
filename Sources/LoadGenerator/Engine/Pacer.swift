import Measurements

/// Says when each upload is meant to start; knows neither clock nor socket.
struct Pacer {
    private let arrivals: ArrivalModel
    private let requests: Int
    private let concurrency: Int
    private(set) var started = 0

    /// Makes the schedule of one round.
    ///
    /// - Parameters:
    ///   - arrivals: When uploads start.
    ///   - requests: How many there are.
    ///   - concurrency: How many may be in flight.
    init(arrivals: ArrivalModel, requests: Int, concurrency: Int) {
        self.arrivals = arrivals
        self.requests = requests
        self.concurrency = concurrency
    }

    /// The next upload, if one is due.
    struct Start: Equatable {
        /// Its place among all uploads of the round.
        let sequence: Int
        /// When it is meant to start, from go.
        let intended: Nanoseconds
    }

    /// Starts the next upload if the schedule and the cap allow it.
    ///
    /// - Parameters:
    ///   - now: The time from go.
    ///   - inFlight: How many uploads are under way.
    /// - Returns: The upload, or nil if none is due.
    mutating func next(now: Nanoseconds, inFlight: Int) -> Start? {
        guard started < requests, inFlight < concurrency else { return nil }
        defer { started += 1 }
        return Start(sequence: started, intended: arrivals == .burst ? 0 : now)
    }
}
