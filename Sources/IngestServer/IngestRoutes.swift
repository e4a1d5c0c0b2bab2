import HTTPServing
import HTTPTypes
import Logging
import MuPDF
import NIOCore

/// Finds what a request asks for and answers it, or says in JSON why not.
struct IngestRoutes: Sendable {
    let handler: IngestHandler
    let admission: Admission
    let heldBytes: HeldBytes
    let received: ReceivedBytes
    let watching: LoopWatching
    let maximumBody: Int
    let clockDomain: String
    let logger: Logger

    /// Answers one request.
    ///
    /// - Parameter exchange: The request.
    /// - Throws: What the connection says, or a cancellation; the connection is closed then.
    func respond(to exchange: inout HTTPExchange) async throws {
        let path = (exchange.head.path ?? "").prefix { $0 != "?" }
        let answer = Answer(to: exchange, clockDomain: clockDomain)
        do {
            if path == "/health" {
                try exchange.head.require([.get, .head], at: path)
                try await answer.send(ByteBuffer(staticString: #"{"status":"ok"}"#), on: &exchange)
            } else if path == "/metrics" {
                try exchange.head.require([.get, .head], at: path)
                try await answer.send(metrics: watching.metrics, on: &exchange)
            } else if path == "/debug/loop-blocks", exchange.isFromThisHost {
                try exchange.head.require([.get, .head], at: path)
                let query = (exchange.head.path ?? "").drop { $0 != "?" }.dropFirst()
                try await answer.send(try watching.blocks(query), on: &exchange)
            } else if let route = IngestRoute(path: path) {
                try exchange.head.require([.post], at: path)
                let receipt = try await ingest(&exchange, on: route, answer)
                try await answer.send(receipt.json(), on: &exchange)
            } else {
                throw IngestError.notFound(path: String(path))
            }
        } catch {
            if exchange.isAnswered { throw error }
            try await refuse(error, answer, on: &exchange)
        }
    }

    private func ingest(
        _ exchange: inout HTTPExchange,
        on route: IngestRoute,
        _ answer: Answer
    ) async throws -> IngestReceipt {
        var form = try UploadForm(exchange.head, bodyLength: exchange.contentLength, maximumBody: maximumBody)
        let ticket = try admission.admit()
        defer { withExtendedLifetime(ticket) {} }
        var room = try await heldBytes.reserve(exchange.contentLength)
        defer { withExtendedLifetime(room) {} }
        try await receive(&form, into: &room, from: &exchange, on: route, answer.timer)
        let file = try form.finish()
        var generator = SystemRandomNumberGenerator()
        let documentID = randomUUID(using: &generator)
        let timer = answer.timer
        switch route {
        case .blocking:
            // It may have waited long for the loop: a server that is stopping does not begin it.
            try Task.checkCancellation()
            return try handler.ingestBlocking(file, as: documentID, timer: timer)
        case .async:
            return try await exchange.cancellingOnDisconnect {
                try await handler.ingestAsync(file, as: documentID, timer: timer)
            }
        }
    }

    private func receive(
        _ form: inout UploadForm,
        into room: inout HeldBytes.Room,
        from exchange: inout HTTPExchange,
        on route: IngestRoute,
        _ timer: StageTimer
    ) async throws {
        defer {
            timer.record(.receive, from: timer.zero)
            received.add(exchange.bodyBytesRead, to: route)
        }
        while let bytes = try await nextBytes(of: &exchange) {
            guard exchange.bodyBytesRead <= maximumBody else {
                throw IngestError.bodyTooLarge(declared: nil, limit: maximumBody)
            }
            try await room.hold(exchange.bodyBytesRead)
            try form.feed(bytes)
        }
    }

    private func nextBytes(of exchange: inout HTTPExchange) async throws -> ByteBuffer? {
        do {
            return try await exchange.readBody()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw IngestError.badRequest(reason: "the body can't be read: \(error)")
        }
    }

    private func refuse(_ error: any Error, _ answer: Answer, on exchange: inout HTTPExchange) async throws {
        let orphans = (error as? StoreFailure)?.orphans ?? []
        let cause = (error as? StoreFailure)?.cause ?? error
        if !orphans.isEmpty {
            logger.error("images of a failed upload are left in the store", metadata: ["keys": "\(orphans)"])
        }
        switch cause {
        case let error as IngestError: try await answer.send(error, orphans: orphans, on: &exchange)
        case PDFError.cancelled, is CancellationError: throw CancellationError()
        case let error as PDFError: try await answer.send(.pdf(error), orphans: orphans, on: &exchange)
        case let fault as StoreFault: try await answer.send(.store(fault), orphans: orphans, on: &exchange)
        default:
            logger.error("a request failed", metadata: ["id": "\(answer.requestID)", "error": "\(cause)"])
            let error = IngestError.internal(requestID: answer.requestID)
            try await answer.send(error, orphans: orphans, on: &exchange)
        }
    }
}

extension HTTPRequest {
    fileprivate func require(_ allowed: [Method], at path: Substring) throws(IngestError) {
        if allowed.contains(method) { return }
        let names = allowed.map(\.rawValue).joined(separator: ", ")
        throw .methodNotAllowed(method: method.rawValue, path: String(path), allowed: names)
    }
}
