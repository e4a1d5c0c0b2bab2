import Measurements

/// Says when each upload is meant to start, and which may; knows neither clock nor socket.
///
/// It paces one shard of a round: of all uploads, numbered in the order of the schedule, every so many.
struct Pacer {
    /// What ends a round.
    enum Limit: Sendable, Equatable {
        /// This many uploads, of all shards.
        case uploads(Int)
        /// This time from go, after which nothing is meant to start.
        case time(Nanoseconds)
    }

    /// Which part of a round a process has, or one of its threads.
    struct Shard: Sendable, Equatable {
        /// Its number, from 0.
        var index = 0
        /// How many there are.
        var count = 1

        /// This part's share of a number that all parts have together.
        ///
        /// - Parameter total: The number.
        /// - Returns: The share; those of all parts add up to the number.
        func share(of total: Int) -> Int {
            total / count + (index < total % count ? 1 : 0)
        }

        /// The part that one of several threads has of this part.
        ///
        /// - Parameters:
        ///   - thread: Its number, from 0.
        ///   - threads: How many there are.
        /// - Returns: Every so many uploads of this part.
        func part(ofThread thread: Int, of threads: Int) -> Shard {
            Shard(index: index + count * thread, count: count * threads)
        }
    }

    /// An upload that is to start now.
    struct Start: Equatable {
        /// Its place among all uploads of the round.
        let sequence: Int
        /// When it is meant to start, from go.
        let intended: Nanoseconds
        /// The earliest it could: its intended start, or when a slot was free for it.
        let possible: Nanoseconds
        /// Whether it had to wait for a slot.
        var isQueued: Bool { possible > intended }
    }

    private let limit: Limit
    private let shard: Shard
    private let cap: Int
    private let isBurst: Bool
    /// nil unless the clock alone says when uploads start.
    private var arrivals: Arrivals?
    /// The next upload of this shard, in the order of the schedule.
    private var sequence: Int
    /// When an open loop's next upload is meant to start; nil when there is none.
    private var due: Nanoseconds?
    /// When a slot was free again after all were in use.
    private var freed: Nanoseconds = 0
    /// How many uploads are under way.
    private(set) var inFlight = 0

    /// Makes the schedule of one shard.
    ///
    /// - Parameters:
    ///   - isBurst: Whether all are meant to start at go.
    ///   - arrivals: The intended starts of an open loop.
    ///   - limit: What ends the round.
    ///   - cap: How many uploads of this shard may be in flight.
    ///   - shard: Which part of the round it is.
    init(isBurst: Bool, arrivals: Arrivals?, limit: Limit, cap: Int, shard: Shard = Shard()) {
        self.isBurst = isBurst
        self.arrivals = arrivals
        self.limit = limit
        self.cap = cap
        self.shard = shard
        sequence = shard.index
        drawDue(skipping: shard.index)
    }

    /// When the next upload is due by the clock; nil when only the end of another can bring one.
    ///
    /// It may lie in the past: the upload then waits for a slot.
    var nextDue: Nanoseconds? { inFlight < cap ? due : nil }

    /// Starts the next upload if the schedule and the cap allow it.
    ///
    /// - Parameter now: The time from go.
    /// - Returns: The upload, or nil if none may start now.
    mutating func next(now: Nanoseconds) -> Start? {
        guard inFlight < cap, let intended = intended(now: now) else { return nil }
        let start = Start(
            sequence: sequence,
            intended: intended,
            possible: arrivals == nil ? intended : max(intended, freed)
        )
        advance()
        inFlight += 1
        return start
    }

    /// Takes the next upload that waits for a slot and has waited for too long.
    ///
    /// - Parameter time: Those meant to start before it have.
    /// - Returns: The upload, which then never starts; nil if none has waited so long.
    mutating func giveUp(before time: Nanoseconds) -> Start? {
        guard let due, due < time, inFlight >= cap else { return nil }
        defer { advance() }
        return Start(sequence: sequence, intended: due, possible: .max)
    }

    /// Takes note of an upload's end.
    ///
    /// - Parameter now: The time from go.
    mutating func ended(at now: Nanoseconds) {
        if inFlight == cap { freed = now }
        inFlight -= 1
    }

    /// Whether nothing more is going to start.
    ///
    /// - Parameter now: The time from go.
    /// - Returns: Whether the schedule is at its end.
    func isExhausted(now: Nanoseconds) -> Bool {
        if arrivals != nil { return due == nil }
        switch limit {
        case .uploads(let count): return sequence >= count
        case .time(let window): return now >= window
        }
    }

    /// The uploads that a round ended early did not send.
    ///
    /// Of a counted round these are all that are left; of one that a time bounds those that were meant to start
    /// by now, or the next if else nothing would show that the round was cut off.
    ///
    /// - Parameter now: The time from go.
    /// - Returns: Their places and intended starts, in the order of the schedule.
    func notSent(now: Nanoseconds) -> [(sequence: Int, intended: Nanoseconds)] {
        var rest = self
        var found: [(sequence: Int, intended: Nanoseconds)] = []
        while !rest.isExhausted(now: now) {
            let intended = rest.due ?? (isBurst ? 0 : now)
            if case .time = limit, inFlight > 0 || !found.isEmpty, arrivals == nil || intended > now { break }
            found.append((rest.sequence, intended))
            rest.advance()
        }
        return found
    }

    private func intended(now: Nanoseconds) -> Nanoseconds? {
        if arrivals != nil { return due.flatMap { $0 <= now ? $0 : nil } }
        return isExhausted(now: now) ? nil : isBurst ? 0 : now
    }

    private mutating func advance() {
        sequence += shard.count
        drawDue(skipping: shard.count - 1)
    }

    /// Draws the intended start of the upload that is next, past those of other shards.
    private mutating func drawDue(skipping others: Int) {
        guard var drawing = arrivals.take() else { return }
        for _ in 0..<others { _ = drawing.next() }
        due = drawing.next()
        arrivals = drawing
        switch limit {
        case .uploads(let count): if sequence >= count { due = nil }
        case .time(let window): if let time = due, time >= window { due = nil }
        }
    }
}
