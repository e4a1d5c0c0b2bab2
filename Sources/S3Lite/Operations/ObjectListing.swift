import S3Wire

/// The two versions of listing a bucket.
struct ObjectListing {
    enum Version {
        case v1, v2
    }

    let context: RequestContext
    let version: Version

    /// Answers one page.
    func answer() async throws -> S3Response {
        let bucket = try context.bucket()
        let limit = try pageSize()
        let encodes = try encodesKeys()
        var query = KeyListing.Query()
        query.prefix = parameter("prefix")
        query.delimiter = parameter("delimiter")
        query.limit = limit
        query.after = parameter(version == .v1 ? "marker" : "start-after")
        if let token = context.request.target.value(of: "continuation-token") {
            query.from = try ContinuationToken.read(token)
            query.after = []
        }
        let finalQuery = query
        let page = try await context.store.read {
            try KeyListing(bucket: bucket.id, query: finalQuery, in: $0)
        }
        return S3Response(xml: document(page, bucket: bucket, query: query, encodes: encodes))
    }

    private func parameter(_ name: String) -> [UInt8] {
        Array((context.request.target.value(of: name) ?? "").utf8)
    }

    private func pageSize() throws(S3RequestError) -> Int {
        guard let text = context.request.target.value(of: "max-keys"), !text.isEmpty else { return 1000 }
        guard let number = Int32(text), number >= 0 else {
            throw S3RequestError(
                .invalidArgument,
                "Provided max-keys not an integer or within integer range",
                details: [.init("ArgumentName", "max-keys"), .init("ArgumentValue", text)]
            )
        }
        return min(Int(number), 1000)
    }

    private func encodesKeys() throws(S3RequestError) -> Bool {
        switch context.request.target.value(of: "encoding-type") {
        case nil: return false
        case "url": return true
        default: throw S3RequestError(.invalidArgument, "Invalid Encoding Method specified in Request")
        }
    }

    private func document(_ page: KeyListing, bucket: Bucket, query: KeyListing.Query, encodes: Bool)
        -> [UInt8]
    {
        func write(_ name: String, _ key: [UInt8], to xml: inout XMLWriter) {
            if encodes {
                xml.text(name, PercentEncoding.encode(key, as: .path))
            } else {
                xml.text(name, bytes: key)
            }
        }
        var xml = XMLWriter()
        xml.root("ListBucketResult") { xml in
            xml.text("Name", bucket.name)
            write("Prefix", query.prefix, to: &xml)
            switch version {
            case .v1:
                write("Marker", query.after, to: &xml)
                if page.next != nil, !query.delimiter.isEmpty { write("NextMarker", page.last, to: &xml) }
            case .v2:
                xml.text("KeyCount", "\(page.entries.count + page.commonPrefixes.count)")
                if !query.after.isEmpty { write("StartAfter", query.after, to: &xml) }
                if let token = context.request.target.value(of: "continuation-token") {
                    xml.text("ContinuationToken", token)
                }
                if let next = page.next { xml.text("NextContinuationToken", ContinuationToken.write(next)) }
            }
            xml.text("MaxKeys", "\(query.limit)")
            if !query.delimiter.isEmpty { write("Delimiter", query.delimiter, to: &xml) }
            if encodes { xml.text("EncodingType", "url") }
            xml.text("IsTruncated", page.next == nil ? "false" : "true")
            let showsOwner = version == .v1 || context.request.target.value(of: "fetch-owner") == "true"
            for entry in page.entries {
                xml.element("Contents") { xml in
                    write("Key", entry.key, to: &xml)
                    xml.text("LastModified", entry.modified.extended)
                    xml.text("ETag", "\"\(entry.etag)\"")
                    xml.text("Size", "\(entry.size)")
                    xml.text("StorageClass", "STANDARD")
                    if let checksum = entry.checksum {
                        xml.text("ChecksumAlgorithm", checksum.algorithm.rawValue)
                        xml.text("ChecksumType", checksum.kind.rawValue)
                    }
                    if showsOwner { xml.element("Owner") { Owner.write(to: &$0) } }
                }
            }
            for prefix in page.commonPrefixes {
                xml.element("CommonPrefixes") { write("Prefix", prefix, to: &$0) }
            }
        }
        return xml.bytes
    }
}

/// Where a listing goes on, as a text that means nothing to clients.
enum ContinuationToken {
    /// Writes a token.
    ///
    /// - Parameter position: The first possible key of the next page.
    /// - Returns: The token.
    static func write(_ position: [UInt8]) -> String {
        Base64Encoding.encode(seal(position) + position)
    }

    /// Reads a token that was written here.
    ///
    /// - Parameter token: The token.
    /// - Returns: The position.
    /// - Throws: ``S3RequestError`` (InvalidArgument) for any other text.
    static func read(_ token: String) throws(S3RequestError) -> [UInt8] {
        guard let bytes = Base64Encoding.decode(token), bytes.count > 4 else { throw Self.forged }
        let position = Array(bytes[4...])
        guard seal(position) == Array(bytes[..<4]) else { throw Self.forged }
        return position
    }

    private static var forged: S3RequestError {
        S3RequestError(.invalidArgument, "The continuation token provided is incorrect")
    }

    private static func seal(_ position: [UInt8]) -> [UInt8] {
        let sum = position.withUnsafeBytes { CyclicRedundancyChecks.crc32c.update(0, $0) }
        return withUnsafeBytes(of: sum.bigEndian) { Array($0) }
    }
}
