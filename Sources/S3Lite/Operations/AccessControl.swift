import HTTPServing
import HTTPTypes
import S3Wire

/// Access control lists: everything belongs to the one owner, and to nobody else.
struct AccessControl {
    private static let maximumDocumentBytes: Int64 = 64 * 1024

    let context: RequestContext

    /// Answers that the owner has full control.
    func get() async throws -> S3Response {
        try await checkResource()
        var xml = XMLWriter()
        xml.root("AccessControlPolicy") { xml in
            xml.element("Owner") { Owner.write(to: &$0) }
            xml.element("AccessControlList") { xml in
                xml.element("Grant") { xml in
                    xml.element("Grantee", type: "CanonicalUser") { Owner.write(to: &$0) }
                    xml.text("Permission", "FULL_CONTROL")
                }
            }
        }
        return S3Response(xml: xml.bytes)
    }

    /// Accepts what is so already, and refuses to share.
    func put(_ exchange: inout HTTPExchange) async throws -> S3Response {
        try await checkResource()
        let document = try await context.document(&exchange, limit: Self.maximumDocumentBytes)
        if !document.isEmpty {
            let root = try XMLElement(parsing: document)
            guard root.name == "AccessControlPolicy" else { throw S3RequestError(.malformedXML) }
            let grants = root.child("AccessControlList")?.children("Grant") ?? []
            let shares = grants.contains { grant in
                grant.child("Grantee")?.childText("ID") != Owner.id
                    || grant.childText("Permission") != "FULL_CONTROL"
            }
            guard !shares else { throw S3RequestError(.accessControlListNotSupported) }
        }
        return S3Response(.ok)
    }

    private func checkResource() async throws {
        if context.request.resource == .object {
            _ = try await context.object()
        } else {
            _ = try context.bucket()
        }
    }
}
