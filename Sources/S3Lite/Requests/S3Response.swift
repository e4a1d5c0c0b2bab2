import HTTPTypes
import NIOCore
import S3Wire

/// An answer that is decided but not yet sent.
struct S3Response: Sendable {
    /// What follows the headers.
    enum Body: Sendable {
        case bytes(ByteBuffer)
        /// Pieces of stored bodies, with their total length.
        case stored([StoredPiece], length: Int64)
        /// Nothing, for HEAD, which still tells the length.
        case lengthOnly(Int64)
    }

    /// Part of a stored body.
    struct StoredPiece: Sendable {
        let source: BodySource
        let offset: Int64
        let length: Int64
    }

    var status: HTTPResponse.Status
    var fields = HTTPFields()
    var body = Body.bytes(ByteBuffer())
    /// Whether nothing that follows on the connection can be believed.
    var closesConnection = false

    /// Makes an answer without a body.
    ///
    /// - Parameter status: The status.
    init(_ status: HTTPResponse.Status) {
        self.status = status
    }

    /// Makes an answer that is a document.
    ///
    /// - Parameters:
    ///   - xml: The document.
    ///   - status: The status.
    init(xml: [UInt8], status: HTTPResponse.Status = .ok) {
        self.init(status)
        fields[.contentType] = "application/xml"
        body = .bytes(ByteBuffer(bytes: xml))
    }

    /// Adds a header whose name is not known to be valid; one that is not is left out.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - value: The value.
    mutating func set(_ name: String, _ value: String) {
        guard let name = HTTPField.Name(name) else { return }
        fields[name] = value
    }
}
