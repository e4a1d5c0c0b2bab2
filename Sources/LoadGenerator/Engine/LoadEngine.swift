import Curl
import Measurements

/// A thread that sends: its slots serve the whole run, each round has its own connections.
actor LoadEngine {
    private let executor: ThreadExecutor
    private let shard: Pacer.Shard
    private let stop: StopSignal
    private let recorder: SampleRecorder
    private var slots: [UploadSlot] = []
    private var round: Round?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Makes an engine without slots.
    ///
    /// - Parameters:
    ///   - executor: The thread it lives on, which its maker stops.
    ///   - shard: Which part of every round it has.
    ///   - stop: What ends a round early.
    ///   - recorder: Takes the uploads that have ended.
    init(executor: ThreadExecutor, shard: Pacer.Shard, stop: StopSignal, recorder: SampleRecorder) {
        self.recorder = recorder
        self.executor = executor
        self.shard = shard
        self.stop = stop
    }

    /// Readies a round: its slots, and the connections that it opens before go.
    ///
    /// - Parameters:
    ///   - order: What to do.
    ///   - answers: Where first answers of failures are kept.
    ///   - report: Told how far the round is.
    /// - Throws: ``LoadError`` if no connection can be opened or libcurl refuses.
    func prepare(
        _ order: RoundOrder,
        answers: FirstAnswers,
        report: @escaping Round.Report
    ) throws(LoadError) {
        round = try ready(order, shard, answers: answers, report: report)
    }

    private func ready(
        _ order: RoundOrder,
        _ shard: Pacer.Shard,
        answers: FirstAnswers,
        report: @escaping Round.Report
    ) throws(LoadError) -> Round {
        let round: Round
        do throws(CurlError) {
            round = try Round(
                order: order,
                shard: shard,
                slots: slots,
                stop: stop,
                answers: answers,
                recorder: recorder,
                report: report
            )
        } catch {
            throw .engine(error)
        }
        if round.slots.count > slots.count { slots = round.slots }
        if order.connections == .reuse { try round.openConnections() }
        return round
    }

    /// Runs the round that is ready; nothing else runs on this thread meanwhile.
    ///
    /// - Parameter gate: Where the threads of the round meet before go.
    /// - Returns: What was seen.
    /// - Throws: ``LoadError/engine(_:)`` if libcurl refuses.
    func run(from gate: StartGate) throws(LoadError) -> Round.Part {
        guard let round else { preconditionFailure("a round runs only once it is ready") }
        defer {
            if round.slots.count > slots.count { slots = round.slots }
            self.round = nil
        }
        do throws(CurlError) {
            return try round.run(from: gate)
        } catch {
            throw .engine(error)
        }
    }

    /// Opens one connection to a target and closes it again.
    ///
    /// - Parameters:
    ///   - order: Which target, and how to reach it.
    ///   - answers: Where first answers of failures are kept.
    /// - Throws: ``LoadError`` if it can't be reached.
    func reach(_ order: RoundOrder, answers: FirstAnswers) throws(LoadError) {
        var order = order
        order.connections = .reuse
        order.opensAll = false
        // Whatever part of a round this thread has: one connection is one.
        _ = try ready(order, Pacer.Shard(), answers: answers) { _, _, _, _ in }
        for slot in slots { slot.handle.adoptSocket(nil) }
    }

    /// Finds the address that a target's host stands for.
    ///
    /// - Parameter target: The target.
    /// - Returns: Its address.
    /// - Throws: ``LoadError/hostNotFound(target:host:)``.
    func resolve(_ target: LoadTarget) throws(LoadError) -> PinnedAddress {
        guard let address = numericAddress(of: target.address.host) else {
            throw .hostNotFound(target: target.name, host: target.address.host)
        }
        return PinnedAddress(host: target.address.host, port: target.address.port, address: address)
    }
}
