import Crypto

/// Signature Version 2 in a query, which clients still use by default for URLs.
///
/// AWS, "Authenticating requests (AWS Signature Version 2)": an HMAC-SHA1 over the method, three headers, the
/// expiry, all `x-amz-*` and the resource.
package enum SigV2 {
    /// What a query of this kind carries.
    package static let marks: Set = ["AWSAccessKeyId", "Signature"]
    /// The methods it is accepted for.
    package static let methods: Set = ["GET", "HEAD", "PUT"]
    /// The parameters that are the signature's own, or headers that were moved into the query.
    package static let ownParameters: Set = [
        "AWSAccessKeyId", "Signature", "Expires", "content-type", "content-md5",
    ]

    /// What a listing is asked with is not signed; everything else is, or a parameter could be added on the way.
    private static let unsignedParameters: Set = [
        "prefix", "delimiter", "marker", "max-keys", "encoding-type", "list-type", "start-after",
        "continuation-token", "fetch-owner", "key-marker", "version-id-marker", "upload-id-marker",
        "max-uploads", "max-parts", "part-number-marker", "max-buckets",
    ]

    /// The text whose MAC is the signature.
    ///
    /// - Parameters:
    ///   - method: The method in upper case.
    ///   - target: Path and query.
    ///   - headers: All headers of the request.
    ///   - expires: When the URL expires, as the query states it.
    /// - Returns: The string to sign.
    package static func stringToSign(
        method: String,
        target: RequestTarget,
        headers: HeaderFields,
        expires: String
    ) -> String {
        func stated(_ name: String) -> String { headers[name] ?? target.value(of: name) ?? "" }
        var path: [UInt8] = []
        target.appendCanonicalPath(to: &path)
        return "\(method)\n\(stated("content-md5"))\n\(stated("content-type"))\n\(expires)\n"
            + amazonHeaders(headers, target) + String(decoding: path, as: UTF8.self) + subresources(target)
    }

    /// All `x-amz-*`, which clients also move into the query.
    private static func amazonHeaders(_ headers: HeaderFields, _ target: RequestTarget) -> String {
        let moved = target.query.filter { $0.name.hasPrefix("x-amz-") }
        let names = Set(
            headers.fields.map(\.name).filter { $0.hasPrefix("x-amz-") } + moved.map(\.name)
        )
        return names.sorted().map { name in
            var value: [UInt8] = []
            headers.appendCanonicalValue(of: name, to: &value)
            if let item = moved.first(where: { $0.name == name }) {
                if !value.isEmpty { value.append(UInt8(ascii: ",")) }
                value.append(contentsOf: item.value.utf8)
            }
            return "\(name):\(String(decoding: value, as: UTF8.self))\n"
        }.joined()
    }

    /// The parameters that change what is asked for, sorted and with decoded values.
    private static func subresources(_ target: RequestTarget) -> String {
        let signed = target.query.filter { item in
            !ownParameters.contains(item.name) && !unsignedParameters.contains(item.name)
                && !item.name.lowercased().hasPrefix("x-")
        }
        guard !signed.isEmpty else { return "" }
        let parts = signed.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
        return "?"
            + parts.map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// Signs a text.
    ///
    /// - Parameters:
    ///   - text: The string to sign.
    ///   - secret: The secret key.
    /// - Returns: The signature in Base64.
    package static func signature(of text: String, secret: String) -> String {
        let key = SymmetricKey(data: Array(secret.utf8))
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Array(text.utf8), using: key)
        return Base64Encoding.encode(Array(code))
    }

    /// Checks a signature in constant time.
    ///
    /// - Parameters:
    ///   - signature: What the query carries.
    ///   - text: The string to sign.
    ///   - secret: The secret key.
    /// - Returns: Whether the signature is the text's.
    package static func isSignature(_ signature: String, of text: String, secret: String) -> Bool {
        let expected = Self.signature(of: text, secret: secret)
        guard signature.utf8.count == expected.utf8.count else { return false }
        var difference: UInt8 = 0
        for (given, wanted) in zip(signature.utf8, expected.utf8) { difference |= given ^ wanted }
        return difference == 0
    }
}
