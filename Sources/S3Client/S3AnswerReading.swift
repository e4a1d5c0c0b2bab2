import Curl
import S3Wire

extension TransferResponse {
    /// The object's tag without its quotes.
    var etag: String { unquoted(header("etag") ?? "") }

    /// What the head tells of an object.
    ///
    /// - Parameter size: The whole object's size in bytes.
    /// - Returns: The facts.
    func facts(size: Int) -> S3ObjectFacts {
        let prefix = "x-amz-meta-"
        let own = headers.filter { $0.name.lowercased().hasPrefix(prefix) }
        return S3ObjectFacts(
            size: size,
            etag: etag,
            contentType: header("content-type"),
            metadata: Dictionary(
                own.map { (String($0.name.lowercased().dropFirst(prefix.count)), $0.value) }
            ) { first, _ in first }
        )
    }

    /// Reads the body as a document.
    ///
    /// A store that has said 200 already, to keep the connection alive, can tell of a failure only so.
    ///
    /// - Parameter root: The name its root must have.
    /// - Returns: The root.
    /// - Throws: ``S3ClientError``: what an `Error` document says, or that it is no such document.
    func document(root: String) throws(S3ClientError) -> XMLElement {
        // What exactly is wrong with the document does not help: it is not from an S3 store.
        guard let element = try? XMLElement(parsing: body) else { throw .answerMalformed(status: status) }
        if element.name == "Error" { throw .refused(S3Refusal(self)) }
        guard element.name == root else { throw .answerMalformed(status: status) }
        return element
    }

    /// Compares the body with the checksums the head states; those of parts can't be compared.
    ///
    /// - Throws: ``S3ClientError/checksumMismatch(algorithm:)``.
    func checkBody() throws(S3ClientError) {
        for algorithm in ChecksumAlgorithm.allCases {
            guard let stated = header(algorithm.headerName), !stated.contains("-") else { continue }
            let found = body.withUnsafeBytes { Checksum(algorithm, of: $0).base64 }
            guard found == stated else { throw .checksumMismatch(algorithm: algorithm) }
        }
    }
}

/// A tag without its quotes.
///
/// - Parameter etag: The tag as it is sent.
/// - Returns: What is between the quotes.
func unquoted(_ etag: String) -> String {
    etag.filter { $0 != "\"" }
}
