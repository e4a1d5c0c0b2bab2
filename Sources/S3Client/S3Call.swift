import Curl
import S3Wire

/// One call of the protocol: what to send, and how to read the answer.
struct S3Call<Answer> {
    let method: String
    let bucket: String?
    var key: String?
    var query: [RequestTarget.QueryItem] = []
    var headers = HeaderFields()
    var body: SharedBytes?
    /// What to answer where a repeated call finds that it had been carried out: the object's tag, and the answer.
    var own: (etag: String, answer: Answer)?
    /// Reads an answer whose status says success.
    let read: (TransferResponse) throws(S3ClientError) -> Answer
}

extension S3Call where Answer == Void {
    static func createBucket(_ bucket: String, region: String) -> S3Call {
        var call = S3Call(method: "PUT", bucket: bucket) { _ in }
        if region != "us-east-1" {
            var xml = XMLWriter()
            xml.root("CreateBucketConfiguration") { $0.text("LocationConstraint", region) }
            call.body = SharedBytes(copying: xml.bytes)
        }
        return call
    }

    static func headBucket(_ bucket: String) -> S3Call {
        S3Call(method: "HEAD", bucket: bucket) { _ in }
    }

    static func deleteBucket(_ bucket: String) -> S3Call {
        S3Call(method: "DELETE", bucket: bucket) { _ in }
    }

    static func delete(_ bucket: String, _ key: String) -> S3Call {
        S3Call(method: "DELETE", bucket: bucket, key: key) { _ in }
    }
}

/// What is stored with an object, and when.
struct S3PutDetails: Sendable {
    var contentType: String
    var metadata: [String: String] = [:]
    var condition: S3WriteCondition?
    var checksum: ChecksumAlgorithm?

    /// The headers that say so.
    func headers(for body: SharedBytes?) -> HeaderFields {
        var headers = HeaderFields(["content-type": contentType])
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            headers.append("x-amz-meta-\(name.lowercased())", value)
        }
        switch condition {
        case .ifAbsent: headers.append("if-none-match", "*")
        case .ifMatches(let etag): headers.append("if-match", "\"\(etag)\"")
        case nil: break
        }
        if let checksum, let body {
            headers.append(checksum.headerName, Checksum(checksum, of: body.bytes).base64)
        }
        return headers
    }
}

extension S3ClientOptions {
    /// What is stored with an object by a client of these options.
    func details(
        _ contentType: String,
        _ metadata: [String: String],
        _ condition: S3WriteCondition?
    ) -> S3PutDetails {
        S3PutDetails(
            contentType: contentType,
            metadata: metadata,
            condition: condition,
            checksum: checksum
        )
    }
}

extension SharedBytes {
    /// The MD5 of the bytes.
    var md5: [UInt8] {
        var digest = BodyDigest(.init(wantsSHA256: false))
        digest.update(bytes)
        return digest.md5Bytes
    }
}

extension S3Call where Answer == S3StoredObject {
    static func put(_ bucket: String, _ key: String, _ body: S3Body, _ details: S3PutDetails) -> S3Call {
        var call = S3Call(
            method: "PUT",
            bucket: bucket,
            key: key,
            headers: details.headers(for: body.bytes),
            body: body.bytes
        ) { S3StoredObject(etag: $0.etag) }
        if details.condition == .ifAbsent {
            let etag = HexEncoding.encode(body.bytes.md5)
            call.own = (etag, S3StoredObject(etag: etag))
        }
        return call
    }

    static func copy(_ source: (bucket: String, key: String), to bucket: String, _ key: String) -> S3Call {
        let path = PercentEncoding.encode("/\(source.bucket)/\(source.key)".utf8, as: .path)
        return S3Call(
            method: "PUT",
            bucket: bucket,
            key: key,
            headers: HeaderFields(["x-amz-copy-source": path])
        ) { response throws(S3ClientError) in
            let root = try response.document(root: "CopyObjectResult")
            return S3StoredObject(etag: unquoted(root.childText("ETag") ?? ""))
        }
    }
}

extension S3Call where Answer == [S3BucketFacts] {
    static func buckets() -> S3Call {
        S3Call(method: "GET", bucket: nil) { response throws(S3ClientError) in
            let root = try response.document(root: "ListAllMyBucketsResult")
            return (root.child("Buckets")?.children("Bucket") ?? []).map {
                S3BucketFacts(name: $0.childText("Name") ?? "", created: $0.childText("CreationDate") ?? "")
            }
        }
    }
}

extension S3Call where Answer == S3Object {
    static func get(
        _ bucket: String,
        _ key: String,
        range: Range<Int>?,
        condition: S3ReadCondition?,
        checksum: ChecksumAlgorithm?
    ) -> S3Call {
        var headers = HeaderFields()
        if let range { headers.append("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)") }
        switch condition {
        case .ifMatches(let etag): headers.append("if-match", "\"\(etag)\"")
        case .ifNoneMatches(let etag): headers.append("if-none-match", "\"\(etag)\"")
        case nil: break
        }
        let checks = checksum != nil && range == nil
        if checks { headers.append("x-amz-checksum-mode", "ENABLED") }
        return S3Call(method: "GET", bucket: bucket, key: key, headers: headers) {
            response throws(S3ClientError) in
            if checks { try response.checkBody() }
            // A ranged answer names the whole size after the slash: bytes 0-9/443.
            let whole = response.header("content-range")?.split(separator: "/").last.flatMap { Int($0) }
            return S3Object(bytes: response.body, facts: response.facts(size: whole ?? response.body.count))
        }
    }
}

extension S3Call where Answer == S3ObjectFacts {
    static func head(_ bucket: String, _ key: String) -> S3Call {
        S3Call(method: "HEAD", bucket: bucket, key: key) { response throws(S3ClientError) in
            guard let size = response.header("content-length").flatMap({ Int($0) }) else {
                throw .answerMalformed(status: response.status)
            }
            return response.facts(size: size)
        }
    }
}

extension S3Call where Answer == [S3DeletionFailure] {
    static func deleteMany(_ bucket: String, _ keys: some Sequence<String>) -> S3Call {
        var xml = XMLWriter()
        xml.root("Delete") { xml in
            xml.text("Quiet", "true")
            for key in keys { xml.element("Object") { $0.text("Key", key) } }
        }
        let body = SharedBytes(copying: xml.bytes)
        return S3Call(
            method: "POST",
            bucket: bucket,
            query: [.init("delete")],
            headers: HeaderFields([
                "content-type": "application/xml", "content-md5": Base64Encoding.encode(body.md5),
            ]),
            body: body
        ) { response throws(S3ClientError) in
            try response.document(root: "DeleteResult").children("Error").map { error in
                S3DeletionFailure(
                    key: error.childText("Key") ?? "",
                    codeText: error.childText("Code") ?? "",
                    message: error.childText("Message") ?? ""
                )
            }
        }
    }
}

extension S3Call where Answer == S3ListPage {
    static func list(_ listing: S3Listing, continuation: String?) -> S3Call {
        var query: [RequestTarget.QueryItem] = [
            .init("list-type", "2"), .init("encoding-type", "url"), .init("prefix", listing.prefix),
            .init("max-keys", "\(listing.pageSize)"),
        ]
        if !listing.delimiter.isEmpty { query.append(.init("delimiter", listing.delimiter)) }
        if let continuation { query.append(.init("continuation-token", continuation)) }
        return S3Call(method: "GET", bucket: listing.bucket, query: query) { response throws(S3ClientError) in
            let root = try response.document(root: "ListBucketResult")
            let malformed = S3ClientError.answerMalformed(status: response.status)
            func plain(_ text: String?) throws(S3ClientError) -> String {
                let decoded = PercentEncoding.decode(Array((text ?? "").utf8), plusIsSpace: true)
                guard let decoded, let key = String(validating: decoded, as: UTF8.self) else {
                    throw malformed
                }
                return key
            }
            var objects: [S3ListedObject] = []
            for entry in root.children("Contents") {
                guard let size = entry.childText("Size").flatMap({ Int($0) }) else { throw malformed }
                objects.append(
                    S3ListedObject(
                        key: try plain(entry.childText("Key")),
                        size: size,
                        etag: unquoted(entry.childText("ETag") ?? "")
                    )
                )
            }
            var prefixes: [String] = []
            for entry in root.children("CommonPrefixes") {
                prefixes.append(try plain(entry.childText("Prefix")))
            }
            return S3ListPage(
                objects: objects,
                commonPrefixes: prefixes,
                continuation: root.childText("IsTruncated") == "true"
                    ? root.childText("NextContinuationToken") : nil
            )
        }
    }
}
