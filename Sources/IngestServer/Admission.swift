import Synchronization

/// Counts the uploads that are admitted and not yet answered, and refuses those past a limit.
final class Admission: Sendable {
    let limit: Int
    private let admitted = Atomic(0)
    private let closed = Atomic(false)

    /// Makes a counter at zero.
    ///
    /// - Parameter limit: The most uploads at one time.
    init(limit: Int) {
        self.limit = limit
    }

    /// How many uploads are admitted now.
    var count: Int { admitted.load(ordering: .relaxed) }

    /// Whether no upload is admitted any more.
    var isClosed: Bool { closed.load(ordering: .relaxed) }

    /// Admits no upload from now on: the server is stopping.
    func close() {
        closed.store(true, ordering: .relaxed)
    }

    /// Admits an upload until its ticket is gone.
    ///
    /// - Returns: The ticket.
    /// - Throws: ``IngestError/overloaded(limit:)`` past the limit, ``IngestError/draining`` when closed.
    func admit() throws(IngestError) -> Ticket {
        if isClosed { throw .draining }
        guard admitted.add(1, ordering: .relaxed).newValue <= limit else {
            admitted.subtract(1, ordering: .relaxed)
            throw .overloaded(limit: limit)
        }
        return Ticket(admission: self)
    }

    /// One admitted upload; its end gives the place back, on every way out.
    struct Ticket: ~Copyable {
        fileprivate let admission: Admission

        deinit {
            admission.admitted.subtract(1, ordering: .relaxed)
        }
    }
}
