import S3Wire
import Testing

/// The worked examples of AWS, "Authenticating Requests (AWS Signature Version 4)" for S3.
struct SigV4VectorTests {
    static let credentials = S3Credentials(
        accessKey: "AKIAIOSFODNN7EXAMPLE",
        secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    )
    static let time = S3Timestamp(milliseconds: 1_369_353_600_000)

    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var method = "GET"
        let target: String
        var headers: KeyValuePairs<String, String> = [:]
        var payloadHash = PayloadHash.emptyText
        let signature: String
    }

    static let examples = [
        Example(
            testDescription: "get object",
            target: "/test.txt",
            headers: ["range": "bytes=0-9"],
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        ),
        Example(
            testDescription: "put object",
            method: "PUT",
            target: "/test%24file.text",
            headers: ["date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"],
            payloadHash: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        ),
        Example(
            testDescription: "get bucket lifecycle",
            target: "/?lifecycle",
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        ),
        Example(
            testDescription: "list objects",
            target: "/?prefix=J&max-keys=2",
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        ),
    ]

    private func signed(_ example: Example) throws -> (RequestTarget, HeaderFields) {
        let target = try RequestTarget(parsing: example.target)
        var headers = HeaderFields(["host": "examplebucket.s3.amazonaws.com"])
        for (name, value) in example.headers { headers.append(name, value) }
        let signer = RequestSigner(credentials: Self.credentials, region: "us-east-1")
        signer.sign(
            &headers,
            method: example.method,
            target: target,
            payloadHash: example.payloadHash,
            at: Self.time
        )
        return (target, headers)
    }

    @Test(arguments: examples)
    func `a request is signed as AWS signs it`(example: Example) throws {
        let (_, headers) = try signed(example)
        #expect(headers["authorization"]?.hasSuffix("Signature=\(example.signature)") == true)
    }

    @Test(arguments: examples)
    func `what the signer signs the verifier accepts`(example: Example) throws {
        let (target, headers) = try signed(example)
        let verifier = RequestVerifier(credentials: [Self.credentials], region: "us-east-1")
        let verified = try verifier.verify(
            method: example.method,
            target: target,
            headers: headers,
            now: Self.time
        )
        #expect(verified.payload == .sha256(example.payloadHash))
    }

    @Test func `a URL is presigned as AWS presigns it, and accepted`() throws {
        let target = RequestSigner(credentials: Self.credentials, region: "us-east-1").presign(
            method: "GET",
            target: try RequestTarget(parsing: "/test.txt"),
            authority: "examplebucket.s3.amazonaws.com",
            expirySeconds: 86400,
            at: Self.time
        )
        let expected = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        #expect(target.value(of: "X-Amz-Signature") == expected)
        let verified = try RequestVerifier(credentials: [Self.credentials], region: "us-east-1").verify(
            method: "GET",
            target: try RequestTarget(parsing: target.encoded),
            headers: HeaderFields(["host": "examplebucket.s3.amazonaws.com"]),
            now: Self.time
        )
        #expect(verified.payload == .unsigned)
    }
}
