import S3Wire
import Testing

struct SigV2Tests {
    private static let credentials = SigV4VectorTests.credentials
    private static let host = HeaderFields(["host": "127.0.0.1:9000"])

    /// AWS, "Authenticating requests (AWS Signature Version 2)", the example of query string authentication.
    @Test func `the example of AWS has the signature that AWS gives`() throws {
        let text = SigV2.stringToSign(
            method: "GET",
            target: try RequestTarget(parsing: "/johnsmith/photos/puppy.jpg"),
            headers: HeaderFields(),
            expires: "1175139620"
        )
        #expect(text == "GET\n\n\n1175139620\n/johnsmith/photos/puppy.jpg")
        let signature = SigV2.signature(of: text, secret: Self.credentials.secretKey)
        #expect(signature == "NpgCjnDzrM+WFzoENXmpNDUsSn8=")
    }

    private func target(_ path: String, method: String = "GET", expires: Int64 = 1000) throws -> RequestTarget
    {
        let plain = try RequestTarget(parsing: path)
        let text = SigV2.stringToSign(
            method: method,
            target: plain,
            headers: Self.host,
            expires: "\(expires)"
        )
        return RequestTarget(
            path: plain.path,
            query: plain.query + [
                .init("AWSAccessKeyId", Self.credentials.accessKey), .init("Expires", "\(expires)"),
                .init("Signature", SigV2.signature(of: text, secret: Self.credentials.secretKey)),
            ]
        )
    }

    private func code(
        _ target: RequestTarget,
        method: String = "GET",
        headers: HeaderFields = host,
        now: Int64 = 999
    ) -> S3ErrorCode? {
        let verifier = RequestVerifier(credentials: [Self.credentials], region: "us-east-1")
        do throws(S3RequestError) {
            _ = try verifier.verify(
                method: method,
                target: target,
                headers: headers,
                now: S3Timestamp(seconds: now)
            )
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: [
        "/b/k", "/b/k%20%C3%A9%2B", "/b/k?response-content-type=text/plain", "/b?prefix=a", "/b/k?acl",
    ])
    func `a URL signed by version 2 is accepted`(path: String) throws {
        #expect(try code(target(path)) == nil)
    }

    @Test func `what was changed, added, expired or is unknown is refused`() throws {
        let right = try target("/b/k")
        func adding(_ name: String, _ value: String = "") -> RequestTarget {
            RequestTarget(path: right.path, query: right.query + [.init(name, value)])
        }
        #expect(code(right, now: 1001) == .accessDenied)
        #expect(code(right, method: "HEAD") == .signatureDoesNotMatch)
        #expect(code(right, method: "DELETE") == .invalidRequest)
        #expect(code(RequestTarget(path: Array("/b/l".utf8), query: right.query)) == .signatureDoesNotMatch)
        for name in ["acl", "tagging", "attributes", "uploadId", "response-content-type", "retention"] {
            #expect(code(adding(name)) == .signatureDoesNotMatch)
        }
        #expect(code(adding("x-amz-acl", "public-read")) == .signatureDoesNotMatch)
        var headers = Self.host
        headers.append("x-amz-meta-late", "1")
        #expect(code(right, headers: headers) == .signatureDoesNotMatch)
        headers = Self.host
        headers.append("content-type", "text/html")
        #expect(code(right, headers: headers) == .signatureDoesNotMatch)
        for missing in ["AWSAccessKeyId", "Expires", "Signature"] {
            let query = right.query.filter { $0.name != missing }
            #expect(code(RequestTarget(path: right.path, query: query)) == .accessDenied)
        }
        let stranger = right.query.map { $0.name == "AWSAccessKeyId" ? .init($0.name, "other") : $0 }
        #expect(code(RequestTarget(path: right.path, query: stranger)) == .invalidAccessKeyID)
        let short = right.query.map { $0.name == "Signature" ? .init($0.name, "AAAA") : $0 }
        #expect(code(RequestTarget(path: right.path, query: short)) == .signatureDoesNotMatch)
    }

    @Test func `switched off, the answer names the other version`() throws {
        let verifier = RequestVerifier(
            credentials: [Self.credentials],
            region: "us-east-1",
            acceptsSigV2: false
        )
        let right = try target("/b/k")
        let error = #expect(throws: S3RequestError.self) {
            try verifier.verify(
                method: "GET",
                target: right,
                headers: Self.host,
                now: S3Timestamp(seconds: 999)
            )
        }
        #expect(error?.code == .invalidRequest && error?.message.contains("signature_version=s3v4") == true)
    }

    @Test func `a bucket in the host is signed as part of the path`() throws {
        let signed = try target("/bucket/k")
        let verifier = RequestVerifier(credentials: [Self.credentials], region: nil)
        let verified = try verifier.verify(
            method: "GET",
            target: RequestTarget(path: Array("/k".utf8), query: signed.query),
            headers: Self.host,
            hostBucket: "bucket",
            now: S3Timestamp(seconds: 999)
        )
        #expect(verified.isPresigned && verified.chunks == nil)
    }
}
