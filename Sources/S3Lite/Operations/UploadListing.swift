import GRDB
import S3Wire

/// Listing the uploads under way.
struct UploadListing {
    /// How many rows are looked at at a time.
    private static let batch = 1000

    let context: RequestContext

    private struct Page: Sendable {
        var uploads: [ListedUpload] = []
        var commonPrefixes: [[UInt8]] = []
        var isTruncated = false
        var nextKey: [UInt8] = []
        var nextID = ""

        var count: Int { uploads.count + commonPrefixes.count }
    }

    /// Answers one page.
    func answer() async throws -> S3Response {
        let bucket = try context.bucket()
        let target = context.request.target
        let encodes = try context.encodesKeys()
        let limit = try context.limit("max-uploads")
        func parameter(_ name: String) -> [UInt8] { Array((target.value(of: name) ?? "").utf8) }
        let (prefix, delimiter) = (parameter("prefix"), parameter("delimiter"))
        let (keyMarker, idMarker) = (parameter("key-marker"), target.value(of: "upload-id-marker"))
        let page = try await context.store.readPage { database in
            try Self.page(
                bucket.id,
                (prefix, delimiter),
                after: (keyMarker, idMarker),
                limit: limit,
                in: database
            )
        }
        var xml = XMLWriter()
        xml.root("ListMultipartUploadsResult") { xml in
            xml.text("Bucket", bucket.name)
            xml.key("KeyMarker", keyMarker, encodes: encodes)
            xml.text("UploadIdMarker", idMarker ?? "")
            if page.isTruncated {
                xml.key("NextKeyMarker", page.nextKey, encodes: encodes)
                xml.text("NextUploadIdMarker", page.nextID)
            }
            xml.key("Prefix", prefix, encodes: encodes)
            if !delimiter.isEmpty { xml.key("Delimiter", delimiter, encodes: encodes) }
            if encodes { xml.text("EncodingType", "url") }
            xml.text("MaxUploads", "\(limit)")
            xml.text("IsTruncated", page.isTruncated ? "true" : "false")
            for upload in page.uploads {
                xml.element("Upload") { xml in
                    xml.key("Key", upload.key, encodes: encodes)
                    xml.text("UploadId", upload.id)
                    xml.element("Initiator") { Owner.write(to: &$0) }
                    xml.element("Owner") { Owner.write(to: &$0) }
                    xml.text("StorageClass", "STANDARD")
                    xml.text("Initiated", upload.started.extended)
                }
            }
            for prefix in page.commonPrefixes {
                xml.element("CommonPrefixes") { $0.key("Prefix", prefix, encodes: encodes) }
            }
        }
        return S3Response(xml: xml.bytes)
    }

    private static func page(
        _ bucket: Int64,
        _ filter: (prefix: [UInt8], delimiter: [UInt8]),
        after marker: (key: [UInt8], id: String?),
        limit: Int,
        in database: Database
    ) throws -> Page {
        var page = Page()
        // Without an id the marker's own uploads are left out, as if the last possible id were named.
        var (key, id) = (marker.key, marker.id ?? (marker.key.isEmpty ? "" : "~"))
        if key.lexicographicallyPrecedes(filter.prefix) { (key, id) = (filter.prefix, "") }
        while true {
            let rows = try UploadRows.open(bucket: bucket, from: key, after: id, limit: batch, in: database)
            for row in rows {
                (key, id) = (row.key, row.id)
                guard row.key.starts(with: filter.prefix) else { return page }
                let common = KeyListing.commonPrefix(of: row.key, filter.prefix, filter.delimiter)
                if let common, common == page.commonPrefixes.last || marker.key.starts(with: common) {
                    continue
                }
                guard page.count < limit else {
                    page.isTruncated = limit > 0
                    return page
                }
                if let common { page.commonPrefixes.append(common) } else { page.uploads.append(row) }
                (page.nextKey, page.nextID) = (common ?? row.key, common == nil ? row.id : "")
            }
            guard rows.count == batch else { return page }
        }
    }
}
