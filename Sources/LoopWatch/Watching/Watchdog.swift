import CLoopProbe
import Synchronization

/// The one thread that looks after busy threads: it sleeps until one has been busy for too long, and asks where it is.
///
/// It runs while anyone watches. It names nothing and never waits longer than 100 ms for a thread.
final class Watchdog: Sendable {
    /// Someone who wants to know of long busy intervals.
    struct Watcher: Sendable {
        /// Intervals below are of no interest to it.
        var threshold: UInt64
        /// Which calls are of interest, however short.
        var strict = Strictness.off
        /// Whether an interval of this kind and thread (by its generation) is.
        var wants: @Sendable (_ kind: lp_kind, _ generation: UInt64) -> Bool
        /// Told of each, on the watchdog's thread; it returns at once.
        var take: @Sendable (RawInterval) -> Void
        /// Told of each stack that was taken, on the watchdog's thread.
        var sampled: (@Sendable (_ threadID: Int) -> Void)?
        /// The loops that have to be pinged for it.
        var pingedLoops: [PingedLoop] = []
        /// How many stacks of one interval are kept; of more every second is dropped.
        var samplesPerInterval = 32
        /// How many stacks may be taken in a second.
        var capturesPerSecond = 200
    }

    /// Work for the watchdog's own thread, done after everything that ended before it was told.
    typealias Order = @Sendable (inout WatchRounds) -> Void

    private struct State {
        var watchers: [Int: Watcher] = [:]
        var nextID = 1
        var orders: [Order] = []
        var thread: WatchThread?
    }

    static let shared = Watchdog()

    private let state = Mutex(State())
    /// Starting and stopping the thread is one after the other.
    private let life = Mutex(())

    /// Adds a watcher; the first one starts the thread.
    ///
    /// - Parameter watcher: The watcher.
    /// - Returns: What ``remove(_:)`` calls it; nil if the system has no thread left.
    func add(_ watcher: Watcher) -> Int? {
        life.withLock { _ in
            let (id, isFirst) = state.withLock { state in
                let id = state.nextID
                state.nextID += 1
                state.watchers[id] = watcher
                setLimits(of: state, anew: watcher.strict != .off)
                return (id, state.thread == nil)
            }
            guard isFirst else {
                lp_wake_watchdog()
                return id
            }
            guard let thread = WatchThread(name: "loopwatch", { self.run() }) else {
                state.withLock { state in
                    state.watchers[id] = nil
                    setLimits(of: state, anew: false)
                }
                return nil
            }
            state.withLock { $0.thread = thread }
            return id
        }
    }

    /// Removes a watcher; with the last one the thread ends.
    ///
    /// - Parameter id: What ``add(_:)`` called it.
    func remove(_ id: Int) {
        life.withLock { _ in
            let thread = state.withLock { state -> WatchThread? in
                state.watchers[id] = nil
                setLimits(of: state, anew: false)
                guard state.watchers.isEmpty else { return nil }
                defer { state.thread = nil }
                return state.thread
            }
            lp_wake_watchdog()
            thread?.join()
        }
    }

    /// Tells the probe what to keep: what any watcher wants.
    ///
    /// A new strict one wants what others were told already.
    private func setLimits(of state: borrowing State, anew: Bool) {
        lp_set_threshold(state.watchers.values.map(\.threshold).min() ?? .max)
        lp_watch_calls(state.watchers.values.map(\.strict.level).max() ?? 0, anew)
    }

    /// Has the watchdog's thread do something, after it has told of everything that ended before.
    ///
    /// - Parameter order: What to do, quickly.
    /// - Returns: What it returned; only while someone watches is there anyone to do it.
    func ask<Answer: Sendable>(_ order: @escaping @Sendable (inout WatchRounds) -> Answer) async -> Answer {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.orders.append { continuation.resume(returning: order(&$0)) }
            }
            lp_wake_watchdog()
        }
    }

    private func run() {
        var rounds = WatchRounds()
        var quietRounds = 0
        while true {
            let (watchers, orders) = state.withLock { state in
                defer { state.orders = [] }
                return (Array(state.watchers.values), state.orders)
            }
            let rest = rounds.makeRound(for: watchers)
            for order in orders { order(&rounds) }
            guard !watchers.isEmpty else { return }
            quietRounds = rest == nil ? quietRounds + 1 : 0
            if let rest {
                lp_sleep_until_called(rest)
                rounds.wokeUp(after: rest)
            } else if quietRounds > Watchdog.roundsBeforeDozing {
                _ = lp_sleep_until_busy(Watchdog.longestDoze)
            } else {
                lp_sleep_until_called(rounds.shortestRest)
            }
        }
    }

    /// How often nothing must be busy before the watchdog waits to be woken.
    private static let roundsBeforeDozing = 4
    private static let longestDoze: UInt64 = 100_000_000
}
