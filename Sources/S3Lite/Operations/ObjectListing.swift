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
        let limit = try context.limit("max-keys")
        let encodes = try context.encodesKeys()
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
        let page = try await context.store.readPage {
            try KeyListing(bucket: bucket.id, query: finalQuery, in: $0)
        }
        return S3Response(xml: document(page, bucket: bucket, query: query, encodes: encodes))
    }

    private func parameter(_ name: String) -> [UInt8] {
        Array((context.request.target.value(of: name) ?? "").utf8)
    }

    private func document(_ page: KeyListing, bucket: Bucket, query: KeyListing.Query, encodes: Bool)
        -> [UInt8]
    {
        func write(_ name: String, _ key: [UInt8], to xml: inout XMLWriter) {
            xml.key(name, key, encodes: encodes)
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
                    xml.text("StorageClass", entry.storageClass)
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
