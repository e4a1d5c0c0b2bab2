import Curl
import Synchronization

/// Tells a thread to stop, from any thread.
final class StopSignal: Sendable {
    private let flag = Atomic<Bool>(false)
    /// Ends the wait of the loop that looks at this signal.
    let wakeUp: WakeUp

    /// Makes a signal that is not set.
    ///
    /// - Throws: ``CurlError/system(call:number:)`` if too many files are open.
    init() throws(CurlError) {
        wakeUp = try WakeUp()
    }

    /// Whether to stop.
    var isSet: Bool { flag.load(ordering: .acquiring) }

    /// Asks to stop.
    func set() {
        flag.store(true, ordering: .releasing)
        wakeUp.signal()
    }

    /// Takes the request back.
    func clear() {
        flag.store(false, ordering: .releasing)
    }
}

/// What stops the two threads of a run.
struct RunSignals: Sendable {
    /// Ends the run; never taken back.
    let run: StopSignal
    /// Ends the probe's part of a round.
    let probe: StopSignal

    /// Makes signals that are not set.
    ///
    /// - Throws: ``CurlError/system(call:number:)`` if too many files are open.
    init() throws(CurlError) {
        run = try StopSignal()
        probe = try StopSignal()
    }

    /// Ends the run.
    func stop() {
        run.set()
        probe.set()
    }

    /// Lets the probe watch another round, unless the run ends.
    func beginRound() {
        probe.clear()
        if run.isSet { probe.set() }
    }
}
