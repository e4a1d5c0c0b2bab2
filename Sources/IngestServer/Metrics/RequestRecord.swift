import Logging

/// What a server has an answer for.
enum Endpoint: String, Sendable {
    case blocking
    case async
    case health
    case ready
    case metrics
    case loopBlocks = "loop_blocks"
    case other

    /// Finds the endpoint of a path.
    ///
    /// - Parameter path: The target of a request, without its query.
    init(path: Substring) {
        switch path {
        case "/health": self = .health
        case "/ready": self = .ready
        case "/metrics": self = .metrics
        case "/debug/loop-blocks": self = .loopBlocks
        default:
            switch IngestRoute(path: path) {
            case .blocking: self = .blocking
            case .async: self = .async
            case nil: self = .other
            }
        }
    }
}

/// What is known of a request when it is over, for the log and the metrics.
struct RequestRecord: Sendable {
    let id: String
    let endpoint: Endpoint
    /// The answer's status; nil if there was nobody to answer any more.
    var status: Int?
    /// The error, if it was one.
    var code: IngestError.Code?
    /// The body's bytes that were read.
    var bodyBytes = 0
    var seconds = 0.0
    var segments: [StageTimer.Segment] = []
    var receipt: IngestReceipt?
    var orphans = 0

    /// Begins a record.
    ///
    /// - Parameters:
    ///   - id: The request's id.
    ///   - endpoint: What was asked for.
    init(id: String, endpoint: Endpoint) {
        self.id = id
        self.endpoint = endpoint
    }

    /// Writes one line: uploads and what is refused at info, probes at debug.
    ///
    /// - Parameter logger: Where to.
    func write(to logger: Logger) {
        let isUpload = endpoint == .blocking || endpoint == .async
        let level: Logger.Level = isUpload || code != nil ? .info : .debug
        guard logger.logLevel <= level else { return }
        var fields: Logger.Metadata = [
            "id": "\(id)", "route": "\(endpoint.rawValue)", "status": "\(status.map { "\($0)" } ?? "none")",
            "ms": "\(milliseconds(seconds))",
        ]
        if let code { fields["code"] = "\(code.rawValue)" }
        if isUpload { fields["bytes"] = "\(bodyBytes)" }
        if let receipt {
            fields["pages"] = "\(receipt.pageCount)"
            fields["images"] = "\(receipt.images.count)"
        }
        for segment in segments {
            switch segment.stage {
            case .put, .total: break
            default:
                let seconds = Double(segment.end &- segment.start) / 1e9
                fields["ms_\(segment.stage.name)"] = "\(milliseconds(seconds))"
            }
        }
        logger.log(level: level, "request", metadata: fields)
    }

    private func milliseconds(_ seconds: Double) -> Double { (seconds * 1e4).rounded() / 10 }
}
