import S3Wire

/// Listing the parts of an upload.
struct PartListing {
    let context: RequestContext

    /// Answers one page.
    func answer() async throws -> S3Response {
        let bucket = try context.bucket()
        let target = context.request.target
        let (id, key) = (target.value(of: "uploadId") ?? "", context.request.key)
        let limit = try context.limit("max-parts")
        let marker = try context.limit("part-number-marker", maximum: .max)
        let start = target.value(of: "part-number-marker") == nil ? 0 : marker
        let (upload, parts) = try await context.store.readPage { database in
            let upload = try MultipartUploads.requireOpen(id, bucket: bucket, key: key, database)
            return (upload, try UploadRows.parts(of: id, in: database))
        }
        let rest = parts.filter { $0.number > start }
        let page = rest.prefix(limit)
        var xml = XMLWriter()
        xml.root("ListPartsResult") { xml in
            xml.text("Bucket", bucket.name)
            xml.text("Key", context.request.keyText)
            xml.text("UploadId", id)
            xml.element("Initiator") { Owner.write(to: &$0) }
            xml.element("Owner") { Owner.write(to: &$0) }
            xml.text("StorageClass", upload.headers.storageClass)
            xml.text("PartNumberMarker", "\(start)")
            if let last = page.last { xml.text("NextPartNumberMarker", "\(last.number)") }
            xml.text("MaxParts", "\(limit)")
            xml.text("IsTruncated", page.count < rest.count ? "true" : "false")
            if let checksum = upload.checksum {
                xml.text("ChecksumAlgorithm", checksum.rawValue)
                xml.text("ChecksumType", upload.kind.rawValue)
            }
            for part in page {
                xml.element("Part") { xml in
                    xml.text("PartNumber", "\(part.number)")
                    xml.text("LastModified", part.modified.extended)
                    xml.text("ETag", "\"\(part.etag)\"")
                    xml.text("Size", "\(part.size)")
                    part.checksum?.write(to: &xml)
                }
            }
        }
        return S3Response(xml: xml.bytes)
    }
}
