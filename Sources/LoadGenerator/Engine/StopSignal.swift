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

/// What stops the threads of a run.
struct RunSignals: Sendable {
    /// End the run, one for each engine thread; never taken back.
    let engines: [StopSignal]
    /// Ends the probe's part of a round.
    let probe: StopSignal

    /// Makes signals that are not set.
    ///
    /// - Parameter threads: How many engine threads there are.
    /// - Throws: ``CurlError/system(call:number:)`` if too many files are open.
    init(threads: Int) throws(CurlError) {
        var engines: [StopSignal] = []
        for _ in 0..<threads { engines.append(try StopSignal()) }
        self.engines = engines
        probe = try StopSignal()
    }

    /// Whether the run ends.
    var isRunEnding: Bool { engines.contains(where: \.isSet) }

    /// Ends the run.
    func stop() {
        for engine in engines { engine.set() }
        probe.set()
    }

    /// Lets the probe watch another round, unless the run ends.
    func beginRound() {
        probe.clear()
        if isRunEnding { probe.set() }
    }
}
