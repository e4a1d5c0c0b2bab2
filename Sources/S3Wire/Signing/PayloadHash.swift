/// What a request says about its payload in `x-amz-content-sha256`.
package enum PayloadHash: Sendable, Hashable {
    /// The body's SHA-256, 64 lower-case hexadecimal digits.
    case sha256(String)
    /// The body is not covered by the signature.
    case unsigned
    /// The body is aws-chunked, each chunk signed.
    case streamingSigned
    /// The body is aws-chunked, each chunk and the trailer signed.
    case streamingSignedTrailer
    /// The body is aws-chunked and unsigned, a checksum in its trailer.
    case streamingUnsignedTrailer

    /// The text of ``unsigned``.
    package static let unsignedText = "UNSIGNED-PAYLOAD"

    /// The SHA-256 of nothing.
    package static let emptyText = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    /// Reads the header's value.
    ///
    /// - Parameter text: The value of `x-amz-content-sha256`.
    package init?(_ text: String) {
        switch text {
        case Self.unsignedText: self = .unsigned
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": self = .streamingSigned
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": self = .streamingSignedTrailer
        case "STREAMING-UNSIGNED-PAYLOAD-TRAILER": self = .streamingUnsignedTrailer
        default:
            guard HexEncoding.isLowerCase(text, count: 64) else { return nil }
            self = .sha256(text)
        }
    }

    /// Whether the body is aws-chunked.
    package var isStreaming: Bool {
        switch self {
        case .sha256, .unsigned: false
        case .streamingSigned, .streamingSignedTrailer, .streamingUnsignedTrailer: true
        }
    }

    /// Whether a trailer with a checksum follows the last chunk.
    package var hasTrailer: Bool {
        switch self {
        case .sha256, .unsigned, .streamingSigned: false
        case .streamingSignedTrailer, .streamingUnsignedTrailer: true
        }
    }
}
