import NIOCore
import S3Wire

/// One request: what is its own, and the rest of its body, which it shares with the others.
struct BenchRequest {
    let head: ByteBuffer
    var rest = ByteBuffer()
}

/// Makes the requests before the clock runs: each has a URL of its own, presigned by Signature Version 4.
struct PresignedRequests {
    private let options: BenchOptions
    private let signer: RequestSigner

    init(_ options: BenchOptions, _ credentials: S3Credentials) {
        self.options = options
        signer = RequestSigner(credentials: credentials, region: "us-east-1")
    }

    private var authority: String { "\(options.host):\(options.port)" }

    /// The request that makes the bucket.
    func bucket() -> BenchRequest {
        BenchRequest(head: head("PUT", "/\(options.bucket)", bodyBytes: 0))
    }

    /// All requests of a run, in the order they are sent.
    func all() -> [BenchRequest] {
        let body = ByteBuffer(bytes: (0..<options.size).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 3) })
        return (options.first..<options.first + options.count).map { number in
            if let list = options.list {
                return BenchRequest(head: head("GET", "/\(options.bucket)?\(list)", bodyBytes: nil))
            }
            let target = "/\(options.bucket)/\(options.prefix)/\(number / 1000)/\(number)"
            guard options.method == "PUT" else {
                return BenchRequest(head: head(options.method, target, bodyBytes: nil))
            }
            var (head, rest) = (head("PUT", target, bodyBytes: options.size), body)
            // No two objects are the same: a store may keep equal ones once.
            if options.size >= 8 {
                head.writeInteger(number)
                rest.moveReaderIndex(forwardBy: 8)
            }
            // Small requests go out in one write.
            if rest.readableBytes < 64 * 1024 {
                head.writeBuffer(&rest)
                rest = ByteBuffer()
            }
            return BenchRequest(head: head, rest: rest)
        }
    }

    private func head(_ method: String, _ target: String, bodyBytes: Int?) -> ByteBuffer {
        // A target that is written here is well-formed.
        guard let plain = try? RequestTarget(parsing: target) else { fatalError("malformed: \(target)") }
        let signed = signer.presign(
            method: method,
            target: plain,
            authority: authority,
            expirySeconds: 3600,
            at: .now()
        )
        var text = "\(method) \(signed.encoded) HTTP/1.1\r\nHost: \(authority)\r\n"
        if let bodyBytes { text += "Content-Length: \(bodyBytes)\r\n" }
        return ByteBuffer(string: text + "\r\n")
    }
}
