import GRDB
import S3Wire
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Puts the changes of many requests into one transaction.
///
/// There is no timer: whatever waits when the writer is free goes into the next commit, each change in
/// a savepoint of its own. A change's result is known to its caller only after the commit.
final class GroupCommitWriter: Sendable {
    /// What a transaction brings about outside the database.
    struct Effects {
        /// New files that the transaction refers to; their folders are synced before the commit.
        var created: [String] = []
        /// Bodies nothing refers to once the transaction is committed.
        var orphaned: [String] = []
        /// Called in the order of the changes once they are committed, before any caller is told.
        var afterCommit: [() -> Void] = []

        mutating func append(_ other: Effects) {
            created += other.created
            orphaned += other.orphaned
            afterCommit += other.afterCommit
        }
    }

    private struct Job: Sendable {
        let bytes: Int
        /// Makes the change; what it returns tells the caller its value, once that is committed.
        let run: @Sendable (Database, inout Effects) throws -> @Sendable () -> Void
        /// Tells the caller the error of the change or of the commit.
        let fail: @Sendable (any Error) -> Void
    }

    private struct Queue {
        var jobs: [Job] = []
        var isDraining = false
        /// Why nothing may be written any more: what a failed sync of the database left is not known.
        var failure: DatabaseError?
    }

    private static let maximumJobs = 256
    private static let maximumBytes = 4 << 20

    private let database: any DatabaseWriter
    private let bodies: BodyStore
    private let holds: BodyHolds
    private let failure: @Sendable (String) -> Int32?
    private let queue = Mutex(Queue())

    init(
        database: any DatabaseWriter,
        bodies: BodyStore,
        holds: BodyHolds,
        failure: @escaping @Sendable (String) -> Int32?
    ) {
        self.failure = failure
        self.database = database
        self.bodies = bodies
        self.holds = holds
    }

    /// Makes a change and waits until it is committed.
    ///
    /// - Parameters:
    ///   - bytes: How much the change adds to its commit.
    ///   - change: Makes the change; an error it throws undoes this change alone.
    /// - Returns: What the change returned.
    /// - Throws: What the change threw, or why the commit failed.
    func commit<Value: Sendable>(
        bytes: Int = 0,
        _ change: @escaping @Sendable (Database, inout Effects) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submit(
                Job(
                    bytes: bytes,
                    run: { database, effects in
                        let value = try change(database, &effects)
                        return { continuation.resume(returning: value) }
                    },
                    fail: { continuation.resume(throwing: $0) }
                )
            )
        }
    }

    private func submit(_ job: Job) {
        let mustDrain = queue.withLock { queue in
            queue.jobs.append(job)
            defer { queue.isDraining = true }
            return !queue.isDraining
        }
        guard mustDrain else { return }
        database.asyncWriteWithoutTransaction { [self] in drain($0) }
    }

    /// Commits batch after batch until nothing waits.
    private func drain(_ database: Database) {
        while let batch = nextBatch() { commit(batch, in: database) }
    }

    private func commit(_ batch: [Job], in database: Database) {
        var effects = Effects()
        do {
            let answers = try commitBatch(batch, in: database, effects: &effects)
            for action in effects.afterCommit { action() }
            for answer in answers { answer() }
            holds.remove(effects.orphaned)
        } catch {
            noteFailure(error, of: database)
            let isFull = (error as? DatabaseError)?.resultCode == .SQLITE_FULL
            if isFull, batch.count > 1 {
                // On a full disk the changes that need no room must not fail with those that do.
                for job in batch { commit([job], in: database) }
            } else {
                for job in batch { job.fail(error) }
            }
        }
    }

    private func nextBatch() -> [Job]? {
        queue.withLock { queue in
            var count = 0
            var bytes = 0
            while count < min(queue.jobs.count, Self.maximumJobs), count == 0 || bytes < Self.maximumBytes {
                bytes += queue.jobs[count].bytes
                count += 1
            }
            guard count > 0 else {
                queue.isDraining = false
                return nil
            }
            let batch = Array(queue.jobs.prefix(count))
            queue.jobs.removeFirst(count)
            return batch
        }
    }

    /// Commits a batch.
    ///
    /// - Returns: What tells each caller how its own change went.
    private func commitBatch(
        _ batch: [Job],
        in database: Database,
        effects: inout Effects
    ) throws -> [@Sendable () -> Void] {
        if let failure = queue.withLock({ $0.failure }) { throw failure }
        try bodies.requireSyncs()
        try database.beginTransaction(.immediate)
        var answers: [@Sendable () -> Void] = []
        for job in batch {
            var own = Effects()
            try database.cachedStatement(sql: "SAVEPOINT change").execute()
            do {
                answers.append(try job.run(database, &own))
                effects.append(own)
            } catch {
                // A full disk undoes the whole transaction, not only the savepoint.
                guard database.isInsideTransaction else { throw error }
                try database.cachedStatement(sql: "ROLLBACK TO change").execute()
                answers.append { job.fail(error) }
            }
            try database.cachedStatement(sql: "RELEASE change").execute()
        }
        try bodies.synchronizeFolders(of: effects.created)
        if let errno = failure("commit") {
            throw DatabaseError(resultCode: errno == ENOSPC ? .SQLITE_FULL : .SQLITE_IOERR)
        }
        try database.commit()
        return answers
    }

    /// After a failed sync the database's pages in the cache and on the disk may differ: nothing is safe any more.
    private func noteFailure(_ error: any Error, of database: Database) {
        if database.isInsideTransaction {
            // The transaction is lost either way; an error here changes nothing for its callers.
            try? database.rollback()
        }
        guard let error = error as? DatabaseError else { return }
        guard error.resultCode == .SQLITE_IOERR else { return }
        queue.withLock { $0.failure = error }
    }
}
