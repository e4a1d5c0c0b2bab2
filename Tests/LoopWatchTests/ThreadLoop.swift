import CLoopProbe
import Dispatch
import Foundation
import NIOCore
import Synchronization

/// An event loop that waits for a semaphore, so that no wait of it can be seen; just enough to run work.
final class ThreadLoop: EventLoop, Sendable {
    private struct State {
        var work: [@Sendable () -> Void] = []
        var isOver = false
        var isDeaf = false
    }

    private let state = Mutex(State())
    private let semaphore = DispatchSemaphore(value: 0)
    private let hasEnded = DispatchGroup()
    private let marker = "ThreadLoop"

    init() {
        hasEnded.enter()
        let thread = Thread { self.run() }
        thread.start()
    }

    private func run() {
        lp_name_thread("waits-unseen")
        Thread.current.threadDictionary[marker] = self
        while true {
            semaphore.wait()
            let (work, isOver) = state.withLock { state in
                defer { state.work = [] }
                return (state.work, state.isOver)
            }
            for each in work { each() }
            if isOver { break }
        }
        Thread.current.threadDictionary[marker] = nil
        hasEnded.leave()
    }

    var inEventLoop: Bool { Thread.current.threadDictionary[marker] as? ThreadLoop === self }

    /// Takes no more work, as a loop that is shut down, but goes on.
    func dropWork() { state.withLock { $0.isDeaf = true } }

    func execute(_ task: @escaping @Sendable () -> Void) {
        let isTaken = state.withLock { state in
            guard !state.isOver, !state.isDeaf else { return false }
            state.work.append(task)
            return true
        }
        if isTaken { semaphore.signal() }
    }

    @discardableResult
    func scheduleTask<T>(deadline: NIODeadline, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        fatalError("no timers here")
    }

    @discardableResult
    func scheduleTask<T>(in delay: TimeAmount, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        fatalError("no timers here")
    }

    func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void) {
        state.withLock { $0.isOver = true }
        semaphore.signal()
        hasEnded.notify(queue: queue) { callback(nil) }
    }
}
