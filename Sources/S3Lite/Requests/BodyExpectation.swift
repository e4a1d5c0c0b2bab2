import S3Wire

/// What a request says of its body before the body comes; each statement is checked afterwards.
struct BodyExpectation: Sendable {
    let payload: PayloadHash
    /// The size of the plain body.
    let size: Int64
    let md5: [UInt8]?
    let checksum: Checksum?
    /// The algorithm of the checksum that the trailer must bring.
    let trailer: ChecksumAlgorithm?

    /// Reads the headers.
    ///
    /// - Parameters:
    ///   - headers: The request's headers.
    ///   - payload: What the signature says of the payload.
    ///   - maximumSize: The largest body accepted.
    /// - Throws: ``S3RequestError`` for statements that are malformed or exclude each other.
    init(headers: HeaderFields, payload: PayloadHash, maximumSize: Int64) throws(S3RequestError) {
        self.payload = payload
        let (text, size) = try Self.declaredSize(headers, payload)
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
        trailer = try Self.trailer(headers, payload)
        guard checksum == nil || trailer == nil else {
            throw S3RequestError(
                .invalidRequest,
                "Expecting a single checksum, in a header or in the trailer."
            )
        }
        try Self.checkAnnouncement(headers, checksum?.algorithm ?? trailer)
    }

    /// The size of the plain body: chunks come with one of their own, and need no Content-Length.
    private static func declaredSize(
        _ headers: HeaderFields,
        _ payload: PayloadHash
    ) throws(S3RequestError) -> (text: String, size: Int64) {
        let isChunked = payload.isStreaming || headers["transfer-encoding"] != nil
        guard let text = headers[isChunked ? "x-amz-decoded-content-length" : "content-length"],
            let size = Int64(text), size >= 0
        else { throw S3RequestError(.missingContentLength) }
        return (text, size)
    }

    private static func trailer(
        _ headers: HeaderFields,
        _ payload: PayloadHash
    ) throws(S3RequestError) -> ChecksumAlgorithm? {
        guard let name = headers["x-amz-trailer"]?.lowercased() else { return nil }
        guard payload.hasTrailer else {
            throw S3RequestError(.invalidRequest, "x-amz-trailer needs a payload with a trailer.")
        }
        guard let algorithm = ChecksumAlgorithm(headerName: name) else {
            throw S3RequestError(
                .invalidRequest,
                "The value specified in the x-amz-trailer header is not supported"
            )
        }
        return algorithm
    }

    /// An algorithm that is announced must come, and must be the one that came.
    private static func checkAnnouncement(
        _ headers: HeaderFields,
        _ stated: ChecksumAlgorithm?
    ) throws(S3RequestError) {
        guard let text = headers["x-amz-sdk-checksum-algorithm"] else { return }
        guard let announced = ChecksumAlgorithm(rawValue: text.uppercased()), announced == stated else {
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
        var plan = BodyDigest.Plan(wantsSHA256: false, checksum: checksum?.algorithm ?? trailer ?? wanted)
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
    /// - Parameters:
    ///   - digest: The digest of the body.
    ///   - fields: The trailer's fields; nil where there can be none.
    /// - Throws: ``S3RequestError`` of the first statement that is wrong.
    func check(_ digest: BodyDigest, trailer fields: HeaderFields?) throws(S3RequestError) {
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
        let trailed = try trailerChecksum(fields)
        if let stated = checksum ?? trailed, digest.checksum != stated {
            throw S3RequestError(
                .badDigest,
                "The \(stated.algorithm.rawValue) you specified did not match the calculated checksum."
            )
        }
    }

    /// The trailer brings what was declared, and nothing else.
    private func trailerChecksum(_ fields: HeaderFields?) throws(S3RequestError) -> Checksum? {
        guard let fields else { return nil }
        guard fields.fields.map(\.name) == (trailer.map { [$0.headerName] } ?? []) else {
            throw S3RequestError(.malformedTrailer)
        }
        guard let trailer, let text = fields[trailer.headerName] else { return nil }
        guard let checksum = Checksum(trailer, base64: text) else {
            throw S3RequestError(
                .invalidRequest,
                "Value for \(trailer.headerName) trailing header is invalid."
            )
        }
        return checksum
    }
}
