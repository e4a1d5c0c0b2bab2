import S3Wire
import Testing

/// What the bearer of a presigned URL must not get away with, and what a signature may look like.
struct PresignedURLTests {
    private static let host = HeaderFields(["host": "127.0.0.1:9000"])

    private func target() throws -> RequestTarget {
        RequestSigner(credentials: RequestVerifierTests.credentials, region: "us-east-1").presign(
            method: "GET",
            target: try RequestTarget(parsing: "/bucket/key"),
            authority: "127.0.0.1:9000",
            expirySeconds: 600,
            at: RequestVerifierTests.now
        )
    }

    private func code(
        _ target: RequestTarget,
        method: String = "GET",
        _ headers: HeaderFields = host
    ) -> S3ErrorCode? {
        let verifier = RequestVerifier(credentials: [RequestVerifierTests.credentials], region: "us-east-1")
        do throws(S3RequestError) {
            _ = try verifier.verify(
                method: method,
                target: target,
                headers: headers,
                now: RequestVerifierTests.now
            )
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `another method, key or host, or one more parameter, breaks the signature`() throws {
        let right = try target()
        #expect(code(right) == nil)
        #expect(code(right, method: "PUT") == .signatureDoesNotMatch)
        #expect(code(right, method: "DELETE") == .signatureDoesNotMatch)
        let other = RequestTarget(path: Array("/bucket/other".utf8), query: right.query)
        #expect(code(other) == .signatureDoesNotMatch)
        for name in ["acl", "tagging", "versionId", "response-content-type", "x-id", "X-Amz-Expires"] {
            let more = RequestTarget(path: right.path, query: right.query + [.init(name, "1")])
            #expect(code(more) == .signatureDoesNotMatch)
        }
        #expect(code(right, HeaderFields(["host": "127.0.0.1:9001"])) == .signatureDoesNotMatch)
        var late = Self.host
        late.append("x-amz-meta-late", "1")
        #expect(code(right, late) == .accessDenied)
    }

    @Test(arguments: [
        "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders",
        "X-Amz-Signature",
    ])
    func `a parameter that is missing is named by the code`(name: String) throws {
        let right = try target()
        let query = right.query.filter { $0.name != name }
        #expect(
            code(RequestTarget(path: right.path, query: query)) == .authorizationQueryParametersError
        )
    }

    @Test(arguments: [
        ("X-Amz-Expires", "x", S3ErrorCode.authorizationQueryParametersError),
        ("X-Amz-Expires", "", .authorizationQueryParametersError),
        ("X-Amz-Expires", "99999999999999999999", .authorizationQueryParametersError),
        ("X-Amz-Date", "today", .authorizationQueryParametersError),
        ("X-Amz-Algorithm", "AWS4-ECDSA-P256-SHA256", .authorizationQueryParametersError),
        ("X-Amz-SignedHeaders", "x-amz-date", .accessDenied),
        ("X-Amz-Signature", String(repeating: "A", count: 64), .signatureDoesNotMatch),
        ("X-Amz-Signature", String(repeating: "a", count: 63), .signatureDoesNotMatch),
    ])
    func `a parameter of another form is refused`(name: String, value: String, expected: S3ErrorCode) throws {
        let right = try target()
        let query = right.query.map { $0.name == name ? RequestTarget.QueryItem(name, value) : $0 }
        #expect(code(RequestTarget(path: right.path, query: query)) == expected)
    }

    /// The canonical forms that clients write, signed here by hand.
    @Test(arguments: [
        ("Credential=", ", SignedHeaders=", ", Signature="),
        ("Credential=", ",SignedHeaders=", ",Signature="),
        ("Credential=", ",  SignedHeaders=", ",   Signature="),
    ])
    func `any spacing after commas is accepted, and Date stands in`(
        first: String,
        second: String,
        third: String
    )
        throws
    {
        let scope = SigningScope(date: "20231114", region: "us-east-1")
        let target = try RequestTarget(parsing: "/bucket/a%20b//../c?uploads&b=2&a=1+2")
        var headers = HeaderFields([
            "host": "127.0.0.1:9000", "x-amz-content-sha256": PayloadHash.unsignedText,
            "date": "Tue, 14 Nov 2023 22:13:20 GMT", "x-amz-meta-a": "  b   c ", "x-amz-meta-a": "d",
        ])
        let names = ["date", "host", "x-amz-content-sha256", "x-amz-meta-a"]
        let text =
            "GET\n/bucket/a%20b//../c\na=1%202&b=2&uploads=\ndate:Tue, 14 Nov 2023 22:13:20 GMT\n"
            + "host:127.0.0.1:9000\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-meta-a:b c,d\n\n"
            + "\(names.joined(separator: ";"))\nUNSIGNED-PAYLOAD"
        let hash = Array(text.utf8).withUnsafeBytes { PayloadDigest.sha256($0) }
        let signature = SigningKey(secret: "secret", scope: scope)
            .signature(of: "AWS4-HMAC-SHA256\n20231114T221320Z\n\(scope.text)\n\(hash)")
        headers.append(
            "authorization",
            "AWS4-HMAC-SHA256 \(first)team/key/\(scope.text)\(second)\(names.joined(separator: ";"))\(third)\(signature)"
        )
        #expect(code(target, headers) == nil)
    }

    @Test func `a signed host is required`() throws {
        var headers = HeaderFields(["host": "127.0.0.1:9000", "x-amz-date": "20231114T221320Z"])
        headers.append("x-amz-content-sha256", PayloadHash.unsignedText)
        headers.append(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=team/key/20231114/us-east-1/s3/aws4_request,"
                + "SignedHeaders=x-amz-content-sha256;x-amz-date,Signature=a"
        )
        #expect(try code(RequestTarget(parsing: "/bucket/key"), headers) == .accessDenied)
    }
}
