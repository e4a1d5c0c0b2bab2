import Curl
import Measurements

/// The engine threads of a run, which share nothing while a round is under way.
struct EngineGroup: Sendable {
    let engines: [LoadEngine]
    /// The part of a round that each thread has.
    let shards: [Pacer.Shard]
    private let threads: [ThreadExecutor]

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - stops: What ends a round early, one for each thread.
    ///   - part: The part of every round that they share.
    ///   - recorder: Takes the uploads that have ended.
    /// - Throws: ``CurlError/system(call:number:)`` if the kernel has no thread left.
    init(stops: [StopSignal], part: Pacer.Shard, recorder: SampleRecorder) throws(CurlError) {
        var threads: [ThreadExecutor] = []
        do throws(CurlError) {
            for index in stops.indices { threads.append(try ThreadExecutor(name: "load-engine-\(index)")) }
        } catch {
            for thread in threads { thread.stop() }
            throw error
        }
        self.threads = threads
        let shards = stops.indices.map { part.part(ofThread: $0, of: stops.count) }
        self.shards = shards
        engines = stops.enumerated().map { index, stop in
            LoadEngine(executor: threads[index], shard: shards[index], stop: stop, recorder: recorder)
        }
    }

    /// Ends the threads; called once, by their owner.
    func stop() {
        for thread in threads { thread.stop() }
    }

    /// Readies a round on every thread.
    ///
    /// - Parameters:
    ///   - order: What to do.
    ///   - answers: Where first answers of failures are kept.
    ///   - report: Told how far the round is, with the number of the thread that tells it.
    /// - Throws: ``LoadError`` of the first thread that fails.
    func prepare(
        _ order: RoundOrder,
        answers: FirstAnswers,
        report: @escaping @Sendable (_ thread: Int) -> Round.Report
    ) async throws(LoadError) {
        _ = try await onAll { index, engine throws(LoadError) in
            try await engine.prepare(order, answers: answers, report: report(index))
        }
    }

    /// Runs the round that is ready on every thread.
    ///
    /// - Parameter readMachine: Reads the machine's counters, before go and at the end.
    /// - Returns: What was seen, the threads' parts joined.
    /// - Throws: ``LoadError/engine(_:)`` if libcurl refuses.
    func run(readMachine: @Sendable () -> MachineSnapshot) async throws(LoadError) -> RoundMeasurement {
        let gate = StartGate(threads: engines.count)
        let before = readMachine()
        let started = wallTime()
        let ready = MonotonicClock.now()
        let parts = try await onAll { _, engine throws(LoadError) in try await engine.run(from: gate) }
        let go = parts[0].go
        return RoundMeasurement(
            go: go,
            started: Timestamp(nanosecondsSince1970: started.nanosecondsSince1970 + go - ready),
            makespan: parts.map(\.end).max() ?? 0,
            openedAfterGo: parts.reduce(0) { $0 + $1.openedAfterGo },
            waitsForContinue: parts.reduce(0) { $0 + $1.waitsForContinue },
            processorTimes: parts.map(\.processorTime),
            machine: (before, readMachine()),
            isStopped: parts.contains(where: \.isStopped)
        )
    }

    /// Does something on all threads at a time; their answers come in the order of the threads.
    private func onAll<Value: Sendable>(
        _ work: @escaping @Sendable (Int, LoadEngine) async throws(LoadError) -> Value
    ) async throws(LoadError) -> [Value] {
        let results = await withTaskGroup(of: (Int, Result<Value, LoadError>).self) { group in
            for (index, engine) in engines.enumerated() {
                group.addTask {
                    do throws(LoadError) {
                        return (index, .success(try await work(index, engine)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            var results: [(Int, Result<Value, LoadError>)] = []
            for await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }
        }
        var values: [Value] = []
        for (_, result) in results { values.append(try result.get()) }
        return values
    }
}
