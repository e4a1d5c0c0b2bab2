import S3Wire
import Testing

/// What a signed request must not get away with; each case changes one thing of a valid request.
struct RequestVerifierTests {
    static let credentials = S3Credentials(accessKey: "team/key", secretKey: "secret")
    static let now = S3Timestamp(seconds: 1_700_000_000)

    struct Request {
        var method = "PUT"
        var target = "/bucket/key?x-id=PutObject"
        var headers = HeaderFields(["host": "127.0.0.1:9000", "content-type": "image/png"])
        var payloadHash = PayloadHash.emptyText
        var time = RequestVerifierTests.now
        var region = "us-east-1"
        var secret = "secret"

        func signed() throws -> HeaderFields {
            let credentials = S3Credentials(accessKey: "team/key", secretKey: secret)
            var headers = headers
            RequestSigner(credentials: credentials, region: region).sign(
                &headers,
                method: method,
                target: try RequestTarget(parsing: target),
                payloadHash: payloadHash,
                at: time
            )
            return headers
        }
    }

    private func verify(_ request: Request, _ headers: HeaderFields) throws -> VerifiedRequest {
        try RequestVerifier(credentials: [Self.credentials], region: "us-east-1").verify(
            method: request.method,
            target: try RequestTarget(parsing: request.target),
            headers: headers,
            now: Self.now
        )
    }

    private func code(_ request: Request, _ headers: HeaderFields) -> S3ErrorCode? {
        do {
            _ = try verify(request, headers)
            return nil
        } catch {
            return (error as? S3RequestError)?.code
        }
    }

    private func replacing(_ headers: HeaderFields, _ name: String, _ change: (String) -> String?)
        -> HeaderFields
    {
        var output = HeaderFields()
        for field in headers.fields {
            guard let value = field.name == name ? change(field.value) : field.value else { continue }
            output.append(field.name, value)
        }
        return output
    }

    @Test func `an access key with a slash is accepted`() throws {
        let request = Request()
        #expect(try verify(request, request.signed()).credentials == Self.credentials)
    }

    @Test(arguments: [-10, 10]) func `ten minutes off is near enough`(minutes: Int64) throws {
        let request = Request(time: S3Timestamp(seconds: Self.now.seconds + minutes * 60))
        #expect(try code(request, request.signed()) == nil)
    }

    @Test(arguments: [-16, 16]) func `sixteen minutes off is too much`(minutes: Int64) throws {
        let request = Request(time: S3Timestamp(seconds: Self.now.seconds + minutes * 60))
        #expect(try code(request, request.signed()) == .requestTimeTooSkewed)
    }

    @Test(arguments: [
        ("method", Request(method: "DELETE")), ("path", Request(target: "/bucket/other?x-id=PutObject")),
        ("query", Request(target: "/bucket/key?x-id=GetObject")),
        (
            "content type",
            Request(headers: HeaderFields(["host": "127.0.0.1:9000", "content-type": "text/html"]))
        ),
    ])
    func `a change after signing breaks the signature`(name: String, changed: Request) throws {
        let signed = try Request().signed()
        let headers = replacing(signed, "content-type") { _ in changed.headers["content-type"] }
        #expect(code(changed, headers) == .signatureDoesNotMatch)
    }

    @Test func `another secret, region or key is refused with its own code`() throws {
        let wrongSecret = Request(secret: "other")
        #expect(try code(wrongSecret, wrongSecret.signed()) == .signatureDoesNotMatch)
        let wrongRegion = Request(region: "eu-central-1")
        #expect(try code(wrongRegion, wrongRegion.signed()) == .authorizationHeaderMalformed)
        let request = Request()
        let unknown = try replacing(request.signed(), "authorization") {
            $0.replacing("team/key", with: "nobody")
        }
        #expect(code(request, unknown) == .invalidAccessKeyID)
    }

    @Test(arguments: [
        ("AWS key:signature", S3ErrorCode.invalidRequest),
        ("AWS4-ECDSA-P256-SHA256 Credential=a", .invalidRequest),
        ("Bearer token", .invalidArgument), ("AWS4-HMAC-SHA256", .authorizationHeaderMalformed),
        (
            "AWS4-HMAC-SHA256 Credential=/20231114/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=a",
            .authorizationHeaderMalformed
        ),
        (
            "AWS4-HMAC-SHA256 Credential=team/key/20231114/us-east-1/ec2/aws4_request,SignedHeaders=host,Signature=a",
            .authorizationHeaderMalformed
        ),
        (
            "AWS4-HMAC-SHA256 Credential=team/key/20231114/us-east-1/s3/aws4,SignedHeaders=host,Signature=a",
            .authorizationHeaderMalformed
        ),
        (
            "AWS4-HMAC-SHA256 Credential=team/key/20231113/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=a",
            .authorizationHeaderMalformed
        ),
        (
            "AWS4-HMAC-SHA256 Credential=team/key/20231114//s3/aws4_request,SignedHeaders=host,Signature=a",
            .authorizationHeaderMalformed
        ),
    ])
    func `an authorization of another form is refused`(authorization: String, expected: S3ErrorCode) throws {
        let request = Request()
        #expect(
            try code(request, replacing(request.signed(), "authorization") { _ in authorization }) == expected
        )
    }

    @Test(
        arguments: [
            ("authorization", nil, S3ErrorCode.accessDenied), ("x-amz-date", nil, .accessDenied),
            ("x-amz-date", "yesterday", .accessDenied), ("x-amz-content-sha256", nil, .invalidRequest),
            ("x-amz-content-sha256", "abc", .invalidArgument),
            ("x-amz-content-sha256", "UNSIGNED-PAYLOAD", .signatureDoesNotMatch),
        ] as [(String, String?, S3ErrorCode)]
    )
    func `a missing or malformed header has its own code`(name: String, value: String?, expected: S3ErrorCode)
        throws
    {
        let request = Request()
        #expect(try code(request, replacing(request.signed(), name) { _ in value }) == expected)
    }

    @Test func `a signature in upper case is no signature`() throws {
        let request = Request()
        let headers = try replacing(request.signed(), "authorization") { value in
            let mark = "Signature="
            guard let range = value.firstRange(of: mark) else { return value }
            return value[..<range.upperBound] + value[range.upperBound...].uppercased()
        }
        #expect(code(request, headers) == .signatureDoesNotMatch)
    }

    @Test(arguments: ["x-amz-meta-late", "x-amz-acl"])
    func `an x-amz header added after signing is refused`(name: String) throws {
        let request = Request()
        var headers = try request.signed()
        headers.append(name, "value")
        #expect(code(request, headers) == .accessDenied)
    }

    @Test func `header and query authentication together are refused`() throws {
        let request = Request(target: "/bucket/key?X-Amz-Signature=a")
        #expect(try code(request, request.signed()) == .invalidArgument)
    }

    @Test(
        arguments: [
            (0, 600, nil), (700, 600, .accessDenied), (-1200, 600, .accessDenied),
            (0, -1, .authorizationQueryParametersError), (0, 604_801, .authorizationQueryParametersError),
        ] as [(Int64, Int64, S3ErrorCode?)]
    )
    func `a presigned URL is good from its date until it expires`(
        ageSeconds: Int64,
        expirySeconds: Int64,
        expected: S3ErrorCode?
    ) throws {
        let target = RequestSigner(credentials: Self.credentials, region: "us-east-1").presign(
            method: "GET",
            target: try RequestTarget(parsing: "/bucket/key"),
            authority: "127.0.0.1:9000",
            expirySeconds: expirySeconds,
            at: S3Timestamp(seconds: Self.now.seconds - ageSeconds)
        )
        let request = Request(method: "GET", target: target.encoded)
        #expect(code(request, HeaderFields(["host": "127.0.0.1:9000"])) == expected)
    }
}
