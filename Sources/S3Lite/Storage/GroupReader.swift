import GRDB
import Synchronization

/// Answers the short questions of many requests from one snapshot.
///
/// Opening a snapshot costs more than looking up an object. There is no timer: what waits when a snapshot is opened is
/// answered from it. What comes later waits for the next, so that nobody misses a commit that was answered before.
final class GroupReader: Sendable {
    private typealias Job = @Sendable (Result<Database, any Error>) -> Void

    private struct Queue {
        var jobs: [Job] = []
        var isReading = false
    }

    private let database: any DatabaseWriter
    private let queue = Mutex(Queue())

    /// Makes a reader.
    ///
    /// - Parameter database: What is read.
    init(database: any DatabaseWriter) {
        self.database = database
    }

    /// Asks a question that is answered soon.
    ///
    /// - Parameter query: Reads.
    /// - Returns: What the query returned.
    /// - Throws: What the query throws.
    func read<Value: Sendable>(_ query: @escaping @Sendable (Database) throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            submit { database in
                continuation.resume(with: Result { try query(try database.get()) })
            }
        }
    }

    private func submit(_ job: @escaping Job) {
        let mustRead = queue.withLock { queue in
            queue.jobs.append(job)
            defer { queue.isReading = true }
            return !queue.isReading
        }
        if mustRead { readNext() }
    }

    /// Opens a snapshot for what waits now, and goes on as long as something does.
    private func readNext() {
        let batch = queue.withLock { queue in
            let batch = queue.jobs
            queue.jobs = []
            queue.isReading = !batch.isEmpty
            return batch
        }
        guard !batch.isEmpty else { return }
        let answer: @Sendable (Result<Database, any Error>) -> Void = { [self] database in
            for job in batch { job(database) }
            readNext()
        }
        if let pool = database as? DatabasePool {
            pool.asyncRead(answer)
        } else {
            // A queue has one connection, which always shows the last commit: switching it to read-only and back
            // for each read would cost more than the read.
            database.asyncWriteWithoutTransaction { answer(.success($0)) }
        }
    }
}
