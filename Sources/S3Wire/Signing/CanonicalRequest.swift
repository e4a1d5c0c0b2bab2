import Crypto

/// The form of a request that Signature Version 4 signs.
///
/// AWS, "Create a signed AWS API request": method, path, query, signed headers and payload hash.
package struct CanonicalRequest: Sendable {
    /// The method in upper case.
    package let method: String
    /// Path and query.
    package let target: RequestTarget
    /// All headers of the request, `host` among them.
    package let headers: HeaderFields
    /// The names of the headers to sign in lower case, sorted.
    package let signedHeaders: [String]
    /// The value of `x-amz-content-sha256`, or `UNSIGNED-PAYLOAD` for a presigned URL.
    package let payloadHash: String
    /// A query parameter to leave out: the signature of a presigned URL.
    package let excludedParameter: String?

    /// Collects what is signed.
    ///
    /// - Parameters:
    ///   - method: The method in upper case.
    ///   - target: Path and query.
    ///   - headers: All headers of the request, `host` among them.
    ///   - signedHeaders: The names of the headers to sign in lower case, sorted.
    ///   - payloadHash: The payload's hash as the request states it.
    ///   - excludedParameter: A query parameter to leave out.
    package init(
        method: String,
        target: RequestTarget,
        headers: HeaderFields,
        signedHeaders: [String],
        payloadHash: String,
        excludedParameter: String? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.signedHeaders = signedHeaders
        self.payloadHash = payloadHash
        self.excludedParameter = excludedParameter
    }

    /// The canonical text.
    package var bytes: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(768)
        output.append(contentsOf: method.utf8)
        output.append(Self.newline)
        target.appendCanonicalPath(to: &output)
        output.append(Self.newline)
        target.appendCanonicalQuery(excluding: excludedParameter, to: &output)
        output.append(Self.newline)
        for name in signedHeaders {
            output.append(contentsOf: name.utf8)
            output.append(UInt8(ascii: ":"))
            headers.appendCanonicalValue(of: name, to: &output)
            output.append(Self.newline)
        }
        output.append(Self.newline)
        for (index, name) in signedHeaders.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ";")) }
            output.append(contentsOf: name.utf8)
        }
        output.append(Self.newline)
        output.append(contentsOf: payloadHash.utf8)
        return output
    }

    private static let newline = UInt8(ascii: "\n")

    /// The text whose MAC is the signature.
    ///
    /// - Parameters:
    ///   - time: The time of signing as the request states it.
    ///   - scope: Date, region and service the key is derived for.
    /// - Returns: Algorithm, time, scope and the canonical request's hash on a line each.
    package func stringToSign(time: String, scope: SigningScope) -> String {
        let hash = HexEncoding.encode(Array(SHA256.hash(data: bytes)))
        return "\(SigV4.algorithm)\n\(time)\n\(scope.text)\n\(hash)"
    }
}
