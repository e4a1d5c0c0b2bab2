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
    ///
    /// It works on bytes: every request passes here, and characters cost ten times as much.
    init(header: String) throws(S3RequestError) {
        let bytes = header.utf8
        let scheme = bytes.prefix { $0 != Self.space }
        switch String(Substring(scheme)) {
        case SigV4.algorithm: break
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
        var values: [Substring: String] = [:]
        for part in bytes[scheme.endIndex...].split(separator: UInt8(ascii: ",")) {
            let trimmed = part.drop { $0 == Self.space }
            guard let equals = trimmed.firstIndex(of: UInt8(ascii: "=")) else { throw Self.malformed }
            let name = Substring(trimmed[..<equals])
            let value = trimmed[equals...].dropFirst()
            let end = value.firstIndex(of: Self.space) ?? value.endIndex
            guard Self.names.contains(name), values[name] == nil,
                value[end...].allSatisfy({ $0 == Self.space })
            else { throw Self.malformed }
            values[name] = String(Substring(value[..<end]))
        }
        guard let credential = values["Credential"], let headers = values["SignedHeaders"],
            let signature = values["Signature"],
            let read = Self(credential: credential, signedHeaders: headers, signature: signature)
        else { throw Self.malformed }
        self = read
    }

    private static let names: Set<Substring> = ["Credential", "SignedHeaders", "Signature"]

    /// Joins the parts of either form; nil if the credential lacks parts or one is empty.
    init?(credential: String, signedHeaders: String, signature: String) {
        let parts = credential.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count >= 5, !signedHeaders.isEmpty, !signature.isEmpty else { return nil }
        scope = parts.suffix(4).map { String(Substring($0)) }
        accessKey = String(Substring(credential.utf8[..<parts[parts.count - 5].endIndex]))
        guard !accessKey.isEmpty, scope.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.signedHeaders = signedHeaders.utf8
            .split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        guard self.signedHeaders.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.signature = signature
    }

    private static let space = UInt8(ascii: " ")

    private static var malformed: S3RequestError { S3RequestError(.authorizationHeaderMalformed) }
}
