import HTTPServing
import HTTPTypes
import NIOCore

/// The way one request is answered: the headers every answer has, and errors as JSON.
struct Answer: Sendable {
    let requestID: String
    let timer: StageTimer
    private let clockDomain: String

    /// Begins the answer to a request.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - clockDomain: Names the machine since its boot, so that clients know whose clock the times are of.
    init(to exchange: borrowing HTTPExchange, clockDomain: String) {
        self.requestID = exchange.head.usableRequestID ?? Self.newRequestID()
        self.timer = StageTimer(zero: exchange.start.uptimeNanoseconds) {
            NIODeadline.now().uptimeNanoseconds
        }
        self.clockDomain = clockDomain
    }

    /// Begins the answer to a request whose head can't be read.
    ///
    /// - Parameter clockDomain: Names the machine since its boot.
    init(clockDomain: String) {
        self.requestID = Self.newRequestID()
        self.timer = StageTimer(zero: NIODeadline.now().uptimeNanoseconds) {
            NIODeadline.now().uptimeNanoseconds
        }
        self.clockDomain = clockDomain
    }

    /// Answers with 200 and JSON.
    ///
    /// - Parameters:
    ///   - json: The body.
    ///   - exchange: The request.
    /// - Throws: What the connection says.
    func send(_ json: ByteBuffer, on exchange: inout HTTPExchange) async throws {
        try await exchange.respond(HTTPResponse(status: .ok, headerFields: headers()), body: json)
    }

    /// Answers whether the server can serve uploads.
    ///
    /// - Parameters:
    ///   - reasons: Why it can't; none if it can.
    ///   - exchange: The request.
    /// - Throws: What the connection says.
    func send(notReady reasons: [String], on exchange: inout HTTPExchange) async throws {
        if reasons.isEmpty {
            try await send(ByteBuffer(staticString: #"{"status":"ready"}"#), on: &exchange)
            return
        }
        let list = reasons.map { "\"\($0)\"" }.joined(separator: ",")
        try await exchange.respond(
            HTTPResponse(status: .serviceUnavailable, headerFields: headers()),
            body: ByteBuffer(string: #"{"status":"not_ready","reasons":[\#(list)]}"#)
        )
    }

    /// Answers with 200 and metrics in Prometheus' text format.
    ///
    /// - Parameters:
    ///   - metrics: The body.
    ///   - exchange: The request.
    /// - Throws: What the connection says.
    func send(metrics: String, on exchange: inout HTTPExchange) async throws {
        var headers = headers()
        headers[.contentType] = "text/plain; version=0.0.4; charset=utf-8"
        try await exchange.respond(
            HTTPResponse(status: .ok, headerFields: headers),
            body: ByteBuffer(string: metrics)
        )
    }

    /// Answers with an error.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - orphans: The keys of images that could not be deleted.
    ///   - retryAfter: When a server that is busy should be tried again, in seconds.
    ///   - exchange: The request.
    /// - Throws: What the connection says.
    func send(
        _ error: IngestError,
        orphans: [String],
        retryAfter: Int,
        on exchange: inout HTTPExchange
    ) async throws {
        var headers = headers()
        switch error {
        case .methodNotAllowed(_, _, let allowed): headers[.allow] = allowed
        case _ where error.code.status == .serviceUnavailable: headers[.retryAfter] = "\(retryAfter)"
        default: break
        }
        if [.draining, .requestTimeout, .badRequest].contains(error.code) { headers[.connection] = "close" }
        let response = HTTPResponse(status: error.code.status, headerFields: headers)
        try await exchange.respond(response, body: error.json(orphans: orphans))
    }

    /// The headers of every answer, as of now.
    func headers() -> HTTPFields {
        [
            .contentType: "application/json",
            .serverTiming: timer.serverTiming(),
            .serverClock: "\(clockDomain) \(timer.zero)",
            .requestID: requestID,
        ]
    }

    private static func newRequestID() -> String {
        var generator = SystemRandomNumberGenerator()
        return randomUUID(using: &generator)
    }
}

extension IngestError {
    /// Writes the error as the JSON clients get.
    ///
    /// - Parameter orphans: The keys of images that could not be deleted; left out if there are none.
    /// - Returns: A buffer with nothing else.
    func json(orphans: [String]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeStaticString("{\"error\":{\"code\":")
        buffer.writeJSON(code.rawValue)
        buffer.writeStaticString(",\"message\":")
        buffer.writeJSON(message)
        buffer.writeStaticString(",\"hint\":")
        buffer.writeJSON(hint)
        if !orphans.isEmpty {
            buffer.writeStaticString(",\"orphans\":")
            for (count, key) in orphans.enumerated() {
                buffer.writeStaticString(count == 0 ? "[" : ",")
                buffer.writeJSON(key)
            }
            buffer.writeInteger(UInt8(ascii: "]"))
        }
        buffer.writeStaticString("}}")
        return buffer
    }
}

extension HTTPRequest {
    /// The client's own request id, if it is one that can be logged and repeated.
    fileprivate var usableRequestID: String? {
        guard let id = headerFields[.requestID], (1...64).contains(id.utf8.count) else { return nil }
        let isUsable = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isUsable ? id : nil
    }
}
