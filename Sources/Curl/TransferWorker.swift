/// The thread behind a ``TransferService``: takes requests from its queue and drives their transfers.
final class TransferWorker {
    private let multi: MultiHandle
    private let queue: TransferQueue
    private let maximumInFlight: Int
    private var transfers: [RequestTransfer] = []
    private var idle: [Int] = []
    private var underWay: [Int: TransferQueue.Submission] = [:]
    private var waiting: [TransferQueue.Submission] = []

    init(multi: consuming MultiHandle, queue: TransferQueue, maximumInFlight: Int) {
        self.multi = multi
        self.queue = queue
        self.maximumInFlight = maximumInFlight
    }

    /// Works until the queue is stopped.
    func run() {
        while true {
            let arrivals = queue.take()
            accept(arrivals)
            if arrivals.isStopped { return endAll(.shutDown) }
            startWaiting()
            do throws(CurlError) {
                try multi.turn(until: nil)
            } catch {
                endAll(error)
            }
            while let completion = multi.nextCompletion() {
                finish(completion.tag, code: completion.code)
            }
        }
    }

    private func accept(_ arrivals: TransferQueue.Arrivals) {
        waiting.append(contentsOf: arrivals.submissions)
        for number in arrivals.cancellations {
            if let index = waiting.firstIndex(where: { $0.number == number }) {
                waiting.remove(at: index).continuation.resume(returning: .failure(.cancelled))
            } else if let tag = underWay.first(where: { $0.value.number == number })?.key {
                transfers[tag].stop(in: multi)
                give(tag, .failure(.cancelled))
            }
        }
    }

    private func startWaiting() {
        while !waiting.isEmpty, let tag = freeTransfer() {
            let submission = waiting.removeFirst()
            underWay[tag] = submission
            do throws(CurlError) {
                try transfers[tag].prepare(submission.request)
                try transfers[tag].start(in: multi, tag: tag)
            } catch {
                give(tag, .failure(error))
            }
        }
    }

    /// A transfer that is not under way, or nil at the limit.
    private func freeTransfer() -> Int? {
        if let tag = idle.popLast() { return tag }
        guard transfers.count < maximumInFlight else { return nil }
        do throws(CurlError) {
            transfers.append(try RequestTransfer())
            return transfers.count - 1
        } catch {
            // Short of memory: go on with those there are, and without any, say so to all that wait.
            if transfers.isEmpty { failWaiting(error) }
            return nil
        }
    }

    private func finish(_ tag: Int, code: CurlCode) {
        transfers[tag].stop(in: multi)
        do throws(CurlError) {
            give(tag, .success(try transfers[tag].finish(code)))
        } catch {
            give(tag, .failure(error))
        }
    }

    /// Hands a result to the caller that waits for it.
    private func give(_ tag: Int, _ result: Result<TransferResponse, CurlError>) {
        idle.append(tag)
        underWay.removeValue(forKey: tag)?.continuation.resume(returning: result)
    }

    private func failWaiting(_ error: CurlError) {
        let failed = waiting
        waiting = []
        for submission in failed { submission.continuation.resume(returning: .failure(error)) }
    }

    private func endAll(_ error: CurlError) {
        for tag in underWay.keys.sorted() {
            transfers[tag].stop(in: multi)
            give(tag, .failure(error))
        }
        failWaiting(error)
    }
}
