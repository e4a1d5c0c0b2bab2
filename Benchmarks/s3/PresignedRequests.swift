import NIOCore
import S3Wire

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
    func bucket() -> ByteBuffer { request("PUT", "/\(options.bucket)", body: ByteBuffer()) }

    /// All requests of a run, in the order they are sent.
    func all() -> [ByteBuffer] {
        let body = ByteBuffer(bytes: (0..<options.size).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 3) })
        return (options.first..<options.first + options.count).map { number in
            if let list = options.list { return request("GET", "/\(options.bucket)?\(list)", body: nil) }
            let target = "/\(options.bucket)/\(options.prefix)/\(number / 1000)/\(number)"
            guard options.method == "PUT" else { return request(options.method, target, body: nil) }
            var own = body
            // No two objects are the same: a store may keep equal ones once.
            if options.size >= 8 { own.setInteger(number, at: 0) }
            return request("PUT", target, body: own)
        }
    }

    private func request(_ method: String, _ target: String, body: ByteBuffer?) -> ByteBuffer {
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
        if let body { text += "Content-Length: \(body.readableBytes)\r\n" }
        var buffer = ByteBuffer(string: text + "\r\n")
        if let body { buffer.writeImmutableBuffer(body) }
        return buffer
    }
}
