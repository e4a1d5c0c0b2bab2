import S3Wire

/// The checksum an upload in parts was begun with: which one, and what it will cover.
struct MultipartChecksum: Sendable {
    /// The algorithm of every part's checksum; nil if the upload has none.
    let algorithm: ChecksumAlgorithm?
    /// What the object's checksum covers.
    let kind: StoredObject.ChecksumKind

    /// Reads the headers that begin an upload.
    ///
    /// - Parameter headers: The request's headers.
    /// - Throws: ``S3RequestError`` (InvalidRequest) for a pair that does not exist.
    init(headers: HeaderFields) throws(S3RequestError) {
        let type = headers["x-amz-checksum-type"]?.uppercased()
        guard let name = headers["x-amz-checksum-algorithm"] else {
            guard type == nil else {
                throw S3RequestError(
                    .invalidRequest,
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
                )
            }
            (algorithm, kind) = (nil, .composite)
            return
        }
        guard let algorithm = ChecksumAlgorithm(rawValue: name.uppercased()) else {
            throw S3RequestError(
                .invalidRequest,
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
                    + "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"
            )
        }
        let usual: StoredObject.ChecksumKind = algorithm == .crc64nvme ? .fullObject : .composite
        let kind = type.map { StoredObject.ChecksumKind(rawValue: $0) } ?? usual
        guard let kind else {
            throw S3RequestError(.invalidRequest, "Value for x-amz-checksum-type header is invalid.")
        }
        guard kind == .fullObject ? algorithm.isCombinable : algorithm != .crc64nvme else {
            throw S3RequestError(
                .invalidRequest,
                "The \(kind.rawValue) checksum type cannot be used with the \(algorithm.rawValue) algorithm."
            )
        }
        self.algorithm = algorithm
        self.kind = kind
    }

    /// Takes what an upload was begun with.
    ///
    /// - Parameter upload: The upload.
    init(_ upload: StoredUpload) {
        (algorithm, kind) = (upload.checksum, upload.kind)
    }

    /// The checksum of an object in parts.
    ///
    /// - Parameter parts: The parts in order.
    /// - Returns: The checksum; nil if the upload has none.
    func checksum(of parts: [StoredPart]) -> StoredChecksum? {
        guard let algorithm else { return nil }
        let pieces = parts.compactMap { part in
            part.checksum?.value.map { (checksum: $0, size: part.size) }
        }
        guard pieces.count == parts.count else { return nil }
        switch kind {
        case .fullObject:
            return Checksum.combining(pieces, algorithm).map { StoredChecksum($0) }
        case .composite:
            var digest = BodyDigest(.init(wantsSHA256: false, checksum: algorithm))
            for piece in pieces { piece.checksum.bytes.withUnsafeBytes { digest.update($0) } }
            return digest.checksum.map {
                StoredChecksum(algorithm: algorithm, text: "\($0.base64)-\(parts.count)", kind: .composite)
            }
        }
    }

    /// Compares what a completion says of the whole object with the object.
    ///
    /// - Parameters:
    ///   - headers: The completion's headers.
    ///   - checksum: The object's checksum.
    ///   - size: The object's size.
    /// - Throws: ``S3RequestError``: BadDigest or InvalidRequest.
    static func check(
        _ headers: HeaderFields,
        _ checksum: StoredChecksum?,
        size: Int64
    ) throws(S3RequestError) {
        if let stated = headers["x-amz-mp-object-size"], Int64(stated) != size {
            throw S3RequestError(
                .invalidRequest,
                "The provided 'x-amz-mp-object-size' header value \(stated) does not match what was computed: \(size)"
            )
        }
        if let type = headers["x-amz-checksum-type"], let checksum,
            type.uppercased() != checksum.kind.rawValue
        {
            throw S3RequestError(.invalidRequest, "The upload was created with another checksum type.")
        }
        for algorithm in ChecksumAlgorithm.allCases {
            guard let stated = headers[algorithm.headerName] else { continue }
            let plain = stated.prefix { $0 != "-" }
            guard Checksum(algorithm, base64: String(plain)) != nil else {
                throw S3RequestError(.invalidRequest, "Value for \(algorithm.headerName) header is invalid.")
            }
            let expected = checksum?.text ?? ""
            guard checksum?.algorithm == algorithm,
                stated == expected || plain == expected.prefix(while: { $0 != "-" })
            else {
                throw S3RequestError(
                    .badDigest,
                    "The \(algorithm.rawValue) you specified did not match the calculated checksum."
                )
            }
        }
    }
}
