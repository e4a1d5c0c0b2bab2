/// The `Authorization` header or the query parameters of one signed request, read but not yet believed.
struct Authorization {
    /// The public half of the key pair; may contain slashes.
    let accessKey: String
    /// The four parts after the access key.
    let scope: [String]
    /// The names of the signed headers as they came.
    let signedHeaders: [String]
    /// The signature as it came.
    let signature: String

    /// Reads the header; any spacing after commas.
    init(header: String) throws(S3RequestError) {
        let scheme = header.prefix { $0 != " " }
        switch scheme {
        case SigV4.algorithm[...]: break
        case "AWS":
            throw S3RequestError(
                .invalidRequest,
                "Signature version 2 is not supported: use AWS4-HMAC-SHA256."
            )
        case "AWS4-ECDSA-P256-SHA256":
            throw S3RequestError(
                .invalidRequest,
                "Signature version 4A is not supported: use AWS4-HMAC-SHA256."
            )
        default: throw S3RequestError(.invalidArgument, "Unsupported Authorization Type")
        }
        var parts: [Substring: String] = [:]
        for part in header.dropFirst(scheme.count).split(separator: ",") {
            let trimmed = part.drop { $0 == " " }
            guard let equals = trimmed.firstIndex(of: "=") else { throw Self.malformed }
            let value = trimmed[trimmed.index(after: equals)...]
            parts[trimmed[..<equals]] = String(value.prefix { $0 != " " })
        }
        guard let credential = parts["Credential"], let headers = parts["SignedHeaders"],
            let signature = parts["Signature"]
        else { throw Self.malformed }
        guard let read = Self(credential: credential, signedHeaders: headers, signature: signature) else {
            throw Self.malformed
        }
        self = read
    }

    /// Joins the parts of either form; nil if the credential lacks parts or one is empty.
    init?(credential: String, signedHeaders: String, signature: String) {
        let parts = credential.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 5, !signedHeaders.isEmpty, !signature.isEmpty else { return nil }
        scope = parts.suffix(4).map(String.init)
        accessKey = parts.dropLast(4).joined(separator: "/")
        guard !accessKey.isEmpty, scope.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.signedHeaders = signedHeaders.split(separator: ";").map(String.init)
        self.signature = signature
    }

    private static var malformed: S3RequestError { S3RequestError(.authorizationHeaderMalformed) }
}
