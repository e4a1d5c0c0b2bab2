import S3Wire

/// Writes bodies in aws-chunked encoding, right or wrong.
struct ChunkedBody: Sendable {
    /// The form, as `x-amz-content-sha256` names it.
    var payloadHash = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    var chunkBytes = 65_536
    /// What `x-amz-decoded-content-length` says; nil for the truth.
    var declaredSize: Int?
    /// What `x-amz-trailer` says.
    var declaredTrailer: String?
    /// The lines of the trailer.
    var trailer: [String] = []
    /// Changes the bytes that are sent.
    var damage: @Sendable (inout [UInt8]) -> Void = { _ in }
    /// Changes each signature on its way.
    var forge: @Sendable (String) -> String = { $0 }

    static let signedTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    static let unsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

    /// Encodes a body.
    func encode(_ plain: [UInt8], _ signatures: ChunkSignatures) -> [UInt8] {
        var signatures = signatures
        let isSigned = payloadHash != Self.unsignedTrailer
        var output: [UInt8] = []
        func line(_ chunk: [UInt8]) -> [UInt8] {
            guard isSigned else { return Array("\(String(chunk.count, radix: 16))\r\n".utf8) }
            let hash = chunk.withUnsafeBytes { PayloadDigest.sha256($0) }
            let signature = forge(signatures.sign(chunk: hash))
            return Array("\(String(chunk.count, radix: 16));chunk-signature=\(signature)\r\n".utf8)
        }
        for start in stride(from: 0, to: plain.count, by: chunkBytes) {
            let chunk = Array(plain[start..<min(start + chunkBytes, plain.count)])
            output += line(chunk) + chunk + Array("\r\n".utf8)
        }
        output += line([])
        for field in trailer { output += Array("\(field)\r\n".utf8) }
        if payloadHash == Self.signedTrailer {
            let canonical = trailer.map { "\($0)\n" }.joined()
            output += Array("x-amz-trailer-signature:\(forge(signatures.sign(trailer: canonical)))\r\n".utf8)
        }
        output += Array("\r\n".utf8)
        damage(&output)
        return output
    }
}
