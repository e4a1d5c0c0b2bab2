import Synchronization

/// What a server has counted since its start.
package struct IngestCounts: Sendable, Equatable {
    /// Answers by endpoint and status; `none` is a client that went away.
    package struct Answered: Sendable, Hashable {
        package let endpoint: String
        package let status: String
    }

    package var requests: [Answered: Int] = [:]
    package var requestSeconds: [String: Histogram] = [:]
    package var inFlight: [String: Int] = ["async": 0, "blocking": 0]
    package var rejected: [String: Int] = [:]
    package var pdfSeconds: [String: Histogram] = [:]
    package var pages = 0
    package var images: [String: Int] = [:]
    package var pdfErrors: [String: Int] = [:]
    package var warnings = 0
    package var puts: [String: Int] = [:]
    package var putSeconds = Histogram()
    package var deletes: [String: Int] = [:]
    package var orphans = 0
}

/// Counts what a server does.
final class IngestMetrics: Sendable {
    private let state = Mutex(IngestCounts())

    /// What has been counted so far.
    var counts: IngestCounts { state.withLock { $0 } }

    /// Counts an upload among those in flight.
    ///
    /// - Parameter route: Its route.
    func begin(_ route: IngestRoute) {
        state.withLock { $0.inFlight[route.rawValue, default: 0] += 1 }
    }

    /// Counts an upload no longer among those in flight.
    ///
    /// - Parameter route: Its route.
    func end(_ route: IngestRoute) {
        state.withLock { $0.inFlight[route.rawValue, default: 0] -= 1 }
    }

    /// Counts a request that is over.
    ///
    /// - Parameter request: What is known of it.
    func add(_ request: RequestRecord) {
        state.withLock { counts in
            let status = request.status.map { "\($0)" } ?? "none"
            let endpoint = request.endpoint.rawValue
            counts.requests[.init(endpoint: endpoint, status: status), default: 0] += 1
            counts.requestSeconds[endpoint, default: Histogram()].add(request.seconds)
            counts.orphans += request.orphans
            if let code = request.code {
                if code.isRejection { counts.rejected[code.rawValue, default: 0] += 1 }
                if code.rawValue.hasPrefix("pdf_") || code == .notAPDF {
                    counts.pdfErrors[code.rawValue, default: 0] += 1
                }
            }
            for segment in request.segments {
                let seconds = Double(segment.end &- segment.start) / 1e9
                switch segment.stage {
                case .open, .text, .images:
                    counts.pdfSeconds[segment.stage.name, default: Histogram()].add(seconds)
                case .put: counts.putSeconds.add(seconds)
                default: break
                }
            }
            guard let receipt = request.receipt else { return }
            counts.pages += receipt.pageCount
            counts.warnings += receipt.warningCount
            for image in receipt.images {
                let format = image.key.split(separator: ".").last.map(String.init) ?? "other"
                counts.images[format, default: 0] += 1
            }
        }
    }

    fileprivate func addPut(_ result: String) {
        state.withLock { $0.puts[result, default: 0] += 1 }
    }

    fileprivate func addDelete(_ result: String) {
        state.withLock { $0.deletes[result, default: 0] += 1 }
    }
}

extension IngestError.Code {
    /// Whether the request was turned away before any work on its document.
    fileprivate var isRejection: Bool {
        switch self {
        case .overloaded, .draining, .queueTimeout, .bodyTooLarge, .requestTimeout: true
        default: false
        }
    }
}

extension ImageStore {
    /// The same store, whose calls are counted.
    ///
    /// - Parameter metrics: Counts them.
    /// - Returns: The store to use.
    func counted(by metrics: IngestMetrics) -> ImageStore {
        var store = self
        store.put = { [put] key, image in
            do {
                try await put(key, image)
                metrics.addPut("ok")
            } catch {
                metrics.addPut(error is CancellationError ? "cancelled" : "failed")
                throw error
            }
        }
        store.putBlocking = { [putBlocking] key, image in
            do {
                try putBlocking(key, image)
                metrics.addPut("ok")
            } catch {
                metrics.addPut("failed")
                throw error
            }
        }
        store.delete = { [delete] keys in
            do {
                let left = try await delete(keys)
                metrics.addDelete(left.isEmpty ? "ok" : "failed")
                return left
            } catch {
                metrics.addDelete("failed")
                throw error
            }
        }
        store.deleteBlocking = { [deleteBlocking] keys in
            do {
                let left = try deleteBlocking(keys)
                metrics.addDelete(left.isEmpty ? "ok" : "failed")
                return left
            } catch {
                metrics.addDelete("failed")
                throw error
            }
        }
        return store
    }
}
