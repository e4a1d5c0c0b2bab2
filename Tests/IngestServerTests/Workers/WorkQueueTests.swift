import MuPDF
import NIOCore
import Synchronization
import Testing

@testable import IngestServer

/// How documents wait for a worker.
struct WorkQueueTests {
    /// A document, and what came of it.
    private final class Waiting: Sendable {
        let item: WorkItem
        private let error = Mutex<(any Error)?>(nil)

        var code: IngestError.Code? { error.withLock { ($0 as? IngestError)?.code } }
        var isCancelled: Bool { error.withLock { $0 is CancellationError } }

        init(in queue: WorkQueue) {
            let timer = StageTimer(zero: 0) { NIODeadline.now().uptimeNanoseconds }
            item = WorkItem(ByteBuffer(), timer: timer, waitCounts: true)
            item.whenFinished { [weak self] result in
                if case .failure(let error) = result { self?.error.withLock { $0 = error } }
            }
            queue.add(item)
        }
    }

    @Test func `documents are taken in the order in which they came`() {
        let queue = WorkQueue(limit: nil)
        let waiting = (0..<3).map { _ in Waiting(in: queue) }
        queue.cancel(waiting[1].item)
        #expect(waiting[1].isCancelled)
        #expect(queue.take() === waiting[0].item)
        #expect(queue.take() === waiting[2].item)
        #expect(queue.take() == nil)
        queue.close()
    }

    @Test func `a document that waits for too long is told so, and not before`() {
        let queue = WorkQueue(limit: .seconds(3600))
        let waiting = (0..<2).map { _ in Waiting(in: queue) }
        let end = waiting[0].item.made + 3_600_000_000_000
        queue.expire(at: end - 1)
        #expect(queue.count == 2)
        queue.expire(at: end)
        #expect(waiting[0].code == .queueTimeout)
        queue.expire(at: end + 3_600_000_000_000)
        #expect(waiting[1].code == .queueTimeout)
        #expect(queue.count == 0)
        queue.close()
    }

    @Test func `where nobody can take documents they are refused, those that wait as well`() {
        let queue = WorkQueue(limit: nil)
        let before = Waiting(in: queue)
        queue.refuse(.noWorkers)
        let after = Waiting(in: queue)
        #expect(before.code == .overloaded)
        #expect(after.code == .overloaded)
        queue.refuse(nil)
        _ = Waiting(in: queue)
        #expect(queue.count == 1)
        queue.close()
    }

    @Test func `the end of the queue cancels what waits and what comes`() {
        let queue = WorkQueue(limit: nil)
        let before = Waiting(in: queue)
        queue.close()
        let after = Waiting(in: queue)
        #expect(before.isCancelled)
        #expect(after.isCancelled)
        #expect(!queue.wait(orFor: nil))
    }
}
