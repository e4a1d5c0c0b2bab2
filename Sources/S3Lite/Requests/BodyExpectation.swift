import S3Wire

/// What a request says of its body before the body comes; each statement is checked afterwards.
struct BodyExpectation: Sendable {
    let payload: PayloadHash
    /// The size of the plain body.
    let size: Int64
    let md5: [UInt8]?
    let checksum: Checksum?

    /// Reads the headers.
    ///
    /// - Parameters:
    ///   - headers: The request's headers.
    ///   - payload: What the signature says of the payload.
    ///   - maximumSize: The largest body accepted.
    /// - Throws: ``S3RequestError`` for statements that are malformed or exclude each other.
    init(headers: HeaderFields, payload: PayloadHash, maximumSize: Int64) throws(S3RequestError) {
        self.payload = payload
        // Chunks that are not decoded can't be verified, so none is stored.
        guard !payload.isStreaming, headers["x-amz-trailer"] == nil else {
            throw S3RequestError(.notImplemented, "Bodies in aws-chunked encoding are not supported.")
        }
        guard let text = headers["content-length"], let size = Int64(text), size >= 0 else {
            throw S3RequestError(.missingContentLength)
        }
        guard size <= maximumSize else {
            throw S3RequestError(
                .entityTooLarge,
                details: [.init("ProposedSize", text), .init("MaxSizeAllowed", "\(maximumSize)")]
            )
        }
        self.size = size
        md5 = try headers["content-md5"].map { text throws(S3RequestError) in
            guard let bytes = Base64Encoding.decode(text), bytes.count == 16 else {
                throw S3RequestError(.invalidDigest)
            }
            return bytes
        }
        checksum = try Self.checksum(headers)
        if headers["x-amz-sdk-checksum-algorithm"] != nil && checksum == nil {
            throw S3RequestError(
                .invalidRequest,
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* header was found."
            )
        }
    }

    /// What to compute of the body.
    ///
    /// - Parameter wanted: The checksum to compute if the body comes with none.
    /// - Returns: What is needed to check and to keep it.
    func plan(computing wanted: ChecksumAlgorithm? = nil) -> BodyDigest.Plan {
        var plan = BodyDigest.Plan(wantsSHA256: false, checksum: checksum?.algorithm ?? wanted)
        if case .sha256 = payload { plan.wantsSHA256 = true }
        return plan
    }

    private static let otherChecksumHeaders: Set = ["x-amz-checksum-type", "x-amz-checksum-algorithm"]

    private static func checksum(_ headers: HeaderFields) throws(S3RequestError) -> Checksum? {
        let stated = headers.fields.filter {
            $0.name.hasPrefix("x-amz-checksum-") && !otherChecksumHeaders.contains($0.name)
        }
        guard stated.count <= 1 else {
            throw S3RequestError(.invalidRequest, "Expecting a single x-amz-checksum- header.")
        }
        guard let field = stated.first else { return nil }
        guard let algorithm = ChecksumAlgorithm(headerName: field.name),
            let checksum = Checksum(algorithm, base64: field.value)
        else { throw S3RequestError(.invalidRequest, "Value for \(field.name) header is invalid.") }
        return checksum
    }

    /// Compares the body that came with what was said of it.
    ///
    /// - Parameter digest: The digest of the body.
    /// - Throws: ``S3RequestError`` of the first statement that is wrong.
    func check(_ digest: BodyDigest) throws(S3RequestError) {
        guard digest.byteCount == size else { throw S3RequestError(.incompleteBody) }
        if case .sha256(let stated) = payload, digest.sha256Text != stated {
            throw S3RequestError(
                .contentSHA256Mismatch,
                details: [
                    .init("ClientComputedContentSHA256", stated),
                    .init("S3ComputedContentSHA256", digest.sha256Text ?? ""),
                ]
            )
        }
        if let md5, digest.md5Bytes != md5 { throw S3RequestError(.badDigest) }
        if let checksum, digest.checksum != checksum {
            throw S3RequestError(
                .badDigest,
                "The \(checksum.algorithm.rawValue) you specified did not match the calculated checksum."
            )
        }
    }
}
