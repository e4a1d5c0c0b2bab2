import CLoopProbe

/// Tells which threads that were made while a scope was open still run at its end.
package struct ThreadLeakScope: Sendable {
    private let check: LeakChecks.Threads
    private let before: ThreadList
    private let openedAt: UInt64

    /// Opens a scope.
    ///
    /// - Parameter check: Which threads count.
    /// - Throws: ``LoopWatchError`` if the check can't be made.
    package init(_ check: LeakChecks.Threads) throws(LoopWatchError) {
        guard check.grace >= .zero else { throw .graceNegative(check.grace) }
        self.check = check
        #if !os(Linux)
        Finding.warnOnce("LoopWatch: threads are not looked for: this platform doesn't list them")
        #endif
        lp_refresh_modules()
        lp_record_thread_creators(true)
        openedAt = lp_now()
        before = ThreadList.now()
    }

    /// Ends the scope: who makes threads is recorded no longer.
    package func close() {
        lp_record_thread_creators(false)
    }

    /// Waits until no thread is left, for the grace period at the most, and tells what is.
    ///
    /// - Parameters:
    ///   - site: Where the scope was opened.
    ///   - isolation: Left to the compiler.
    /// - Returns: What is left; nil if nothing is.
    package func findings(
        at site: CallSite,
        isolation: isolated (any Actor)? = #isolation
    ) async -> ThreadLeakError? {
        await Grace(check.grace).wait { !left().isEmpty }
        return error(at: site)
    }

    /// The same, holding the calling thread up.
    ///
    /// - Parameter site: Where the scope was opened.
    /// - Returns: What is left; nil if nothing is.
    package func findingsBlocking(at site: CallSite) -> ThreadLeakError? {
        Grace(check.grace).waitBlocking { !left().isEmpty }
        return error(at: site)
    }

    private func error(at site: CallSite) -> ThreadLeakError? {
        let left = left()
        guard !left.isEmpty else { return nil }
        let canRecord = lp_records_thread_creators()
        return ThreadLeakError(
            leakedThreads: left.map { thread in
                let stack = creation(of: thread.id).map {
                    ProbedStack.fromMaker(ProbedStack($0.stack).framesBlocking())
                }
                return LeakedThread(id: thread.id, name: thread.name, creationStack: stack ?? [])
            },
            site: site,
            notes: canRecord ? [] : ["who makes threads can't be recorded in this process"]
        )
    }

    private func left() -> [ThreadList.Entry] {
        ThreadList.now().entries.filter { thread in
            if thread.isOwn || (before.contains(thread.id) && !isNew(thread.id)) { return false }
            if !check.includingRuntimeThreads, isOfRuntime(thread) { return false }
            return check.named.matches(thread.name)
        }
    }

    /// Whether a thread belongs to the runtime.
    ///
    /// A new thread bears the name of the one that made it until it is given another: where the maker is known, a
    /// name of dispatch's alone doesn't make it one of dispatch's.
    private func isOfRuntime(_ thread: ThreadList.Entry) -> Bool {
        guard thread.isOfDispatch else { return thread.isOfSingletons }
        return creation(of: thread.id).map { ThreadMaker.isDispatch($0.stack) } ?? true
    }

    /// Whether a number that was in use before belongs to another thread now.
    private func isNew(_ id: Int) -> Bool {
        creation(of: id).map { $0.made_ns >= openedAt } ?? false
    }

    private func creation(of id: Int) -> lp_thread_creation? {
        var creation = lp_thread_creation()
        return lp_thread_creator(Int32(id), &creation) ? creation : nil
    }
}
