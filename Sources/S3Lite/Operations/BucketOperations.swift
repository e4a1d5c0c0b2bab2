import HTTPServing
import HTTPTypes
import S3Wire

/// What can be done with buckets.
struct BucketOperations {
    /// The largest document that goes with a new bucket.
    private static let maximumDocumentBytes: Int64 = 64 * 1024

    let context: RequestContext

    /// Lists all buckets.
    func list() -> S3Response {
        var xml = XMLWriter()
        xml.root("ListAllMyBucketsResult") { xml in
            xml.element("Owner") { Owner.write(to: &$0) }
            xml.element("Buckets") { xml in
                for bucket in context.store.buckets() {
                    xml.element("Bucket") { xml in
                        xml.text("Name", bucket.name)
                        xml.text("CreationDate", bucket.created.extended)
                    }
                }
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
            location = try XMLElement(parsing: document).childText("LocationConstraint") ?? ""
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
    private static let id = "0000000000000000000000000000000000000000000000000000000000000000"

    /// Writes the children of an owner's element.
    ///
    /// - Parameter xml: The document.
    static func write(to xml: inout XMLWriter) {
        xml.text("ID", id)
        xml.text("DisplayName", "owner")
    }
}
