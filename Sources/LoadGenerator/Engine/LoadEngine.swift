import Curl
import Measurements

/// The thread that sends: its slots serve the whole run, each round has its own connections.
actor LoadEngine {
    private let executor: ThreadExecutor
    private let stop: StopSignal
    private var slots: [UploadSlot] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Makes an engine without slots.
    ///
    /// - Parameters:
    ///   - executor: The thread it lives on, which its maker stops.
    ///   - stop: What ends a round early.
    init(executor: ThreadExecutor, stop: StopSignal) {
        self.executor = executor
        self.stop = stop
    }

    /// Opens a round's connections and runs it; nothing else runs on this thread meanwhile.
    ///
    /// - Parameters:
    ///   - order: What to do.
    ///   - answers: Where first answers of failures are kept.
    ///   - report: Told how far the round is.
    /// - Returns: What was seen.
    /// - Throws: ``LoadError`` if no connection can be opened or libcurl refuses.
    func run(
        _ order: RoundOrder,
        answers: FirstAnswers,
        report: @escaping Round.Report
    ) throws(LoadError) -> RoundMeasurement {
        let round: Round
        do throws(CurlError) {
            while slots.count < order.concurrency { slots.append(try UploadSlot()) }
            let used = Array(slots.prefix(order.concurrency))
            round = try Round(order: order, slots: used, stop: stop, answers: answers, report: report)
        } catch {
            throw .engine(error)
        }
        if order.connections == .reuse { try round.openConnections() }
        do throws(CurlError) {
            return try round.run()
        } catch {
            throw .engine(error)
        }
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
