import S3Wire
import Testing

/// Where a secret must not be found.
struct SecrecyTests {
    private static let credentials = S3Credentials(
        accessKey: "AKIAIOSFODNN7EXAMPLE",
        secretKey: "wJalrXUtnFEMI",
        sessionToken: "tokentokentoken"
    )

    @Test func `no description, mirror or dump of credentials shows the secret`() {
        var dumped = ""
        dump(Self.credentials, to: &dumped)
        let texts = [
            "\(Self.credentials)", String(reflecting: Self.credentials), "\([Self.credentials])",
            "\(Optional(Self.credentials) as Any)", dumped,
        ]
        for text in texts {
            #expect(text.contains("AKIA") && !text.contains("AKIAI"))
            #expect(!text.contains("wJal") && !text.contains("token"))
        }
    }

    @Test func `no error says what the signature would have been`() throws {
        let verifier = RequestVerifier(credentials: [Self.credentials], region: "us-east-1")
        var headers = HeaderFields(["host": "h"])
        RequestSigner(credentials: Self.credentials, region: "us-east-1").sign(
            &headers,
            method: "GET",
            target: try RequestTarget(parsing: "/b/k"),
            payloadHash: PayloadHash.unsignedText,
            at: RequestVerifierTests.now
        )
        let right = try #require(headers["authorization"]?.split(separator: "Signature=").last)
        let error = #expect(throws: S3RequestError.self) {
            try verifier.verify(
                method: "PUT",
                target: try RequestTarget(parsing: "/b/k"),
                headers: headers,
                now: RequestVerifierTests.now
            )
        }
        let document = error.map {
            String(decoding: $0.document(resource: "/b/k", requestID: "1", hostID: "2"), as: UTF8.self)
        }
        #expect(document?.contains("SignatureDoesNotMatch") == true)
        #expect(document?.contains(right) == false && document?.contains("wJal") == false)
    }
}
