import HTTPServing
import HTTPTypes
import S3Wire

/// What can be done with buckets.
struct BucketOperations {
    /// The largest document that goes with a new bucket.
    private static let maximumDocumentBytes: Int64 = 64 * 1024

    let context: RequestContext

    /// Lists the buckets, page by page if asked so.
    func list() throws(S3RequestError) -> S3Response {
        let target = context.request.target
        let limit = try context.limit("max-buckets", maximum: 10_000)
        let prefix = target.value(of: "prefix")
        let start = try target.value(of: "continuation-token").map { text throws(S3RequestError) in
            String(decoding: try ContinuationToken.read(text), as: UTF8.self)
        }
        let rest = context.store.buckets().filter { bucket in
            bucket.name.hasPrefix(prefix ?? "") && bucket.name >= start ?? ""
        }
        let page = rest.prefix(limit)
        var xml = XMLWriter()
        xml.root("ListAllMyBucketsResult") { xml in
            xml.element("Owner") { Owner.write(to: &$0) }
            xml.element("Buckets") { xml in
                for bucket in page {
                    xml.element("Bucket") { xml in
                        xml.text("Name", bucket.name)
                        xml.text("CreationDate", bucket.created.extended)
                    }
                }
            }
            if let prefix { xml.text("Prefix", prefix) }
            if page.count < rest.count, limit > 0 {
                let next = Array(rest[page.endIndex].name.utf8)
                xml.text("ContinuationToken", ContinuationToken.write(next))
            }
        }
        return S3Response(xml: xml.bytes)
    }

    /// Makes the bucket; again by its owner is no error.
    func create(_ exchange: inout HTTPExchange) async throws -> S3Response {
        let name = context.request.bucketName ?? ""
        try BucketName.check(name)
        let document = try await context.document(&exchange, limit: Self.maximumDocumentBytes)
        var location = ""
        if !document.isEmpty {
            let root = try XMLElement(parsing: document)
            guard root.name == "CreateBucketConfiguration" else { throw S3RequestError(.malformedXML) }
            location = root.childText("LocationConstraint") ?? ""
        }
        try await context.store.createBucket(name, location: location, at: context.time)
        var response = S3Response(.ok)
        response.fields[.location] = "/\(name)"
        return response
    }

    /// Tells that the bucket is there.
    func head() throws -> S3Response {
        let bucket = try context.bucket()
        var response = S3Response(.ok)
        response.set("x-amz-bucket-region", bucket.location.isEmpty ? "us-east-1" : bucket.location)
        return response
    }

    /// Removes the bucket if it is empty.
    func delete() async throws -> S3Response {
        try await context.store.deleteBucket(context.bucket())
        return S3Response(.noContent)
    }

    /// Tells the location the bucket was created with.
    func location() throws -> S3Response {
        let bucket = try context.bucket()
        var xml = XMLWriter()
        xml.element("LocationConstraint", namespace: XMLWriter.s3Namespace, text: bucket.location)
        return S3Response(xml: xml.bytes)
    }

    /// Tells that the bucket has not what is asked for.
    func lacking(_ code: S3ErrorCode) throws(S3RequestError) -> S3Response {
        let bucket = try context.bucket()
        throw S3RequestError(code, details: [.init("BucketName", bucket.name)])
    }

    /// Tells that the bucket keeps no versions.
    func versioning() throws -> S3Response {
        _ = try context.bucket()
        var xml = XMLWriter()
        xml.root("VersioningConfiguration") { _ in }
        return S3Response(xml: xml.bytes)
    }
}

/// The one owner of everything.
enum Owner {
    /// What documents call the owner.
    static let id = "0000000000000000000000000000000000000000000000000000000000000000"

    /// Writes the children of an owner's element.
    ///
    /// - Parameter xml: The document.
    static func write(to xml: inout XMLWriter) {
        xml.text("ID", id)
        xml.text("DisplayName", "owner")
    }
}
