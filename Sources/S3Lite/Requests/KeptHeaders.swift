import S3Wire

extension ObjectHeaders {
    private static let kept: Set = [
        "cache-control", "content-disposition", "content-encoding", "content-language", "content-type",
        "expires",
        "x-amz-storage-class", "x-amz-website-redirect-location",
    ]
    private static let storageClasses: Set = [
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR",
    ]
    private static let metadataPrefix = "x-amz-meta-"
    private static let maximumMetadataBytes = 2048

    /// Picks what is kept with an object from the headers of its upload.
    ///
    /// - Parameter request: The request's headers.
    /// - Throws: ``S3RequestError``: MetadataTooLarge past two kilobytes of user metadata, InvalidStorageClass for
    ///   one whose objects can't be read at once.
    init(request: HeaderFields) throws(S3RequestError) {
        if let stated = request["x-amz-storage-class"], !Self.storageClasses.contains(stated) {
            throw S3RequestError(.invalidStorageClass, details: [.init("StorageClassRequested", stated)])
        }
        var fields: [Field] = []
        var metadataBytes = 0
        for field in request.fields {
            if field.name.hasPrefix(Self.metadataPrefix) {
                metadataBytes +=
                    field.name.utf8.count - Self.metadataPrefix.utf8.count + field.value.utf8.count
                fields.append(Field(name: field.name, value: field.value))
            } else if field.name == "content-encoding" {
                let encodings = field.value.split(separator: ",").map { $0.filter { $0 != " " } }
                    .filter { $0 != "aws-chunked" }
                if !encodings.isEmpty {
                    fields.append(Field(name: field.name, value: encodings.joined(separator: ",")))
                }
            } else if Self.kept.contains(field.name), field.value != "STANDARD" {
                fields.append(Field(name: field.name, value: field.value))
            }
        }
        guard metadataBytes <= Self.maximumMetadataBytes else {
            throw S3RequestError(
                .metadataTooLarge,
                details: [
                    .init("Size", "\(metadataBytes)"),
                    .init("MaxSizeAllowed", "\(Self.maximumMetadataBytes)"),
                ]
            )
        }
        if !fields.contains(where: { $0.name == "content-type" }) {
            fields.append(Field(name: "content-type", value: "binary/octet-stream"))
        }
        self.init(fields: fields)
    }
}

extension ObjectHeaders {
    /// The storage class, which changes nothing about where an object is kept.
    var storageClass: String { fields.first { $0.name == "x-amz-storage-class" }?.value ?? "STANDARD" }
}

/// Refuses headers that ask for what this store does not do.
enum UnsupportedHeaders {
    /// Looks through a write's headers.
    ///
    /// - Parameter headers: The request's headers.
    /// - Throws: ``S3RequestError``: NotImplemented or AccessControlListNotSupported.
    static func check(_ headers: HeaderFields) throws(S3RequestError) {
        for field in headers.fields where field.name.hasPrefix("x-amz-") {
            let isUnsupported =
                field.name.hasPrefix("x-amz-server-side-encryption")
                || field.name.hasPrefix("x-amz-object-lock-")
                || field.name == "x-amz-write-offset-bytes"
                || (field.name == "x-amz-bucket-object-lock-enabled" && field.value.lowercased() != "false")
            if isUnsupported {
                throw S3RequestError(.notImplemented, details: [.init("Header", field.name)])
            }
            let ownerOnly = ["private", "bucket-owner-full-control"]
            let isGrant = field.name.hasPrefix("x-amz-grant-")
            if isGrant || (field.name == "x-amz-acl" && !ownerOnly.contains(field.value)) {
                throw S3RequestError(.accessControlListNotSupported)
            }
        }
    }
}
