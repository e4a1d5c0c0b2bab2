import S3Wire

/// Listing versions: each object has the one called `null`.
struct VersionListing {
    let context: RequestContext

    /// Answers one page.
    func answer() async throws -> S3Response {
        let bucket = try context.bucket()
        let target = context.request.target
        let encodes = try context.encodesKeys()
        func parameter(_ name: String) -> [UInt8] { Array((target.value(of: name) ?? "").utf8) }
        var query = KeyListing.Query()
        query.prefix = parameter("prefix")
        query.delimiter = parameter("delimiter")
        query.after = parameter("key-marker")
        query.limit = try context.limit("max-keys")
        let asked = query
        let page = try await context.store.readPage {
            try KeyListing(bucket: bucket.id, query: asked, in: $0)
        }
        var xml = XMLWriter()
        xml.root("ListVersionsResult") { xml in
            xml.text("Name", bucket.name)
            xml.key("Prefix", asked.prefix, encodes: encodes)
            xml.key("KeyMarker", asked.after, encodes: encodes)
            xml.text("VersionIdMarker", target.value(of: "version-id-marker") ?? "")
            if page.next != nil {
                xml.key("NextKeyMarker", page.last, encodes: encodes)
                xml.text("NextVersionIdMarker", "null")
            }
            xml.text("MaxKeys", "\(asked.limit)")
            if !asked.delimiter.isEmpty { xml.key("Delimiter", asked.delimiter, encodes: encodes) }
            if encodes { xml.text("EncodingType", "url") }
            xml.text("IsTruncated", page.next == nil ? "false" : "true")
            for entry in page.entries {
                xml.element("Version") { xml in
                    xml.key("Key", entry.key, encodes: encodes)
                    xml.text("VersionId", "null")
                    xml.text("IsLatest", "true")
                    xml.text("LastModified", entry.modified.extended)
                    xml.text("ETag", "\"\(entry.etag)\"")
                    xml.text("Size", "\(entry.size)")
                    xml.text("StorageClass", entry.storageClass)
                    xml.element("Owner") { Owner.write(to: &$0) }
                }
            }
            for prefix in page.commonPrefixes {
                xml.element("CommonPrefixes") { $0.key("Prefix", prefix, encodes: encodes) }
            }
        }
        return S3Response(xml: xml.bytes)
    }
}
