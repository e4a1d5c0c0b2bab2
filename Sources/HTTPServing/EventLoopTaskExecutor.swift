package import NIOCore

/// Runs Swift tasks on one SwiftNIO event loop.
///
/// A task that prefers this executor does all its work on that loop's thread, as a coroutine of an
/// asyncio server does: whatever blocks in it blocks every other connection of the loop.
package final class EventLoopTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    /// Makes an executor for a loop, which must outlive every task that prefers it.
    ///
    /// - Parameter eventLoop: The loop the jobs run on.
    package init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Hands a job to the loop, behind what the loop has to do already.
    ///
    /// - Parameter job: The next part of a task.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute {
            job.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }
}

/// Where request handlers run.
package enum HandlerExecutor: String, Sendable, CaseIterable {
    /// On the event loop of their connection, as in one worker of an asyncio server.
    case loop
    /// On Swift's cooperative thread pool, as Hummingbird does by itself.
    case pool
}
