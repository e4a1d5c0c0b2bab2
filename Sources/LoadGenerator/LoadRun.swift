import Curl

/// One run: warm-up, then all blocks of rounds, each target once in every block.
///
/// Cancelling the task that runs it is the first Ctrl-C: nothing more is sent, what is in flight is ended,
/// and what was measured is returned.
package struct LoadRun: Sendable {
    /// libcurl's version.
    package static var curlVersion: String { CurlGlobal.version }

    private let plan: LoadPlan
    private let hooks: LoadHooks

    /// Makes a run.
    ///
    /// - Parameters:
    ///   - plan: What to do.
    ///   - hooks: What to ask of whoever starts it.
    package init(plan: LoadPlan, hooks: LoadHooks) {
        self.plan = plan
        self.hooks = hooks
    }

    /// Runs everything.
    ///
    /// - Parameter onEvent: Told what happens, also on the engine's thread while uploads are under way: it
    ///   must return at once.
    /// - Returns: What was measured. A run that ended early has ``LoadResult/isInterrupted`` or
    ///   ``LoadResult/failure`` set.
    /// - Throws: ``LoadError`` if it failed or was cancelled before any measured round was over.
    package func run(
        onEvent: @escaping @Sendable (LoadEvent) -> Void
    ) async throws(LoadError) -> LoadResult {
        let recorder: SampleRecorder
        do throws(CurlError) {
            recorder = try SampleRecorder(store: hooks.samples)
        } catch {
            throw .engine(error)
        }
        defer { recorder.stop() }
        let signals: RunSignals
        let engines: EngineGroup
        do throws(CurlError) {
            signals = try RunSignals(threads: plan.threads)
            engines = try EngineGroup(stops: signals.engines, part: plan.part, recorder: recorder)
        } catch {
            throw .engine(error)
        }
        defer { engines.stop() }
        let probeThread: ThreadExecutor
        do throws(CurlError) {
            probeThread = try ThreadExecutor(name: "load-probe")
        } catch {
            throw .engine(error)
        }
        defer { probeThread.stop() }
        let sequence = RunSequence(
            plan: plan,
            hooks: hooks,
            engines: engines,
            recorder: recorder,
            probe: Probe(executor: probeThread),
            signals: signals,
            onEvent: onEvent
        )
        let result = await withTaskCancellationHandler {
            await sequence.result()
        } onCancel: {
            signals.stop()
        }
        return try result.get()
    }
}
