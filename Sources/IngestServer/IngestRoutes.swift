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
    let storeWatch: StoreWatch
    let metrics: IngestMetrics
    let build: BuildLabels
    let maximumBody: Int
    /// How long an upload may take after its last byte; nil is as long as it takes.
    let uploadLimit: Duration?
    let clockDomain: String
    let logger: Logger

    /// Answers one request.
    ///
    /// - Parameter exchange: The request.
    /// - Throws: What the connection says, or a cancellation; the connection is closed then.
    func respond(to exchange: inout HTTPExchange) async throws {
        let path = (exchange.head.path ?? "").prefix { $0 != "?" }
        let answer = Answer(to: exchange, clockDomain: clockDomain)
        var record = RequestRecord(id: answer.requestID, endpoint: Endpoint(path: path))
        defer {
            record.bodyBytes = exchange.bodyBytesRead
            record.seconds = Double(answer.timer.time() &- answer.timer.zero) / 1e9
            record.segments = answer.timer.recorded
            metrics.add(record)
            record.write(to: logger)
        }
        do {
            try exchange.head.requireHost()
            try await answerRequest(&exchange, path, answer, &record)
        } catch {
            if exchange.isAnswered { throw error }
            try await refuse(error, answer, on: &exchange, &record)
        }
    }

    private func answerRequest(
        _ exchange: inout HTTPExchange,
        _ path: Substring,
        _ answer: Answer,
        _ record: inout RequestRecord
    ) async throws {
        switch record.endpoint {
        case .health:
            try exchange.head.require([.get, .head], at: path)
            record.status = 200
            try await answer.send(ByteBuffer(staticString: #"{"status":"ok"}"#), on: &exchange)
        case .ready:
            try exchange.head.require([.get, .head], at: path)
            let reasons = reasonsNotToBeReady()
            record.status = reasons.isEmpty ? 200 : 503
            try await answer.send(notReady: reasons, on: &exchange)
        case .metrics:
            try exchange.head.require([.get, .head], at: path)
            record.status = 200
            try await answer.send(metrics: metricsText(), on: &exchange)
        case .loopBlocks where exchange.isFromThisHost:
            try exchange.head.require([.get, .head], at: path)
            let query = (exchange.head.path ?? "").drop { $0 != "?" }.dropFirst()
            let blocks = try watching.blocks(query)
            record.status = 200
            try await answer.send(blocks, on: &exchange)
        case .blocking, .async:
            try exchange.head.require([.post], at: path)
            let route: IngestRoute = record.endpoint == .blocking ? .blocking : .async
            metrics.begin(route)
            defer { metrics.end(route) }
            let receipt = try await ingest(&exchange, on: route, answer)
            record.receipt = receipt
            record.status = 200
            let json = route == .blocking ? receipt.json() : await receipt.jsonOffLoop()
            try await answer.send(json, on: &exchange)
        case .other, .loopBlocks:
            throw IngestError.notFound(path: String(path))
        }
    }

    /// Why uploads would not be served now, as `/ready` names it.
    private func reasonsNotToBeReady() -> [String] {
        let workers = handler.workers.counts
        let reasons: [String?] = [
            admission.isClosed ? "draining" : nil,
            storeWatch.trouble(at: .now())?.rawValue,
            workers.idle + workers.busy == 0 ? "no_pdf_workers" : nil,
            admission.count >= admission.limit ? "queue_full" : nil,
        ]
        return reasons.compactMap { $0 }
    }

    private func metricsText() -> String {
        MetricsSources(
            counts: metrics.counts,
            received: received,
            heldBytes: heldBytes.held,
            workers: handler.workers.counts,
            queueDepth: handler.workers.queue.count,
            loopBlocks: watching.total,
            build: build
        ).text()
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
            return try handler.ingestBlocking(file, as: documentID, within: uploadLimit, timer: timer)
        case .async:
            return try await exchange.cancellingOnDisconnect(orAfter: uploadLimit.map { TimeAmount($0) }) {
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
        } catch is SlowBodyError {
            throw IngestError.bodyTimeout
        } catch {
            throw IngestError.badRequest(reason: "the body can't be read: \(error)")
        }
    }

    /// Words the answer to a head that no handler gets, and notes it as a request.
    ///
    /// - Parameter fault: What is wrong with it.
    /// - Returns: What follows the status.
    func refusal(of fault: HeadFault) -> (fields: HTTPFields, body: ByteBuffer) {
        let answer = Answer(clockDomain: clockDomain)
        let error: IngestError =
            switch fault {
            case .slow: .headTimeout
            case .tooLarge: .headTooLarge
            case .malformed: .badRequest(reason: "the request's head is not HTTP/1.1")
            }
        var record = RequestRecord(id: answer.requestID, endpoint: .other)
        record.status = fault.status.code
        record.code = error.code
        metrics.add(record)
        record.write(to: logger)
        return (answer.headers(), error.json(orphans: []))
    }

    private func refuse(
        _ error: any Error,
        _ answer: Answer,
        on exchange: inout HTTPExchange,
        _ record: inout RequestRecord
    ) async throws {
        let lateness = error as? LateError
        let error = lateness?.cause ?? error
        let orphans = (error as? StoreFailure)?.orphans ?? []
        let cause = (error as? StoreFailure)?.cause ?? error
        record.orphans = orphans.count
        if !orphans.isEmpty {
            logger.error(
                "images of a failed upload are left in the store",
                metadata: ["id": "\(answer.requestID)", "keys": "\(orphans)"]
            )
        }
        let refusal: IngestError
        switch cause {
        case let error as IngestError: refusal = error
        case PDFError.cancelled where lateness != nil, is CancellationError where lateness != nil:
            refusal = .uploadTooLong(limit: uploadLimit ?? .zero)
        case PDFError.cancelled, is CancellationError: throw CancellationError()
        case let error as PDFError: refusal = .pdf(error)
        case let fault as StoreFault: refusal = .store(fault)
        default:
            logger.error("a request failed", metadata: ["id": "\(answer.requestID)", "error": "\(cause)"])
            refusal = .internal(requestID: answer.requestID)
        }
        record.code = refusal.code
        record.status = refusal.code.status.code
        let oldest = refusal.code.status == .serviceUnavailable ? handler.workers.queue.oldest : nil
        let age = oldest.map { Int(clamping: (answer.timer.time() &- $0) / 1_000_000_000) } ?? 0
        try await answer.send(refusal, orphans: orphans, retryAfter: min(60, max(1, age)), on: &exchange)
    }
}

extension HTTPRequest {
    /// Refuses a request that says to which host it is for never, or twice (RFC 9112, 3.2).
    fileprivate func requireHost() throws(IngestError) {
        // The first one becomes the authority, others stay among the fields.
        let others = headerFields.contains { $0.name.canonicalName == "host" }
        if authority == nil || others { throw .badRequest(reason: "the request has no Host, or several") }
    }

    fileprivate func require(_ allowed: [Method], at path: Substring) throws(IngestError) {
        if allowed.contains(method) { return }
        let names = allowed.map(\.rawValue).joined(separator: ", ")
        throw .methodNotAllowed(method: method.rawValue, path: String(path), allowed: names)
    }
}
