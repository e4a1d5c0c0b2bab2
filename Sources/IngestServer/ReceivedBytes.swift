import Synchronization

/// How many bytes of request bodies were read, framing included; the sender's count must equal it.
final class ReceivedBytes: Sendable {
    private let blocking = Atomic(0)
    private let async = Atomic(0)

    /// Counts a body, or as much of it as was read.
    ///
    /// - Parameters:
    ///   - bytes: How many bytes.
    ///   - route: Where they were sent.
    func add(_ bytes: Int, to route: IngestRoute) {
        switch route {
        case .blocking: blocking.add(bytes, ordering: .relaxed)
        case .async: async.add(bytes, ordering: .relaxed)
        }
    }

    /// The bytes so far.
    ///
    /// - Parameter route: Where they were sent.
    /// - Returns: Their number since the server started.
    func count(_ route: IngestRoute) -> Int {
        switch route {
        case .blocking: blocking.load(ordering: .relaxed)
        case .async: async.load(ordering: .relaxed)
        }
    }
}
