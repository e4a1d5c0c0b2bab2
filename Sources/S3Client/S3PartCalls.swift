import Curl
import S3Wire

/// A part that was stored.
struct S3UploadedPart: Sendable {
    let number: Int
    let etag: String
    let checksum: String?
}

/// An object on its way in parts: what both clients ask for, the one in turn and the other side by side.
struct S3LargePut: Sendable {
    /// S3 takes no more parts, and none smaller but the last.
    private static let maximumParts = 10_000
    private static let minimumBytes = 5 << 20

    private let bucket: String
    private let key: String
    private let body: S3Body
    private let details: S3PutDetails
    /// The offsets of the parts in order.
    private let ranges: [Range<Int>]

    /// Cuts a body.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - key: The object's key.
    ///   - body: The bytes.
    ///   - details: What is stored with them, and when.
    ///   - partSize: How large the parts shall be; made larger where the store would not take them.
    init(_ bucket: String, _ key: String, _ body: S3Body, _ details: S3PutDetails, partSize: Int) {
        (self.bucket, self.key, self.body, self.details) = (bucket, key, body, details)
        let count = body.count
        let size = max(partSize, Self.minimumBytes, (count + Self.maximumParts - 1) / Self.maximumParts)
        ranges = stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    }

    /// The numbers of the parts.
    var numbers: Range<Int> { 1..<ranges.count + 1 }

    /// Stores the object at once; nil if it has more than one part.
    var whole: S3Call<S3StoredObject>? { ranges.count > 1 ? nil : .put(bucket, key, body, details) }

    /// Begins; answers the upload's id.
    var begin: S3Call<String> { .createUpload(bucket, key, details) }

    /// Stores one part.
    func part(_ number: Int, of upload: String) -> S3Call<S3UploadedPart> {
        let slice = body.slice(ranges[number - 1])
        return .uploadPart(bucket, key, upload: upload, number: number, slice, checksum: details.checksum)
    }

    /// Makes the object of its parts, in whatever order they were sent.
    func complete(_ parts: [S3UploadedPart], of upload: String) -> S3Call<S3StoredObject> {
        let sorted = parts.sorted { $0.number < $1.number }
        return .completeUpload(bucket, key, upload: upload, sorted, details)
    }

    /// Gives up; what can't be given up expires in the store.
    func abort(_ upload: String) -> S3Call<Void> { .abortUpload(bucket, key, upload: upload) }
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
        let stated = checksum.map { Checksum($0, of: body.bytes.bytes).base64 }
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
