/// Sends HTTP requests from async code: one thread, many transfers, kept connections.
///
/// At most ``maximumInFlight`` requests are under way; the others wait in order.
package final class TransferService: Sendable {
    /// The most requests, and so connections, under way at one time.
    package let maximumInFlight: Int
    private let queue: TransferQueue
    private let thread: OwnThread

    /// Starts the service's thread.
    ///
    /// - Parameters:
    ///   - maximumInFlight: The most requests under way at one time.
    ///   - threadName: What debuggers call its thread; at most 15 bytes.
    /// - Throws: ``CurlError`` if libcurl or the kernel refuses.
    package init(maximumInFlight: Int, threadName: String = "http-client") throws(CurlError) {
        self.maximumInFlight = maximumInFlight
        let wakeUp = try WakeUp()
        let multi = try MultiHandle(keptConnections: maximumInFlight, wakeUp: wakeUp)
        let queue = TransferQueue(wakeUp: wakeUp)
        self.queue = queue
        let worker = TransferWorker(multi: multi, queue: queue, maximumInFlight: maximumInFlight)
        // Handed to the one thread that uses it from here on.
        nonisolated(unsafe) let handedOver = worker
        thread = try OwnThread(name: threadName) { handedOver.run() }
    }

    deinit { stop() }

    /// Sends a request; cancelling the task ends the transfer.
    ///
    /// - Parameter request: What to send.
    /// - Returns: The response, whatever its status.
    /// - Throws: ``CurlError`` if there is none.
    package func perform(_ request: TransferRequest) async throws(CurlError) -> TransferResponse {
        let number = queue.nextNumber()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.submit(.init(number: number, request: request, continuation: continuation))
                // A cancellation that came before found nothing to end.
                if Task.isCancelled { queue.cancel(number) }
            }
        } onCancel: {
            queue.cancel(number)
        }
        return try result.get()
    }

    /// Ends the transfers under way with ``CurlError/shutDown``, and the thread.
    ///
    /// Requests made later fail in the same way. The thread is gone when this returns.
    package func stop() {
        if queue.stop() { thread.join() }
    }
}
