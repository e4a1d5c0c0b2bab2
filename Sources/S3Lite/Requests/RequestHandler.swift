import GRDB
import HTTPServing
import HTTPTypes
import HummingbirdCore
import NIOCore
import S3Wire
import Synchronization

/// Takes a request from its head to its answer: parts, signature, operation, body, commit.
final class RequestHandler: Sendable {
    /// How much of a stored body is read and sent at a time.
    private static let pieceBytes: Int64 = 256 * 1024

    private let store: ObjectStore
    private let configuration: S3Configuration
    private let verifier: RequestVerifier
    private let faults: FaultSource?
    private let idPrefix: UInt32
    private let requestCount = Atomic<UInt32>(0)

    init(store: ObjectStore, configuration: S3Configuration, credentials: [S3Credentials], idPrefix: UInt32) {
        self.store = store
        self.configuration = configuration
        self.idPrefix = idPrefix
        faults = configuration.faults.map { FaultSource($0) }
        verifier = RequestVerifier(
            credentials: credentials,
            region: configuration.region,
            acceptsSigV2: configuration.acceptsSigV2Presign
        )
    }

    /// Answers one request.
    ///
    /// - Parameter exchange: The request and the means to answer it.
    /// - Throws: What the connection says.
    func respond(to exchange: inout HTTPExchange) async throws {
        let requestID = nextRequestID()
        var response: S3Response
        do {
            if let fate = try await faults?.next() { try Self.suffer(fate, exchange.channel) }
            response = try await answer(&exchange)
        } catch let error as S3RequestError {
            response = errorResponse(error, to: exchange.head, requestID: requestID)
            response.closesConnection = error == S3Request.ambiguousHost
        } catch let error as DatabaseError {
            response = errorResponse(error.requestError, to: exchange.head, requestID: requestID)
        } catch is SlowBodyError {
            response = errorResponse(S3RequestError(.requestTimeout), to: exchange.head, requestID: requestID)
            response.closesConnection = true
        } catch let error as FileCallError {
            response = errorResponse(error.requestError, to: exchange.head, requestID: requestID)
        }
        response.set("x-amz-request-id", requestID)
        response.set("x-amz-id-2", hostID)
        response.fields[.server] = "S3Lite"
        if response.closesConnection { response.fields[.connection] = "close" }
        try await send(response, on: &exchange)
    }

    private static func suffer(_ fate: FaultSource.Fate, _ channel: any Channel) throws {
        switch fate {
        case .none: break
        case .error: throw S3RequestError(.slowDown)
        case .cut:
            channel.close(promise: nil)
            throw ConnectionCut()
        }
    }

    private func answer(_ exchange: inout HTTPExchange) async throws -> S3Response {
        let request = try S3Request(exchange.head, domains: configuration.virtualHostDomains)
        let time = configuration.clock()
        if request.method == "OPTIONS" {
            guard request.headers["origin"] != nil else {
                throw S3RequestError(.badRequest, "Insufficient information. Origin request header needed.")
            }
            throw S3RequestError(.accessDenied, "CORSResponse: CORS is not enabled for this bucket.")
        }
        let verified = try verifier.verify(
            method: request.method,
            target: request.target,
            headers: request.headers,
            hostBucket: request.hostBucket,
            now: time
        )
        let context = RequestContext(
            store: store,
            configuration: configuration,
            request: request,
            verified: verified,
            time: time
        )
        return try await context.perform(try operation(of: request, verified), &exchange)
    }

    private func operation(
        of request: S3Request,
        _ verified: VerifiedRequest
    ) throws(S3RequestError) -> S3Operation {
        let parameters = request.target.query.map(\.name).filter { !verified.ownParameters.contains($0) }
        if let operation = S3Operation.find(
            method: request.method,
            resource: request.resource,
            parameters: parameters
        ) {
            return operation
        }
        guard ["GET", "HEAD", "PUT", "POST", "DELETE"].contains(request.method) else {
            throw S3RequestError(.methodNotAllowed, details: [.init("Method", request.method)])
        }
        throw S3RequestError(.notImplemented)
    }

    private func send(_ response: S3Response, on exchange: inout HTTPExchange) async throws {
        var head = HTTPResponse(status: response.status, headerFields: response.fields)
        switch response.body {
        case .bytes(let bytes):
            try await exchange.respond(head, body: bytes)
        case .lengthOnly(let length):
            head.headerFields[.contentLength] = String(length)
            try await exchange.respond(head)
        case .stored(let pieces, let length):
            head.headerFields[.contentLength] = String(length)
            if pieces.count == 1, length <= Self.pieceBytes {
                let bytes = try await pieces[0].source.read(at: pieces[0].offset, count: Int(length))
                try await exchange.respond(head, body: bytes)
                return
            }
            try await exchange.respond(head) { writer in
                for piece in pieces {
                    for start in stride(from: 0, to: piece.length, by: Int(Self.pieceBytes)) {
                        let count = min(Self.pieceBytes, piece.length - start)
                        try await writer.write(piece.source.read(at: piece.offset + start, count: Int(count)))
                    }
                }
            }
        }
    }

    private func errorResponse(_ error: S3RequestError, to head: HTTPRequest, requestID: String) -> S3Response
    {
        let status = HTTPResponse.Status(code: error.code?.status ?? 500)
        var response = S3Response(status)
        if head.method != .head, error.code != .notModified {
            let path = head.path.map { $0.prefix { $0 != "?" } } ?? ""
            response = S3Response(
                xml: error.document(resource: String(path), requestID: requestID, hostID: hostID),
                status: status
            )
        }
        // What of the object a client must know to ask again.
        switch error.code {
        case .notModified: if let etag = error.detail("ETag") { response.set("etag", etag) }
        case .invalidRange:
            if let size = error.detail("ActualObjectSize") {
                response.set("content-range", "bytes */\(size)")
            }
        default: break
        }
        return response
    }

    private func nextRequestID() -> String {
        let count = requestCount.wrappingAdd(1, ordering: .relaxed).newValue
        let number = UInt64(idPrefix) << 32 | UInt64(count)
        return withUnsafeBytes(of: number.bigEndian) { HexEncoding.encode($0) }.uppercased()
    }

    private var hostID: String { "s3lite-\(idPrefix)" }
}

extension DatabaseError {
    /// What a client is told: a full disk has a code of its own, and a lost disk is not its fault.
    fileprivate var requestError: S3RequestError {
        switch resultCode {
        case .SQLITE_FULL: S3RequestError(.insufficientStorage)
        case .SQLITE_IOERR: S3RequestError(.serviceUnavailable)
        default: S3RequestError(.internalError)
        }
    }
}
