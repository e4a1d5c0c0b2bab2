import HTTPTypes
import S3Wire

/// What `?attributes` tells of an object, as far as it is asked for.
struct ObjectAttributes {
    private static let known: Set = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]

    let context: RequestContext

    /// Answers the attributes the request's header names.
    func answer() async throws -> S3Response {
        let names = try wanted()
        let limit = try limitHeader("x-amz-max-parts") ?? 1000
        let marker = try limitHeader("x-amz-part-number-marker") ?? 0
        let object = try await context.object()
        var xml = XMLWriter()
        xml.root("GetObjectAttributesResponse") { xml in
            if names.contains("ETag") { xml.text("ETag", object.etag) }
            if names.contains("Checksum"), let checksum = object.checksum {
                xml.element("Checksum") { xml in
                    checksum.write(to: &xml)
                    xml.text("ChecksumType", checksum.kind.rawValue)
                }
            }
            if names.contains("ObjectParts"), let count = object.partCount {
                write(object.segments, count: count, limit: min(limit, 1000), after: marker, to: &xml)
            }
            if names.contains("StorageClass") { xml.text("StorageClass", object.headers.storageClass) }
            if names.contains("ObjectSize") { xml.text("ObjectSize", "\(object.size)") }
        }
        var response = S3Response(xml: xml.bytes)
        response.fields[.lastModified] = object.modified.http
        return response
    }

    private func wanted() throws(S3RequestError) -> Set<String> {
        let fields = context.request.headers.fields.filter { $0.name == "x-amz-object-attributes" }
        let names = fields.flatMap { $0.value.split(separator: ",") }
            .map { name in String(name.filter { $0 != " " }) }
        guard !names.isEmpty, names.allSatisfy(Self.known.contains) else {
            throw S3RequestError(.invalidArgument, "Invalid attribute name specified.")
        }
        return Set(names)
    }

    private func limitHeader(_ name: String) throws(S3RequestError) -> Int? {
        guard let text = context.request.headers[name] else { return nil }
        guard let number = Int32(text), number >= 0 else {
            throw S3RequestError(.invalidArgument, "\(name) must be a number from 0 on.")
        }
        return Int(number)
    }

    private func write(
        _ segments: [StoredSegment],
        count: Int,
        limit: Int,
        after marker: Int,
        to xml: inout XMLWriter
    ) {
        let rest = segments.enumerated().dropFirst(marker)
        let page = rest.prefix(limit)
        xml.element("ObjectParts") { xml in
            xml.text("PartsCount", "\(count)")
            xml.text("PartNumberMarker", "\(marker)")
            if let last = page.last { xml.text("NextPartNumberMarker", "\(last.offset + 1)") }
            xml.text("MaxParts", "\(limit)")
            xml.text("IsTruncated", page.count < rest.count ? "true" : "false")
            for (index, segment) in page {
                xml.element("Part") { xml in
                    xml.text("PartNumber", "\(index + 1)")
                    xml.text("Size", "\(segment.size)")
                    segment.checksum?.write(to: &xml)
                }
            }
        }
    }
}
