/// A way to ingest a document; all do the same work and differ only in where it runs.
package enum IngestRoute: String, Sendable, CaseIterable {
    /// Everything on the event loop, which serves nobody else meanwhile.
    case blocking
    /// Off the event loop, which goes on serving.
    case async

    /// The path of the route's URL.
    package var path: String { "/ingest/\(rawValue)" }

    /// Finds the route of a path.
    ///
    /// - Parameter path: The target of a request, without its query.
    init?(path: some StringProtocol) {
        guard let route = Self.allCases.first(where: { $0.path == path }) else { return nil }
        self = route
    }
}
