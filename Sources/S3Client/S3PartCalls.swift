import Curl
import S3Wire

/// A part that was stored.
struct S3UploadedPart: Sendable {
    let number: Int
    let etag: String
    let checksum: String?
}

/// How a large body is cut.
struct S3PartPlan {
    /// S3 takes no more parts, and none smaller but the last.
    private static let maximumParts = 10_000
    private static let minimumBytes = 5 << 20

    /// The offsets of the parts in order.
    let ranges: [Range<Int>]

    /// Cuts a body.
    ///
    /// - Parameters:
    ///   - count: Its size in bytes.
    ///   - partSize: How large the parts shall be; made larger where the store would not take them.
    init(count: Int, partSize: Int) {
        let size = max(partSize, Self.minimumBytes, (count + Self.maximumParts - 1) / Self.maximumParts)
        ranges = stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    }
}

extension S3Call where Answer == String {
    static func createUpload(_ bucket: String, _ key: String, _ details: S3PutDetails) -> S3Call {
        var headers = details.headers(for: nil)
        if let checksum = details.checksum { headers.append("x-amz-checksum-algorithm", checksum.rawValue) }
        return S3Call(
            method: "POST",
            bucket: bucket,
            key: key,
            query: [.init("uploads")],
            headers: headers
        ) { response throws(S3ClientError) in
            let root = try response.document(root: "InitiateMultipartUploadResult")
            guard let id = root.childText("UploadId") else { throw .answerMalformed(status: response.status) }
            return id
        }
    }
}

extension S3Call where Answer == S3UploadedPart {
    static func uploadPart(
        _ bucket: String,
        _ key: String,
        upload: String,
        number: Int,
        _ body: S3Body,
        checksum: ChecksumAlgorithm?
    ) -> S3Call {
        var headers = HeaderFields()
        let stated = checksum.flatMap { body.bytes.digest($0).checksum?.base64 }
        if let checksum, let stated { headers.append(checksum.headerName, stated) }
        return S3Call(
            method: "PUT",
            bucket: bucket,
            key: key,
            query: [.init("partNumber", "\(number)"), .init("uploadId", upload)],
            headers: headers,
            body: body.bytes
        ) { S3UploadedPart(number: number, etag: $0.etag, checksum: stated) }
    }
}

extension S3Call where Answer == S3StoredObject {
    static func completeUpload(
        _ bucket: String,
        _ key: String,
        upload: String,
        _ parts: [S3UploadedPart],
        _ details: S3PutDetails
    ) -> S3Call {
        var xml = XMLWriter()
        xml.root("CompleteMultipartUpload") { xml in
            for part in parts {
                xml.element("Part") { xml in
                    xml.text("PartNumber", "\(part.number)")
                    xml.text("ETag", "\"\(part.etag)\"")
                    if let algorithm = details.checksum, let checksum = part.checksum {
                        xml.text("Checksum\(algorithm.rawValue)", checksum)
                    }
                }
            }
        }
        var headers = HeaderFields(["content-type": "application/xml"])
        switch details.condition {
        case .ifAbsent: headers.append("if-none-match", "*")
        case .ifMatches(let etag): headers.append("if-match", "\"\(etag)\"")
        case nil: break
        }
        return S3Call(
            method: "POST",
            bucket: bucket,
            key: key,
            query: [.init("uploadId", upload)],
            headers: headers,
            body: SharedBytes(copying: xml.bytes)
        ) { response throws(S3ClientError) in
            let root = try response.document(root: "CompleteMultipartUploadResult")
            return S3StoredObject(etag: unquoted(root.childText("ETag") ?? ""))
        }
    }
}

extension S3Call where Answer == Void {
    static func abortUpload(_ bucket: String, _ key: String, upload: String) -> S3Call {
        S3Call(method: "DELETE", bucket: bucket, key: key, query: [.init("uploadId", upload)]) { _ in }
    }
}
