/// What a request asks for.
enum S3Operation: Sendable, Hashable {
    case listBuckets
    case createBucket, headBucket, deleteBucket, bucketLocation, bucketVersioning
    case bucketPolicy, bucketCORS, bucketTagging, putBucketTagging, deleteBucketTagging
    case getACL, putACL
    case listObjects, listObjectsV2, listVersions, listUploads, deleteObjects
    case putObject, getObject, headObject, deleteObject
    case objectTagging, putObjectTagging, deleteObjectTagging, objectAttributes
    case createUpload, uploadPart, completeUpload, abortUpload, listParts

    /// What a request's path names.
    enum Resource: Sendable, Hashable {
        case service, bucket, object
    }

    /// One line of the allow-list.
    private struct Route {
        let method: String
        let resource: Resource
        var required: Set<String> = []
        var optional: Set<String> = []
        let operation: S3Operation

        /// Whether a query has what is required, and nothing that is not known.
        func accepts(_ names: [String]) -> Bool {
            required.allSatisfy(names.contains)
                && names.allSatisfy { required.contains($0) || optional.contains($0) }
        }
    }

    private static let listing: Set = ["prefix", "delimiter", "max-keys", "encoding-type"]
    private static let reading: Set = [
        "versionId", "partNumber", "response-cache-control", "response-content-disposition",
        "response-content-encoding",
        "response-content-language", "response-content-type", "response-expires",
    ]

    /// A parameter that is not listed is refused: `PUT /bucket/key?retention` must never overwrite the key.
    private static let routes = serviceAndBucketRoutes + objectRoutes

    private static let serviceAndBucketRoutes = [
        Route(
            method: "GET",
            resource: .service,
            optional: ["prefix", "max-buckets", "continuation-token", "bucket-region"],
            operation: .listBuckets
        ),
        Route(method: "PUT", resource: .bucket, operation: .createBucket),
        Route(method: "HEAD", resource: .bucket, operation: .headBucket),
        Route(method: "DELETE", resource: .bucket, operation: .deleteBucket),
        Route(method: "GET", resource: .bucket, required: ["location"], operation: .bucketLocation),
        Route(method: "GET", resource: .bucket, required: ["versioning"], operation: .bucketVersioning),
        Route(method: "GET", resource: .bucket, optional: listing.union(["marker"]), operation: .listObjects),
        Route(
            method: "GET",
            resource: .bucket,
            required: ["list-type"],
            optional: listing.union(["start-after", "continuation-token", "fetch-owner"]),
            operation: .listObjectsV2
        ),
        Route(method: "POST", resource: .bucket, required: ["delete"], operation: .deleteObjects),
        Route(
            method: "GET",
            resource: .bucket,
            required: ["versions"],
            optional: listing.union(["key-marker", "version-id-marker"]),
            operation: .listVersions
        ),
        Route(
            method: "GET",
            resource: .bucket,
            required: ["uploads"],
            optional: [
                "prefix", "delimiter", "encoding-type", "max-uploads", "key-marker", "upload-id-marker",
            ],
            operation: .listUploads
        ),
        Route(method: "GET", resource: .bucket, required: ["policy"], operation: .bucketPolicy),
        Route(method: "GET", resource: .bucket, required: ["cors"], operation: .bucketCORS),
        Route(method: "GET", resource: .bucket, required: ["tagging"], operation: .bucketTagging),
        Route(method: "PUT", resource: .bucket, required: ["tagging"], operation: .putBucketTagging),
        Route(method: "DELETE", resource: .bucket, required: ["tagging"], operation: .deleteBucketTagging),
        Route(method: "GET", resource: .bucket, required: ["acl"], operation: .getACL),
        Route(method: "PUT", resource: .bucket, required: ["acl"], operation: .putACL),
    ]

    private static let version: Set = ["versionId"]
    private static let objectRoutes = [
        Route(method: "PUT", resource: .object, operation: .putObject),
        Route(
            method: "GET",
            resource: .object,
            required: ["tagging"],
            optional: version,
            operation: .objectTagging
        ),
        Route(
            method: "PUT",
            resource: .object,
            required: ["tagging"],
            optional: version,
            operation: .putObjectTagging
        ),
        Route(
            method: "DELETE",
            resource: .object,
            required: ["tagging"],
            optional: version,
            operation: .deleteObjectTagging
        ),
        Route(
            method: "GET",
            resource: .object,
            required: ["attributes"],
            optional: version,
            operation: .objectAttributes
        ),
        Route(method: "GET", resource: .object, required: ["acl"], optional: version, operation: .getACL),
        Route(method: "PUT", resource: .object, required: ["acl"], optional: version, operation: .putACL),
        Route(method: "GET", resource: .object, optional: reading, operation: .getObject),
        Route(method: "HEAD", resource: .object, optional: reading, operation: .headObject),
        Route(method: "DELETE", resource: .object, optional: version, operation: .deleteObject),
        Route(method: "POST", resource: .object, required: ["uploads"], operation: .createUpload),
        Route(
            method: "PUT",
            resource: .object,
            required: ["partNumber", "uploadId"],
            operation: .uploadPart
        ),
        Route(method: "POST", resource: .object, required: ["uploadId"], operation: .completeUpload),
        Route(method: "DELETE", resource: .object, required: ["uploadId"], operation: .abortUpload),
        Route(
            method: "GET",
            resource: .object,
            required: ["uploadId"],
            optional: ["max-parts", "part-number-marker"],
            operation: .listParts
        ),
    ]

    /// Finds the operation of a request; parameters that start with `x-` carry no meaning of their own.
    ///
    /// - Parameters:
    ///   - method: The method in upper case.
    ///   - resource: What the path names.
    ///   - parameters: The names of the query.
    /// - Returns: The operation, or nil if there is none by that method and those parameters.
    static func find(method: String, resource: Resource, parameters: [String]) -> S3Operation? {
        let names = parameters.filter { !$0.lowercased().hasPrefix("x-") }
        return routes.first { route in
            route.method == method && route.resource == resource && route.accepts(names)
        }?.operation
    }
}
